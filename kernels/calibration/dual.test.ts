import { describe, expect, it } from "vitest";
import { dense } from "../linalg/dense.ts";
import { type Dual, throughDual } from "./dual.ts";
import { startReduction } from "./reduce.ts";
import type { Calibration } from "./types.ts";
import { undoDual } from "./undo.ts";

const cols = 4;
const x = Float32Array.of(1, 2, -3, 4, 0.5, -6, 7, 8, -9, 1, 2, 3, 4, -4, 0.25, 1, 6, 1, 2, -2);

async function calibrationOf(rows: Float32Array): Promise<Calibration> {
  const reduction = await startReduction(cols);
  await reduction.add(rows);
  return reduction.finish({ kind: "activations", name: "X.npy", digest: "" });
}

const close = (found: ArrayLike<number>, wanted: ArrayLike<number>) => {
  expect(found.length).toBe(wanted.length);
  Array.from(found, (value, i) => expect(value).toBeCloseTo(wanted[i], 5));
};

/** x' of every dual by hand, in float32 as rows are kept. */
const channels: Dual = { kind: "channels", from: Uint32Array.of(2, 0, 3, 1), factor: Float64Array.of(1, -2, 0.5, 4) };
const moved = x.map(
  (_, i) => [x[i - (i % 4) + 2], -2 * x[i - (i % 4)], 0.5 * x[i - (i % 4) + 3], 4 * x[i - (i % 4) + 1]][i % 4],
);
const mixing = (a: number, b: number) => [a + b, a - b];
const rows: Dual = {
  kind: "rows",
  apply(values, at, count) {
    for (let i = at; i < at + count; i += 2) [values[i], values[i + 1]] = mixing(values[i], values[i + 1]);
  },
};
const mixed = x.map((_, i) => mixing(x[i - (i % 2)], x[i - (i % 2) + 1])[i % 2]);
const matrix: Dual = {
  kind: "dense",
  matrix: dense(4, 4, Float64Array.of(1, 1, 0, 0, 1, -1, 0, 0, 0, 0, 1, 1, 0, 0, 1, -1)),
};

describe.each<[string, Dual, Float32Array]>([
  ["moves and scales channels", channels, moved],
  ["mixes channels of a row", rows, mixed],
  ["multiplies by a matrix", matrix, mixed],
])("a transform that %s", (_, dual, by) => {
  it("takes every part of a calibration along, as if it were of the transformed inputs", async () => {
    const [found, wanted] = [await throughDual(await calibrationOf(x), dual, "cross", "step"), await calibrationOf(by)];
    close(found.gram!.values, wanted.gram!.values);
    for (const part of ["mean", "meanAbs", "meanSquare", "min", "max", "rows"] as const)
      close(found[part]!, wanted[part]!);
    found.quantiles!.forEach(({ values }, i) => {
      close(values, wanted.quantiles![i].values);
    });
    expect([...found.gram!.values]).toEqual(
      [...found.gram!.values].map((_, i, all) => all[(i % cols) * cols + Math.floor(i / cols)]),
    );
  });

  it("takes the cross moment on both sides", async () => {
    const whole = await calibrationOf(x);
    const skew = whole.gram!.values.map((v, i) => v + i);
    const found = await throughDual({ ...whole, cross: dense(4, 4, skew) }, dual, "cross", "step");
    // M^T (G + S) M less M^T G M is M^T S M: linear, and not symmetric.
    const s = await throughDual(
      {
        ...whole,
        cross: dense(
          4,
          4,
          skew.map((_, i) => i),
        ),
      },
      dual,
      "cross",
      "step",
    );
    close(
      found.cross!.values,
      found.gram!.values.map((g, i) => g + s.cross!.values[i]),
    );
  });
});

it("mixes nothing of which only channel statistics are known", async () => {
  const known = { ...(await calibrationOf(x)), gram: null, rows: null };
  await expect(throughDual(known, rows, "channels", "ht")).rejects.toThrow(
    "ht mixes channels, and X.npy knows them one by one: what it tells does not hold behind ht",
  );
  expect((await throughDual(known, channels, "channels", "perm")).meanSquare).not.toBeNull();
});

describe("a shift of channels", () => {
  const shift = Float64Array.of(0.5, -3, 1, 2);
  const shifted: Dual = { ...channels, shift } as Dual;
  /** factor (x[from] - shift), by the channels moved and scaled above. */
  const by = moved.map((value, i) => value - [0.5, 6, 0.5, 8][i % 4]);

  it("takes sums, means, ends and rows along, as if they were of the shifted inputs", async () => {
    const [found, wanted] = [
      await throughDual(await calibrationOf(x), shifted, "gram", "step"),
      await calibrationOf(by),
    ];
    close(found.gram!.values, wanted.gram!.values);
    for (const part of ["mean", "meanAbs", "meanSquare", "min", "max", "rows"] as const)
      close(found[part]!, wanted[part]!);
    found.quantiles!.forEach(({ values }, i) => {
      close(values, wanted.quantiles![i].values);
    });
  });

  it("comes back", async () => {
    const there = await throughDual(await calibrationOf(x), shifted, "rows", "step");
    close((await undoDual(dense(5, cols, Float64Array.from(there.rows!)), shifted, {})).values, x);
  });

  it("is refused where what follows of the inputs is not known", async () => {
    const known = await calibrationOf(x);
    await expect(throughDual({ ...known, mean: null }, shifted, "gram", "step")).rejects.toThrow(
      "X.npy has no mean of each input channel over a number of tokens",
    );
    await expect(throughDual({ ...known, cross: known.gram }, shifted, "cross", "step")).rejects.toThrow(
      "the cross moment of inputs does not go through a step that takes a middle off them",
    );
    const single = await throughDual(
      { ...known, rows: null, quantiles: null, mean: null },
      shifted,
      "channels",
      "step",
    );
    expect([single.meanAbs, single.meanSquare, single.mean]).toEqual([null, null, null]);
  });
});
