import { expect, it } from "vitest";
import type { ModelInfo } from "../binding.ts";
import { modelPart } from "../state.ts";
import { groundOf } from "./ground.ts";

const info = { source: "s", problems: [] as string[], bundled: true, positions: 64 } as unknown as ModelInfo;
const held = { files: new Map(), pasted: new Map(), sample: null };
const asked = { info, state: modelPart.initial, held, definitions: [], calibration: undefined };

it("is the model as it is on the view's text, whatever the rules of A and B are", () => {
  const one = groundOf(asked);
  const other = groundOf({ ...asked, state: { ...asked.state, a: "q4_k", b: "", kvA: "*=int8" } });
  expect(one.key).toBe(other.key);
  expect(one.words).toBe("held-out text, 32 windows of 64 tokens");
  expect(one.ground).toEqual({
    ...{ source: "s", text: { kind: "bundled", part: "judge" }, definitions: [], device: null, budget: null },
    windows: { tokens: 64, stride: 64, most: 32, seed: 0 },
  });
});

it("is none where the model cannot be run or the text is not at hand, and says why", () => {
  expect(groundOf({ ...asked, info: { ...info, problems: ["no tokenizer"] } }).why).toContain("cannot be run");
  expect(groundOf({ ...asked, info: null }).why).toContain("No model is open");
  const state = { ...asked.state, text: "long:00000000000000000000000000000000:9" };
  expect(groundOf({ ...asked, state }).why).toContain("not at hand");
});
