import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRecipe } from "../notation/index.ts";
import { bestClip, gaussianError } from "./gaussian.ts";
import { density, moments, squareIntegral, upperTail } from "./normal.ts";
import { centredOf } from "./rounded.ts";

const read = (text: string) => centredOf(parseRecipe(text).quantizer)!;

/** Found by numerical integration and minimisation in numpy: scale and expected squared error. */
const measured: [text: string, scale: number, mse: number][] = [
  ["bipolar1", 0.7978845608028664, 0.3633802276324185],
  ["bipolar4", 2.5140045921649605 / 15, 0.01154288443135059],
  ["bipolar8", 3.9222040474096587 / 255, 8.768618578377718e-5],
  ["int2", 1.2240063802172723, 0.19017403924790124],
  ["int4", 0.3534113214247421, 0.01288938591070167],
  ["int4(full)", 0.3386079357705226, 0.01186403771042522],
  ["int4(asym)", 0.3386079357705226, 0.01186403771042522],
  ["int8", 0.030870086027568786, 8.830803071760261e-5],
  ["int8(full)", 0.030765577649781863, 8.770692197159738e-5],
  ["e2m1", 0.4870791737539484, 0.012684904138709525],
  ["e3m0", 0.2621012289014626, 0.03774498954505691],
  ["e1m2", 0.7068226273586129, 0.012889385910701594],
  ["e3m2", 0.16220564726269254, 0.002766106559768787],
  ["e2m3", 0.4996719783461658, 0.0008291470619393946],
  ["e4m3", 0.020377196108001126, 0.0006987494802495062],
  // Twice this scale gives the same error to twelve digits: the narrower clip is told.
  ["e5m2", 0.0003151857287830225 / 2, 0.002765568815812724],
  ["nf4", 2.863063056491151, 0.009899316480885767],
];

describe("the error on a Gaussian", () => {
  it.each(measured)("of %s at the best clip is that of numerical integration", (text, scale, mse) => {
    const best = bestClip(read(text))!;
    expect(best.mse / mse - 1).toBeCloseTo(0, 10);
    // Near its least the error hardly depends on the scale.
    expect(best.scale / scale - 1).toBeCloseTo(0, 5);
    expect(best.clip).toBe(best.scale * read(text).ladder.maxAbs);
  });

  it("of long runs of equal steps is the sum of their pieces", () => {
    for (const [text, s] of [
      ["int8", 0.012],
      ["e5m6", 2 ** -11],
      ["e0m10", 2 ** -8],
      ["uint8", 0.015],
    ] as const) {
      const r = read(text);
      const { levels, middles } = r.ladder;
      let sum = 0;
      for (let i = 0; i < levels.length; i++) {
        const [a, b] = [i === 0 ? -Infinity : middles[i - 1] * s, i === middles.length ? Infinity : middles[i] * s];
        sum += squareIntegral(a, levels[i] * s, levels[i] * s, levels[i] * s);
        sum += squareIntegral(levels[i] * s, b, levels[i] * s, levels[i] * s);
      }
      expect(gaussianError(r, s) / sum - 1).toBeCloseTo(0, 8);
    }
  });

  it("is what midpoints of many small steps give, for every rounding and any levels", () => {
    const texts = fc.constantFrom("e2m1", "e3m2", "int4", "nf4", "uint3", "ternary", "codebook(-2,0.25,3)", "binary");
    const modes = fc.constantFrom("rne", "trunc", "up", "down", "odd", "sr(seed=0)", "coin(seed=0)");
    fc.assert(
      fc.property(texts, modes, fc.double({ min: 0.05, max: 2, noNaN: true }), (text, mode, s) => {
        const r = read(`${text}@${mode}`);
        const { levels, odd } = r.ladder;
        const step = 1 / 4096;
        let sum = 0;
        for (let x = -9 + step / 2; x < 9; x += step) sum += expected(x / s) * s * s * density(x) * step;
        expect(gaussianError(r, s) / sum - 1).toBeCloseTo(0, 3);

        /** Squared error of one quotient, over the draws where there are any. */
        function expected(q: number): number {
          const k = levels.findLastIndex((v) => v <= q);
          if (k < 0) return (q - levels[0]) ** 2;
          if (k === levels.length - 1) return (q - levels[k]) ** 2;
          const [l, u] = [(q - levels[k]) ** 2, (q - levels[k + 1]) ** 2];
          const up = (q - levels[k]) / (levels[k + 1] - levels[k]);
          if (mode === "rne") return Math.min(l, u);
          if (mode === "trunc") return q < 0 ? u : l;
          if (mode === "up") return u;
          if (mode === "down") return l;
          if (mode === "odd") return odd[k] ? l : u;
          return mode.startsWith("sr") ? up * u + (1 - up) * l : (l + u) / 2;
        }
      }),
      { numRuns: 60 },
    );
  });

  it("finds a valley however far out lone levels are", () => {
    const far = bestClip(read("codebook(-1000,-1,-0.5,0,0.5,1,1000)"))!;
    expect(far.mse).toBeCloseTo(bestClip(read("codebook(-1,-0.5,0,0.5,1)"))!.mse, 12);
  });

  it("is not told where values become no finite number", () => {
    expect(bestClip(read("e4m3(sat=nan)"))).toBeNull();
    expect(gaussianError(read("e4m3(sat=nan)"), 0.02)).toBe(Infinity);
    expect(gaussianError(read("e5m2(sat=inf)"), 2 ** -16)).toBe(Infinity);
    expect(bestClip(read("e2m1@sr(bits=2,seed=1)"))).toBeNull();
  });
});

describe("the normal distribution", () => {
  it("has the tails of the tables", () => {
    // From 50-digit arithmetic.
    const tails: [number, number][] = [
      [0, 0.5],
      [0.5, 0.3085375387259869],
      [1, 0.15865525393145705],
      [2.4999, 0.006211418374944594],
      [2.5, 0.006209665325776135],
      [4, 3.1671241833119924e-5],
      [8, 6.220960574271784e-16],
    ];
    for (const [x, tail] of tails) expect(upperTail(x) / tail - 1).toBeCloseTo(0, 13);
    expect(upperTail(Infinity)).toBe(0);
  });
  it("has moments that add up", () => {
    expect(moments(-Infinity, Infinity)).toEqual([1, 0, 1]);
    const parts = [-Infinity, -3, -0.2, 0, 0.7, 5, Infinity].flatMap((b, i, all) =>
      i ? [moments(all[i - 1], b)] : [],
    );
    for (const [k, sum] of [1, 0, 1].entries()) expect(parts.reduce((t, m) => t + m[k], 0)).toBeCloseTo(sum, 14);
  });
  it("integrates narrow stretches as wide ones", () => {
    let sum = 0;
    for (let k = 0; k < 100; k++) sum += squareIntegral(0.5 + k * 0.003, 0.5 + (k + 1) * 0.003, 0.4, 0.2);
    expect(sum / squareIntegral(0.5, 0.8, 0.4, 0.2) - 1).toBeCloseTo(0, 12);
  });
});
