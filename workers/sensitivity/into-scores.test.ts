import { expect, it } from "vitest";
import type { ScoreFile } from "../scores/types.ts";
import { joined } from "./into-scores.ts";
import type { SensitivityAnswer } from "./request.ts";

const scores = {
  tensors: [{ name: "a" }, { name: "b" }, { name: "c" }],
  recipes: ["int4/128", "int3/128"],
  signals: {
    nmse: {
      values: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      about: "",
    },
    kl: {
      values: [
        [9, 9],
        [9, 9],
        [9, 9],
      ],
      about: "before",
    },
  },
} as unknown as ScoreFile;
const answer = {
  tensors: ["c", "a"],
  recipes: ["int3/128"],
  signals: {
    kl: { values: [[0.3], [null]], error: [[0.1], [null]], about: "now" },
    lrp: { values: [[7], [8]], about: "shares" },
  },
} as unknown as SensitivityAnswer;

it("signals of a model go into a score file by names and recipes, and figures of two texts do not meet in one signal", () => {
  const { signals } = joined(scores, answer);
  expect(signals.nmse).toBe(scores.signals.nmse);
  expect(signals.kl).toEqual({
    values: [
      [null, null],
      [null, null],
      [null, 0.3],
    ],
    error: [
      [null, null],
      [null, null],
      [null, 0.1],
    ],
    about: "now",
  });
  const same = { ...scores, signals: { ...scores.signals, kl: { ...scores.signals.kl, about: "now" } } };
  expect(joined(same, answer).signals.kl.values).toEqual([
    [9, 9],
    [9, 9],
    [9, 0.3],
  ]);
  expect(signals.lrp.values).toEqual([[8], [null], [7]]);
});

it("that have nothing in common are refused", () => {
  expect(() => joined(scores, { ...answer, tensors: ["x", "y"] })).toThrow(/none of the tensors/);
  expect(() => joined(scores, { ...answer, recipes: ["nvfp4"] })).toThrow(/none of the recipes/);
});
