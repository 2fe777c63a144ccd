import { describe, expect, it } from "vitest";
import { planOf } from "../../testing/matrix.ts";

/** The ends that a rule takes from values. */
function clipOf(recipe: string, values: number[]) {
  const { finding } = planOf(recipe, 1, 32).levels[0].rule;
  if (finding.kind !== "clip") throw new Error(`${recipe} takes no clip`);
  return finding.of(Float32Array.from(values));
}

describe("a clip of its own", () => {
  it("of values none of which is finite is nothing", () => {
    for (const rule of ["pct(50)", "rms(2)", "std(2)", "absmean"]) {
      expect(clipOf(`int4/32~${rule}`, []), rule).toEqual([0, 0]);
    }
    expect(clipOf("int4(asym)/32~pct(50)", [])).toEqual([-0, 0]);
  });

  it("is the magnitude with so many percent at or below it, by the nearest rank", () => {
    const values = [-4, 1, 3, -2];
    const at = (p: number) => clipOf(`int4/32~pct(${p})`, values)[1];
    // Three quarters of four are three, and nothing more is four.
    expect([at(0.1), at(25), at(25.1), at(50), at(75), at(75.1), at(100)]).toEqual([1, 1, 2, 2, 3, 4, 4]);
    // 29 of 100 are 29, though a product of doubles is a little more.
    const many = Array.from({ length: 100 }, (_, i) => i + 1);
    expect([clipOf("int4/32~pct(29)", many)[1], clipOf("int4/32~pct(57)", many)[1]]).toEqual([29, 57]);
  });

  it("has for affine formats an end of the values and one of their negatives, and holds zero", () => {
    const values = [-1, 2, 5, 8, -3];
    expect(clipOf("int4(asym)/32~pct(100)", values)).toEqual([-3, 8]);
    expect(clipOf("int4(asym)/32~pct(80)", values)).toEqual([-1, 5]);
    expect(clipOf("int4(asym)/32~pct(100)", [2, 5])).toEqual([-0, 5]);
    expect(clipOf("int4(asym)/32~pct(100)", [-2, -5])).toEqual([-5, 0]);
    // A percentile of positive values alone, below which nothing lies.
    expect(clipOf("int4(asym)/32~pct(50)", [1, 2, 3, 4])).toEqual([-0, 2]);
  });

  it("leaves the values as they were", () => {
    const values = Float32Array.of(3, -1, 2);
    for (const recipe of ["int4/32~pct(50)", "int4(asym)/32~pct(50)", "int4/32~std(2)"]) {
      const { finding } = planOf(recipe, 1, 32).levels[0].rule;
      if (finding.kind === "clip") finding.of(values);
      expect(Array.from(values)).toEqual([3, -1, 2]);
    }
  });

  it("is a multiple of a mean about zero, about the mean, or of magnitudes", () => {
    const values = [1, 3, -2, 6];
    expect(clipOf("int4/32~rms(2)", values)).toEqual([0, 2 * Math.sqrt(50 / 4)]);
    expect(clipOf("int4/32~std(2)", values)).toEqual([0, 2 * Math.sqrt((1 + 1 + 16 + 16) / 4)]);
    expect(clipOf("int4/32~absmean(0.5)", values)).toEqual([0, 1.5]);
  });
});

it("a rule that takes no clip of its own looks at the largest magnitude alone, or searches", () => {
  const kind = (recipe: string) => planOf(recipe, 1, 32).levels[0].rule.finding.kind;
  expect(["int4/32", "int4(asym)/32", "mxfp4", "e2m1/32~rceil:bf16"].map(kind)).toEqual(Array(4).fill("extent"));
  expect(["int4/32~mse", "int4/32~shrink"].map(kind)).toEqual(["search", "shrink"]);
  expect(["int4/32", "int4/32~mse", "int4/32~pct(9)"].map((recipe) => planOf(recipe, 1, 32).wholeBlocks)).toEqual([
    false,
    true,
    true,
  ]);
});
