import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { floatBits, floatFromBits } from "../exact/bits.ts";
import { planOf } from "../testing/matrix.ts";
import { hasPlainScales, MOST_RANKS, scaleSteps, scalesOf } from "./steps.ts";
import { countsSummary, plainSummary, valuesSummary } from "./summary.ts";

const SHIFT = 19;
const LARGEST = floatFromBits(0x7f7fffff);
const magnitudes = fc.integer({ min: 0, max: 0x7f7fffff }).map(floatFromBits);

describe("a staircase of scales gives what resolving gives", () => {
  it.each([
    ["mxfp4", LARGEST],
    ["mxfp4~mx(ceil)", LARGEST],
    ["mxfp6~mx(even)", LARGEST],
    ["e2m1/32:e8m0@up", LARGEST],
    ["nvfp4", 3.25],
    ["e2m1/16:e5m3", 1000],
    ["int4/32:e4m3/tensor:bf16", 1e20],
    ["e2m1/16:ue5m3", 1000],
  ])("%s below %f", (recipe, most) => {
    const plan = planOf(recipe, 4, 64);
    const { steps, stored, effective } = scaleSteps(plan, most, SHIFT)!;
    expect(stored.length).toBeLessThanOrEqual(MOST_RANKS);
    const property = fc.property(magnitudes, fc.boolean(), (any, near) => {
      // Half of them beside a step.
      const stretch = floatBits(any) >>> SHIFT;
      const step = steps[2 * stretch];
      const amax = near && step < 0x7f800000 ? floatFromBits(step - (floatBits(any) & 1)) : any;
      fc.pre(amax <= most);
      const at = floatBits(amax) >>> SHIFT;
      const rank = steps[2 * at + 1] + (floatBits(amax) >= steps[2 * at] ? 1 : 0);
      const expected = scalesOf(plan, Float32Array.of(amax), most);
      expect([stored[rank], effective[rank]]).toEqual([expected.levels[0].values[0], expected.effective[0]]);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it.each(["int4/32~mse", "int4(asym)/32", "e2m1/16:e4m3@sr(seed=1)", "bnb_nf4", "int4(signmax)/32"])(
    "but not for %s",
    (recipe) => {
      expect(hasPlainScales(planOf(recipe, 4, 64))).toBe(false);
    },
  );

  it("or where there are more than two levels, each one a tensor though those outside are", () => {
    const plain = (recipe: string) => hasPlainScales(planOf(recipe, 4, 64));
    expect(plain("e2m1/16:e4m3/tensor:f16")).toBe(true);
    expect(plain("e2m1/16:e4m3/tensor:f16/tensor")).toBe(false);
  });

  it.each([
    ["int4/32:f16", 1],
    ["e2m1/16:e3m5", 64],
    ["nvfp4", 2 ** -130],
    // With that of blocks of zeros it has 257.
    ["e2m1/16:ue5m3", LARGEST],
  ])("and there is none where steps lie too close or are too many: %s below %f", (recipe, most) => {
    expect(scaleSteps(planOf(recipe, 4, 64), most, SHIFT)).toBeNull();
  });
});

describe("summaries of scales", () => {
  it("are the same from values, from values without sign, and from counts", () => {
    const few = fc.array(fc.constantFrom(0, 2 ** -149, 2 ** -130, 0.25, 0.3, 448, LARGEST), { minLength: 1 });
    fc.assert(
      fc.property(fc.oneof(few, fc.array(magnitudes, { minLength: 1 })), (list) => {
        const values = Float32Array.from(list);
        const expected = valuesSummary(values);
        expect(plainSummary(values)).toEqual(expected);
        const distinct = Float32Array.from(new Set(values)).sort();
        const counts = Array.from(distinct, (v) => values.filter((x) => x === v).length);
        expect(countsSummary(distinct, counts)).toEqual(expected);
      }),
    );
  });
});
