import { expect, it } from "vitest";
import { createStore } from "zustand/vanilla";
import { SHORT_TEXT } from "./text-choice.ts";
import { type HeldTexts, holdFile, holdPasted, specOf } from "./texts.ts";

const store = () => createStore<HeldTexts>(() => ({ files: new Map(), pasted: new Map(), sample: null }));

it("a short pasted text is the choice itself, a long one is held by its digest", async () => {
  const held = store();
  const short = await holdPasted(held, "Call me Ishmael.");
  expect(specOf(short, held.getState())).toEqual({ kind: "typed", text: "Call me Ishmael." });
  const text = "é".repeat(SHORT_TEXT + 1);
  const long = await holdPasted(held, text);
  expect(long).toMatchObject({ kind: "long", size: 2 * SHORT_TEXT + 2 });
  expect(specOf(long, held.getState())).toEqual({ kind: "typed", text });
  // Elsewhere it is not at hand.
  expect(specOf(long, store().getState())).toBeNull();
});

it("a file is known by its bytes, whatever it is called", async () => {
  const [here, there] = [store(), store()];
  const choice = await holdFile(here, new File(["some words"], "a.txt"));
  expect(specOf(choice, there.getState())).toBeNull();
  await holdFile(there, new File(["some words"], "b.txt"));
  expect(specOf(choice, there.getState())).toMatchObject({ kind: "file" });
});

it("a model without a text of its own takes the bundled one's, the same parts of it", () => {
  const held = store();
  const judge = { kind: "bundled", part: "judge" } as const;
  expect(specOf(judge, held.getState())).toEqual(judge);
  expect(specOf(judge, held.getState(), false)).toBeNull();
  held.setState({ sample: `${"a".repeat(40_000)}bc` });
  expect(specOf(judge, held.getState(), false)).toEqual({ kind: "typed", text: "a".repeat(40_000) });
  expect(specOf({ kind: "bundled", part: "calibrate" }, held.getState(), false)).toEqual({ kind: "typed", text: "bc" });
});
