import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBits, neighbour } from "../testing/cases.ts";
import { add, compare, divide, exactly, multiply, nearestFloat32, subtract } from "../testing/rational.ts";
import { exponentOf } from "./bits.ts";
import { stableExp, stableLog, stablePow } from "./pow.ts";
import { dividesExactly, ratioToFloat32, signOfSum } from "./ratio.ts";

const positive = fc.integer({ min: 1, max: 0x7f7fffff }).map(fromBits);
const float32 = fc.oneof(
  positive,
  positive.map((x) => -x),
);
const relative = (a: number, b: number) => Math.abs(a / b - 1);

describe("bits", () => {
  it("gives the exponent of every float32 but zero", () => {
    fc.assert(fc.property(float32, (x) => 2 ** exponentOf(x) <= Math.abs(x) && Math.abs(x) < 2 ** (exponentOf(x) + 1)));
  });
});

describe("ratioToFloat32 rounds a quotient once", () => {
  const check = (x: number, lo: number, den: number) => {
    const wanted = nearestFloat32(divide(add(exactly(x), exactly(lo)), exactly(den)));
    expect([x, lo, den, ratioToFloat32(x, lo, den)]).toEqual([
      x,
      lo,
      den,
      wanted === 0 ? expect.closeTo(0, 60) : wanted,
    ]);
  };
  it("of any two float32", () => {
    fc.assert(
      fc.property(float32, float32, (x, s) => check(x, 0, s)),
      { numRuns: 3000 },
    );
  });
  it("next to the middle of two float32, where a double quotient falls on the middle", () => {
    const divisors = fc.oneof(fc.constantFrom(3, 6, 7, 7.5, 127, 127.5, 448, 2688, 120, 57344), positive);
    fc.assert(
      fc.property(positive, divisors, fc.integer({ min: -2, max: 2 }), (f, d, ulps) => {
        const middle = f / 2 + neighbour(f, 1) / 2;
        const product = middle * d;
        if (!Number.isFinite(product) || product < 2 ** -1000) return;
        // A few units of the double numerator about middle * d, which itself is rounded.
        check(product + ulps * 2 ** (exponentOf(product) - 52), 0, d);
        check(product, ulps * 2 ** (exponentOf(product) - 80), d);
      }),
      { numRuns: 3000 },
    );
  });
  it("at subnormals and at the end of the range", () => {
    for (const [x, d] of [
      [2 ** -149, 2],
      [2 ** -149, 2 - 2 ** -23],
      [3 * 2 ** -149, 2],
      [2 ** -126, 3],
      [3.4028234663852886e38, 1 - 2 ** -24],
      [3.4028234663852886e38, 1 - 2 ** -25],
      [3.4028234663852886e38, 0.5],
    ]) {
      check(x, 0, d);
      check(-x, 0, d);
      check(x, 0, -d);
    }
  });
  it("knows which double quotients are exact", () => {
    fc.assert(
      fc.property(float32, float32, fc.boolean(), (a, b, whole) => {
        const [n, den] = whole ? [a * b, b] : [a, b];
        const q = n / den;
        expect(dividesExactly(n, den, q)).toBe(compare(exactly(n), multiply(exactly(q), exactly(den))) === 0);
      }),
      { numRuns: 2000 },
    );
  });
  it("has signs of sums of products exactly", () => {
    const double = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(double, double, double, (a, b, c) => {
        const product = { n: exactly(a).n * exactly(b).n, d: exactly(a).d * exactly(b).d };
        expect(signOfSum([[a, b], [c]])).toBe(compare(add(product, exactly(c)), exactly(0)));
        expect(
          signOfSum([
            [a, b],
            [-a, b],
          ]),
        ).toBe(0);
        expect(signOfSum([[a], [-b]])).toBe(compare(subtract(exactly(a), exactly(b)), exactly(0)));
      }),
    );
  });
});

describe("powers from + - * / alone", () => {
  it("has the logarithm to a few units of the last place", () => {
    fc.assert(
      fc.property(
        positive,
        (x) => Math.abs(stableLog(x) - Math.log(x)) <= 1e-14 * Math.max(0.05, Math.abs(Math.log(x))),
      ),
    );
    expect(stableLog(1)).toBe(0);
  });
  it("has the exponential", () => {
    fc.assert(
      fc.property(fc.double({ min: -690, max: 700, noNaN: true }), (x) => relative(stableExp(x), Math.exp(x)) < 2e-15),
    );
    expect(stableExp(0)).toBe(1);
    expect(stableExp(-1000)).toBe(0);
  });
  it("has powers of magnitudes", () => {
    const p = fc.double({ min: 0.1, max: 7, noNaN: true });
    const moderate = float32.filter((x) => Math.abs(x) > 1e-30 && Math.abs(x) < 1e30);
    fc.assert(fc.property(moderate, p, (x, e) => relative(stablePow(x, e), Math.abs(x) ** e) < 2e-13));
    expect([stablePow(0, 2.4), stablePow(-3, 1), stablePow(-3, 2)]).toEqual([0, 3, 9]);
  });
});
