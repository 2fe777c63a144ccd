import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ScaleLevel } from "../plan/plan.ts";
import { planOf } from "../testing/matrix.ts";
import { roundScale } from "./round.ts";
import { codeFinder, storeOf } from "./store.ts";

const levelOf = (storage: string): ScaleLevel => planOf(`int4(signmax)/2:${storage}`, 1, 2).levels[0];
const unsigned = (storage: string): ScaleLevel => planOf(`int4/2:${storage}`, 1, 2).levels[0];

const levels = [
  ..."f16 bf16 e4m3 e5m2 e4m3fnuz int8 int4(frac=3) e3m2(bias=40) e0m5 nf4 tf32".split(" ").map(levelOf),
  ..."e8m0 e8m0@up ue5m3 ue4m3@trunc uint8 e2m3@odd f16@away e4m3@sr(seed=3) f32 e5m3(bias=-60)"
    .split(" ")
    .map(unsigned),
];

describe("a stored scale", () => {
  it("has the code of its value", () => {
    for (const level of levels) {
      if (!level.ladder) continue;
      const codeOf = codeFinder(level);
      expect(Uint32Array.from(level.ladder.levels, codeOf), level.text).toEqual(level.ladder.codes);
    }
  });

  it("is what exact rounding gives, next to ties and levels too", () => {
    const quotient = fc.record({
      level: fc.constantFrom(...levels),
      at: fc.nat(),
      /** On a level, on a middle, or anywhere. */
      where: fc.constantFrom("level", "middle", "any"),
      divisor: fc.constantFrom(1, 7, -8, 6, 7.5, 6 * 448, 127, 0.9999999403953552),
      off: fc.integer({ min: -3, max: 3 }),
      low: fc.constantFrom(0, 1, -1),
      any: fc.float({ noNaN: true, noDefaultInfinity: true }),
    });
    fc.assert(
      fc.property(quotient, ({ level, at, where, divisor, off, low, any }) => {
        const { ladder } = level;
        const targets = where === "any" || !ladder ? [any] : where === "level" ? ladder.levels : ladder.middles;
        const product = targets[at % targets.length] * divisor;
        const hi = where === "any" ? any : product * (1 + off * 2 ** -52);
        const lo = low * Math.abs(hi) * 2 ** -60;
        const wanted = roundScale(level, hi, lo, divisor, 0, at).value;
        expect(storeOf(level, 0)(hi, lo, divisor, at)).toBe(wanted);
      }),
      { numRuns: 3000 },
    );
  });
});
