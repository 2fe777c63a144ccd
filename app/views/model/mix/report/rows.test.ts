import { describe, expect, it } from "vitest";
import { tableOf } from "../../../../../workers/scores/table.ts";
import { scoresForTest } from "../testing/scores.ts";
import { limitsOf, refusedOf, rowsOf, totalOf } from "./rows.ts";

const scores = scoresForTest(["a", "b", "c"], ["int2/64", "int4/64"], {
  nmse: {
    values: [
      [0.4, 0.1],
      [0.2, null],
      [0.3, 0.2],
    ],
    error: [
      [0.04, 0.01],
      [0.02, null],
      [null, 0.02],
    ],
    weight: [2, 1, 1],
  },
});
const assigned = (choice: number[], some = scores) => ({
  scores: some,
  signal: "nmse",
  choice,
  pinned: (t: number) => t === 2,
});

describe("rows of an assignment", () => {
  it("have the loss that was added up, its error, bits and recipe; what is kept has none", () => {
    const [a, b, c] = rowsOf(assigned([0, -1, 1]));
    expect(a).toMatchObject({
      tensor: "a",
      recipe: "int2/64",
      bits: 16384,
      loss: 0.8,
      stderr: 0.08,
      read: 1,
      pinned: false,
    });
    expect(b).toMatchObject({ recipe: null, bits: 65536, loss: 0, stderr: 0, read: null });
    expect(c).toMatchObject({ recipe: "int4/64", pinned: true });
    expect(totalOf([a, b, c])).toEqual({ loss: 1, stderr: Math.hypot(0.08, 0.02) });
  });
  it("without a figure leave no sum that would hide it", () => {
    const rows = rowsOf(assigned([0, 1, 0]));
    expect(rows[1].loss).toBeNull();
    expect(totalOf(rows)).toEqual({ loss: null, stderr: null });
    expect(limitsOf(assigned([0, 1, 0]), rows)).toContainEqual(
      expect.stringMatching(/^1 tensor with a recipe have no figure/),
    );
  });
  it("add up as the page does: errors of one text as they are, those of a share of the energy too, and nothing of zeros", () => {
    const rows = rowsOf(assigned([0, -1, 1]));
    expect(totalOf(rows, true).stderr).toBeCloseTo(0.1, 12);
    const [first, , zeros] = scores.tensors;
    const some = {
      ...scores,
      tensors: [{ ...first, energy: 2, energyError: 0.2 }, scores.tensors[1], { ...zeros, energy: 0 }],
      signals: {
        nmse: {
          ...scores.signals.nmse,
          values: [
            [0.4, 0.1],
            [0.2, null],
            [null, null],
          ],
          weight: [2, 1, 0],
        },
      },
    };
    const table = tableOf(some, "nmse");
    const sampled = rowsOf(assigned([0, 0, 0], some));
    expect(sampled.map(({ loss }) => loss)).toEqual([0, 3, 6].map((at) => table.loss[at]));
    expect(sampled.map(({ stderr }) => stderr)).toEqual([0, 3, 6].map((at) => table.deviation![at]));
    expect(sampled[0].stderr).toBeCloseTo(2 * Math.hypot(0.04, 0.04), 12);
    expect(totalOf(sampled).loss).toBeCloseTo(1, 12);
  });
  it("of a signal that the scores lack have no loss", () =>
    expect(rowsOf({ ...assigned([0, 0, 0]), signal: "constructor" })[0].loss).toBeNull());
});

describe("what a report does not say", () => {
  const sampled = {
    ...scores,
    seed: 7,
    tensors: scores.tensors.map((tensor, t) => ({
      ...tensor,
      rowsRead: t === 0 ? 64 : 16,
      refused: [null, t === 0 ? null : "rows of 8"],
      inexact: [null, "the scale was taken from the rows read"],
    })),
  };
  it("is what was sampled, inexact, and known of inputs", () => {
    const said = limitsOf(assigned([0, 1, 1], sampled), rowsOf(assigned([0, 1, 1], sampled))).join("\n");
    expect(said).toContain("Losses of 2 tensors of 3 are estimates: 25.0 % of their rows were read (seed 7)");
    expect(said).toContain("Of 2 tensors the scale was taken from the rows read.");
    expect(said).toContain("Nothing was known of the inputs");
    expect(said).toContain("is no KL of the model");
  });
  it("is what was refused, each reason once", () =>
    expect(refusedOf(sampled)).toEqual([{ recipe: "int4/64", why: "rows of 8", tensors: 2 }]));
});
