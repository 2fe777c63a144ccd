/**
 * The edges of the definition (`kernels/EDGES.md`), worked out again from lists of levels: all of `sat=`, `top=` and sign,
 * over values at, between and beyond the ends, both zeros, both infinities and NaN, on every backend.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { RecipeError } from "../../grammar/errors.ts";
import { dawnDevice } from "../../testing/dawn.ts";
import { codebookLevels, floatLevels, integerLevels, type Level, type Top } from "../../testing/levels.ts";
import { planOf, quantizeText } from "../../testing/matrix.ts";
import type { Backend } from "../backend.ts";
import { createWasmBackend } from "../wasm/index.ts";
import { createWebgpuBackend } from "../webgpu/backend.ts";
import { referenceBackend } from "./backend.ts";

type Sat = "clamp" | "nan" | "inf";

/** A format as its levels and special codes; sign is what a minus adds to a code, 0 where codes have no sign bit. */
interface Known {
  text: string;
  levels: Level[];
  sign: number;
  minusZero: number;
  nan: number | null;
  infinity: number | null;
  /** How far past the last level the next one would be. */
  step: number;
  fnuz: boolean;
}

function float(e: number, m: number, top: Exclude<Top, "p3109">, signed: boolean): Known | null {
  if ((top === "ieee" && e === 0) || (top === "fnuz" && !signed)) return null;
  const bias = (e === 0 ? 0 : 2 ** (e - 1) - 1) + (top === "fnuz" ? 1 : 0);
  const { levels, negativeZero } = floatLevels(e, m, bias, top, signed);
  if (levels.length < 3) return null;
  const half = 2 ** (e + m);
  const last = levels[levels.length - 1];
  // The number that the code after the last would be, were it one.
  const [field, fraction] = [Math.floor((last.code + 1) / 2 ** m), (last.code + 1) % 2 ** m];
  const next =
    field === 0 || e === 0 ? (last.code + 1) * 2 ** (1 - bias - m) : (2 ** m + fraction) * 2 ** (field - bias - m);
  return {
    text: `${signed ? "" : "u"}e${e}m${m}(top=${top}`,
    levels,
    sign: signed ? half : 0,
    minusZero: negativeZero,
    nan: { none: null, nan: half - 1, ieee: m === 0 ? null : (2 ** e - 1) * 2 ** m + 2 ** (m - 1), fnuz: half }[top],
    infinity: top === "ieee" ? (2 ** e - 1) * 2 ** m : null,
    step: next - last.value,
    fnuz: top === "fnuz",
  };
}

const plain = (text: string, { levels }: { levels: Level[] }): Known => ({
  ...{ text, levels, sign: 0, minusZero: 0, nan: null, infinity: null, fnuz: false },
  step: levels[levels.length - 1].value - levels[levels.length - 2].value,
});

const floats = (["none", "nan", "ieee", "fnuz"] as const).flatMap((top) =>
  [
    [2, 1],
    [3, 2],
    [2, 0],
    [0, 3],
    [4, 3],
  ].flatMap(([e, m]) => [true, false].map((signed) => float(e, m, top, signed))),
);
const formats: Known[] = [
  ...floats.filter((f) => f !== null),
  plain("int4(frac=0", integerLevels(4, -7, 7)),
  plain("int3(full", integerLevels(3, -4, 3)),
  plain("uint4(sat=clamp", integerLevels(4, 0, 15)),
  plain("codebook(-1,-0.25,0,0.5,3", codebookLevels([-1, -0.25, 0, 0.5, 3])),
  plain("codebook(0.5,1,3", codebookLevels([0.5, 1, 3])),
];

interface Outcome {
  code: number;
  result: number;
}

/** Whether `q` rounds past the end level, to nearest even: `out` is how far it lies beyond it, of a step. */
const overflows = (out: number, step: number, odd: boolean) => out > step / 2 || (out === step / 2 && odd);

function wanted(f: Known, sat: Sat, x: number): Outcome {
  const [first, last] = [f.levels[0], f.levels[f.levels.length - 1]];
  if (Number.isNaN(x))
    return { code: f.nan ?? f.levels.find(({ value }) => value === 0)?.code ?? first.code, result: x };
  const beyond = (above: boolean): Outcome => {
    if (sat === "clamp") return of(above ? last : first, x);
    const infinite = sat === "inf" && f.infinity !== null && (above || f.sign > 0);
    const sign = above || (!infinite && f.fnuz) ? 0 : f.sign;
    return {
      code: (infinite ? f.infinity! : f.nan!) + sign,
      result: infinite ? (above ? Infinity : -Infinity) : Number.NaN,
    };
  };
  const of = ({ value, code }: Level, from: number): Outcome => {
    const minus = value === 0 && Number.isFinite(from) && (from < 0 || Object.is(from, -0)) && f.minusZero > 0;
    return { code: code + (minus ? f.minusZero : 0), result: minus ? -0 : value };
  };
  if (!Number.isFinite(x)) return beyond(x > 0);
  if (x > last.value) return overflows(x - last.value, f.step, last.odd) ? beyond(true) : of(last, x);
  if (x < first.value) {
    // Of a signed float both ends are alike; otherwise the first step goes on.
    const step = f.sign > 0 ? f.step : f.levels[1].value - first.value;
    if (x >= 0) return of(first, x);
    return overflows(first.value - x, step, first.odd) ? beyond(false) : of(first, x);
  }
  const [near] = f.levels
    .filter(({ value }) => Math.abs(value - x) === Math.min(...f.levels.map((l) => Math.abs(l.value - x))))
    .sort((a, b) => Number(a.odd) - Number(b.odd));
  return of(near, x);
}

/** Values at, around, halfway past and far past both ends, around zero, and those that are not finite. */
function valuesOf({ levels, step }: Known): Float32Array {
  const ends = [levels[0].value, levels[levels.length - 1].value];
  const least = levels.find(({ value }) => value > 0)!.value;
  const around = ends.flatMap((end) =>
    [0, 0.25, 0.4375, 0.5, 0.5625, 1, 1.5, 2, 64].flatMap((k) => [end + k * step, end - k * step]),
  );
  const small = [0.25, 0.5, 0.75, 1].flatMap((k) => [k * least, -k * least]);
  return Float32Array.of(...around, ...small, 0, -0, Number.NaN, Infinity, -Infinity, 3e38, -3e38, 1e-40, -1e-40);
}

const backends: Backend[] = [referenceBackend];
beforeAll(async () => {
  backends.push(await createWasmBackend(), await createWebgpuBackend(await dawnDevice()));
}, 120_000);

const same = (found: ArrayLike<number>, list: number[]) =>
  list.flatMap((value, i) => (Object.is(found[i], value) ? [] : [`${i}: ${found[i]} where ${value} is wanted`]));

describe("what a cast gives at and beyond the ends", () => {
  const cases = formats.flatMap((f) => (["clamp", "nan", "inf"] as const).map((sat) => [f, sat] as const));

  it.each(cases.map(([f, sat]) => [`${f.text},sat=${sat})`.replace("sat=clamp,", ""), f, sat] as const))(
    "%s",
    async (recipe, f, sat) => {
      const values = valuesOf(f);
      const none = f.nan === null && (sat === "nan" || (sat === "inf" && (f.infinity === null || f.sign === 0)));
      if (none) {
        expect(() => planOf(recipe, 1, values.length)).toThrow(RecipeError);
        return;
      }
      const list = Array.from(values, (x) => wanted(f, sat, x));
      for (const backend of backends) {
        if (backend.refuses(planOf(recipe, 1, values.length))) continue;
        const { codes, result } = await (await quantizeText(recipe, values, 1, values.length, undefined, backend)).rows(
          0,
          1,
        );
        const where = (lines: string[]) => lines.map((line) => `${line} (of ${values[Number.parseInt(line, 10)]})`);
        expect(
          where(
            same(
              codes!,
              list.map((o) => o.code),
            ),
          ),
          `codes on ${backend.name}`,
        ).toEqual([]);
        expect(
          where(
            same(
              result,
              list.map((o) => o.result),
            ),
          ),
          `results on ${backend.name}`,
        ).toEqual([]);
      }
    },
  );

  it("is refused by none of the three for the formats that have names", () => {
    for (const backend of backends) {
      for (const recipe of ["e4m3(sat=nan)", "e5m2(sat=inf)", "e4m3fnuz(sat=nan)", "ue4m3(sat=nan)", "uint4"]) {
        expect(backend.refuses(planOf(recipe, 1, 8)), `${recipe} on ${backend.name}`).toBeNull();
      }
    }
  });
});

describe("counts and scales at the edges, on every backend that takes them", () => {
  const run = async (recipe: string, values: number[]) => {
    const x = Float32Array.from(values);
    const all = [];
    for (const backend of backends) {
      if (backend.refuses(planOf(recipe, 1, x.length))) continue;
      const quantized = await quantizeText(recipe, x, 1, x.length, undefined, backend);
      const { codes, result } = await quantized.rows(0, 1);
      const { saturated, flushed } = quantized.report.metrics;
      all.push({
        saturated,
        flushed,
        codes: Array.from(codes!),
        result: Array.from(result),
        scales: quantized.scales.map((level) => Array.from(level.values)),
      });
    }
    for (const one of all) expect(one).toEqual(all[0]);
    return all[0];
  };

  it("what lies beyond a level that float32 cannot hold is saturated", async () => {
    expect((await run("e8m2/4~pct(50)", [1, 2, 3, 4])).saturated).toBe(2);
    expect((await run("e8m2/4~pct(50)", [-1, -2, -3, -4])).saturated).toBe(2);
    expect((await run("e8m2", [1, 2, 3, 3.4e38])).saturated).toBe(0);
  });

  it("an infinity is neither saturated nor flushed, and keeps to the end of its sign", async () => {
    const unsigned = await run("uint4/4", [-Infinity, Infinity, 1, -1]);
    expect([unsigned.codes.slice(0, 2), unsigned.saturated, unsigned.flushed]).toEqual([[0, 15], 1, 1]);
    for (const [recipe, low, high] of [
      ["int4/4", 9, 7],
      ["e2m1/4", 15, 7],
      ["nf4/4", 0, 15],
      ["uint4/4", 0, 15],
      ["e4m3/4:e4m3/tensor", 254, 126],
      ["codebook(-1,0,1)/4", 0, 2],
    ] as const) {
      const { codes, saturated, flushed } = await run(recipe, [Infinity, 0, -Infinity, 0]);
      expect([recipe, codes[0], codes[2], saturated, flushed]).toEqual([recipe, high, low, 0, 0]);
    }
    const affine = await run("int4(asym)/4", [Infinity, 0, -Infinity, 0]);
    expect([affine.codes[0], affine.codes[2]]).toEqual([15, 0]);
  });

  it("an infinity keeps to the other end where the scale is negative", async () => {
    const { codes, scales } = await run("int4(signmax)/4", [5, Infinity, -Infinity, 1]);
    expect(scales[0][0]).toBeLessThan(0);
    expect(codes.slice(1, 3)).toEqual([8, 7]);
  });

  it("zero=min is the least scale that is stored, least= among them", async () => {
    const scaleOf = async (recipe: string) => (await run(recipe, [0, 0, 0, 0])).scales[0][0];
    expect(await scaleOf("e2m1(zero=min)/4:e4m3")).toBe(2 ** -9);
    expect(await scaleOf("e2m1(zero=min)/4:e4m3(least=0.25)")).toBe(0.25);
    expect(await scaleOf("e2m1(zero=0.5)/4:e4m3(least=0.25)")).toBe(0.5);
    expect(await scaleOf("e2m1(zero=0.125)/4:e4m3(least=0.25)")).toBe(0.25);
    expect(await scaleOf("e2m1/4:e4m3(least=0.25)")).toBe(0.25);
    expect(await scaleOf("e2m1(zero=min)/4:f32(least=0.25)")).toBe(0.25);
    expect(await scaleOf("e2m1(zero=min)/4:e8m0")).toBe(2 ** -127);
    expect(await scaleOf("e2m1/4:e4m3")).toBe(0);
  });

  it("what is below zero in an unsigned format is saturated and flushed, and never an infinity", async () => {
    const clamped = await run("ue3m2(top=ieee)", [-1, -1e-40, -0, 1]);
    expect([clamped.saturated, clamped.flushed, clamped.codes.slice(0, 3)]).toEqual([2, 2, [0, 0, 0]]);
    const open = await run("ue3m2(top=ieee,sat=inf)", [-1, -1e-40, -0, 100]);
    expect(open.result).toEqual([Number.NaN, 0, 0, Infinity]);
  });
});
