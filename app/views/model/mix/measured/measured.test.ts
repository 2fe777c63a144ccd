import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { additivityOf, additivityWords } from "./additivity.ts";
import { bestUniform, type MeasuredPoint } from "./points.ts";
import { verdictOf } from "./verdict.ts";

const point = (
  kind: MeasuredPoint["kind"],
  bits: number | null,
  value: number | null,
  more: Partial<MeasuredPoint> = {},
): MeasuredPoint => ({
  ...{ id: `${kind} ${bits}`, kind, label: `${kind} of ${bits}`, bits, predicted: null, notes: [] },
  measured: { value, stderr: value === null ? null : 0.01 },
  ...more,
});
const unpaired = () => null;

describe("the best uniform recipe of at most the mix's size", () => {
  const points = [
    point("uniform", 3, 0.5),
    point("uniform", 3.5, 0.6),
    point("uniform", 3.6, 0.1),
    point("named", 3.1, 0.01),
  ];
  it("is the one of least KL, a smaller one too", () => {
    expect(bestUniform(points, 3.5)?.bits).toBe(3);
    expect(bestUniform(points, 3.6)?.bits).toBe(3.6);
    expect(bestUniform(points, 2.9)).toBeNull();
  });
  it("is no broken one, and none of unknown size", () => {
    expect(
      bestUniform([point("uniform", 3, null), point("uniform", 3, Number.NaN), point("uniform", null, 0)], 4),
    ).toBeNull();
  });
});

describe("the verdict", () => {
  const of = (mix: number | null, uniform: number | null, more: Partial<MeasuredPoint> = {}) =>
    verdictOf({
      ...{ mix: point("mix", 3.5, mix, more), points: [point("uniform", 3.4, uniform)] },
      ...{ paired: unpaired, noise: 0.001 },
    });
  it("says worse, better, or that nothing can be told", () => {
    expect(of(0.5, 0.4).standing).toBe("worse");
    expect(of(0.5, 0.4).words).toMatch(
      /^The mix is worse than uniform of 3\.4: its KL is higher by 0\.100 ± 0\.014 nats \(3\.500 bits against 3\.400 bits; not paired/,
    );
    expect(of(0.3, 0.4).standing).toBe("better");
    expect(of(0.39, 0.4).standing).toBe("unclear");
    expect(of(0.4, 0.4).standing).toBe("unclear");
  });
  it("takes the difference paired by window where there is one", () => {
    const paired = verdictOf({
      ...{ mix: point("mix", 3.5, 0.41), points: [point("uniform", 3.4, 0.4)] },
      ...{ paired: () => ({ value: 0.01, stderr: 0.001 }), noise: null },
    });
    expect(paired.standing).toBe("worse");
    expect(paired.words).toContain("paired by window");
  });
  it("holds the mix against the line between two uniform recipes, on which tensors picked blindly would lie", () => {
    const between = (mix: number) =>
      verdictOf({
        ...{ mix: point("mix", 3.5, mix), points: [point("uniform", 3, 0.6), point("uniform", 4, 0.2)] },
        ...{ paired: unpaired, noise: null },
      });
    // The line is at 0.4 there, with an error of at most 0.014.
    expect(between(0.5).standing).toBe("worse");
    expect(between(0.5).words).toMatch(
      /^The mix is worse than chance: its KL is 0\.100 ± 0\.014 nats above the line between uniform of 3 and uniform of 4/,
    );
    expect(between(0.41).standing).toBe("unclear");
    expect(between(0.3).standing).toBe("better");
    expect(between(0.3).words).toContain("0.100 ± 0.014 nats below the line to uniform of 4");
  });
  it("says which other mix of no more bits is better", () => {
    const named = [point("named", 3.4, 0.2), point("file", 3.3, 0.1), point("named", 3.6, 0.01), point("log", 3, 0.01)];
    const { words } = verdictOf({
      ...{ mix: point("mix", 3.5, 0.3), points: [point("uniform", 3.4, 0.4), ...named], paired: unpaired, noise: null },
    });
    expect(words).toMatch(
      /^The mix is better than uniform .* file of 3\.3 is better than the mix by 0\.200 ± 0\.014 nats at 3\.300 bits\.$/,
    );
    const equal = verdictOf({
      ...{ mix: point("mix", 3.5, 0.3), points: [point("named", 3.4, 0.3)], paired: unpaired, noise: null },
    });
    expect(equal.words).not.toContain("is better than the mix");
  });
  it("hides neither a broken mix nor a missing one nor a missing uniform recipe", () => {
    expect(of(null, 0.4).standing).toBe("worse");
    expect(of(Number.NaN, 0.4).words).toContain("not finite");
    expect(of(0.3, 0.4, { measured: null }).words).toContain("not measured");
    expect(of(0.3, null).words).toContain("No uniform recipe of at most 3.500 bits was measured");
    expect(verdictOf({ mix: null, points: [], paired: unpaired, noise: null }).standing).toBe("unknown");
  });
  it("tells no difference between two below the noise", () => expect(of(0.0005, 0.0001).standing).toBe("unclear"));
  it("claims nothing better without an error", () => {
    const bare = (mix: number) => of(mix, 0.4, { measured: { value: mix, stderr: null } });
    expect(bare(0.3).standing).toBe("unclear");
    expect(bare(0.5).standing).toBe("worse");
  });
});

describe("the additivity error", () => {
  const pair = (predicted: number, value: number) => point("neighbour", 3, value, { predicted });
  it("is the geometric mean of measured over predicted, with its spread", () => {
    const of = additivityOf([pair(0.1, 0.2), pair(0.1, 0.05)], null)!;
    expect(of.center).toBeCloseTo(1, 12);
    expect([of.least, of.most]).toEqual([0.5, 2]);
    expect(of.factor).toBeCloseTo(Math.exp(Math.sqrt(2) * Math.log(2)), 12);
    expect(of.ratios[0].stderr).toBeCloseTo(0.1, 12);
  });
  it("leaves out what has no ratio and counts it", () => {
    const of = additivityOf(
      [
        pair(0.1, 0.2),
        pair(0, 0.2),
        pair(0.1, Number.NaN),
        pair(0.1, 0.001),
        pair(Number.POSITIVE_INFINITY, 1),
        point("named", 3, 1),
      ],
      0.001,
    )!;
    expect([of.ratios.length, of.leftOut]).toEqual([1, 4]);
    expect(additivityWords(of, "kl")).toMatch(
      /measured KL is 2 times .* of 1 point, 4 left out\), one point tells no spread/,
    );
    expect(additivityWords(of, "other")).toContain("too few to fit");
    expect(additivityOf([pair(0, 0)], null)).toBeNull();
  });
  it("of another unit is only the spread: a factor on all predictions moves the center and nothing else", () => {
    const positive = fc.double({ min: 1e-6, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(positive, positive), { minLength: 2, maxLength: 8 }), positive, (pairs, c) => {
        const one = additivityOf(
          pairs.map(([p, m]) => pair(p, m)),
          null,
        )!;
        const other = additivityOf(
          pairs.map(([p, m]) => pair(p * c, m)),
          null,
        )!;
        expect(other.center * c).toBeCloseTo(one.center, -Math.floor(Math.log10(one.center)) + 6);
        expect(other.factor! / one.factor!).toBeCloseTo(1, 8);
      }),
    );
  });
});
