import { expect, it } from "vitest";
import { capturesOf, fileNamed, usualChoice } from "./capture.ts";
import { digestOf } from "./text-choice.ts";
import type { HeldTexts } from "./texts.ts";

const sample = `${"a".repeat(40_000)}the rest`;
const held: HeldTexts = { files: new Map(), pasted: new Map(), sample };
const digest = (text: string) => digestOf(new TextEncoder().encode(text));
const named = (digest: string) =>
  `16x512,seed=1,keep=512,text=${digest}:8:words.txt,model=0123456789abcdef,digest=0123456789abcdef,squares=1`;

it("a capture takes the text that does not judge, and windows that the model has positions for", () => {
  const own = { bundled: true, positions: 256 };
  expect(capturesOf(usualChoice, own, held, "nvfp4")).toEqual({
    text: { kind: "bundled", part: "calibrate" },
    spec: { windows: 16, tokens: 256, seed: 1, sequential: null, attention: false },
  });
  expect(capturesOf({ ...usualChoice, sequential: true }, own, held, "nvfp4")?.spec.sequential).toBe("nvfp4");
  const other = { bundled: false, positions: null };
  expect(capturesOf(usualChoice, other, held, "")?.text).toEqual({ kind: "typed", text: "the rest" });
  expect(capturesOf(usualChoice, other, { ...held, sample: null }, "")).toBeNull();
});

it("the text that a captured calibration names is found wherever it is at hand", async () => {
  expect(await fileNamed(named("ab").replace(/text=[^,]*/, "text=calibrate"), held)).toBeNull();
  expect(await (await fileNamed(named(await digest("the rest")), held))?.text()).toBe("the rest");
  expect(await fileNamed(named(await digest("others!!")), held)).toBeNull();
  const words = await digest("words");
  const pasted = { ...held, pasted: new Map([[words, "words"]]) };
  expect(await (await fileNamed(named(words), pasted))?.text()).toBe("words");
  const file = new File(["words"], "words.txt");
  expect(await fileNamed(named(words), { ...held, files: new Map([[words, file]]) })).toBe(file);
});
