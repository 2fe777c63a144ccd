import fc from "fast-check";
import {
  codebookLevels,
  e8m0Levels,
  floatLevels,
  integerLevels,
  type OracleFormat,
  type OracleRounding,
  RNE,
  type Top,
} from "./levels.ts";
import type { OracleQuantizer, OracleScaling, Shape } from "./oracle.ts";
import { exactly, integer, type Rational } from "./rational.ts";

/** A recipe as text and, made beside it from the same choices, as the oracle's own tree. */
export interface Case {
  text: string;
  quantizer: OracleQuantizer;
}

/** An element or scale format: its text, its levels and what amax is divided by. */
export interface FormatCase {
  text: string;
  format: OracleFormat;
  divisor: Rational;
}

const largest = (f: OracleFormat) => f.levels.reduce((m, l) => Math.max(m, Math.abs(l.value)), 0);

const coded = (text: string, format: OracleFormat): FormatCase => ({
  text,
  format,
  divisor: exactly(largest(format)),
});

const usualBias = (e: number, top: Top) => (e === 0 ? 0 : 2 ** (e - 1) - 1) + (top === "fnuz" ? 1 : 0);

/** ExMy floats of every shape up to 12 bits, with biases, tops and signs. */
export const floats = (signs: boolean[] = [true, false]): fc.Arbitrary<FormatCase> =>
  fc
    .record({
      e: fc.integer({ min: 0, max: 8 }),
      m: fc.integer({ min: 0, max: 10 }),
      bias: fc.option(fc.integer({ min: -12, max: 40 }), { nil: null }),
      top: fc.constantFrom<Top>("none", "nan", "ieee", "fnuz"),
      signed: fc.constantFrom(...signs),
    })
    .filter(({ e, m, top, signed }) => {
      if (e + m === 0 || e + m > 11 || (top === "ieee" && e === 0) || (top === "fnuz" && !signed)) return false;
      return floatLevels(e, m, 0, top, signed).levels.length > 1;
    })
    .map(({ e, m, bias, top, signed }) => {
      const name = `${signed ? "" : "u"}e${e}m${m}`;
      // The named formats have a meaning of their own where nothing else is said.
      const says = [`top=${top}`, ...(bias === null ? [] : [`bias=${bias}`])];
      if (["e8m0", "e4m3", "e5m2"].includes(name)) return coded("e3m2", floatLevels(3, 2, 3, "none", true));
      return coded(`${name}(${says.join()})`, floatLevels(e, m, bias ?? usualBias(e, top), top, signed));
    });

/** The formats that standards and libraries name. */
export const namedFloats: fc.Arbitrary<FormatCase> = fc.constantFrom(
  coded("e4m3", floatLevels(4, 3, 7, "nan", true)),
  coded("e4m3ieee", floatLevels(4, 3, 7, "ieee", true)),
  coded("e4m3fnuz", floatLevels(4, 3, 8, "fnuz", true)),
  coded("e4m3b11fnuz", floatLevels(4, 3, 11, "fnuz", true)),
  coded("e5m2", floatLevels(5, 2, 15, "ieee", true)),
  coded("e5m2fnuz", floatLevels(5, 2, 16, "fnuz", true)),
  coded("e3m4ieee", floatLevels(3, 4, 3, "ieee", true)),
  coded("e3m2", floatLevels(3, 2, 3, "none", true)),
  coded("e2m3", floatLevels(2, 3, 1, "none", true)),
  coded("e2m1", floatLevels(2, 1, 1, "none", true)),
  coded("f16", floatLevels(5, 10, 15, "ieee", true)),
  coded("bf16", floatLevels(8, 7, 127, "ieee", true)),
  coded("binary8p3se", floatLevels(5, 2, 16, "p3109", true)),
  coded("binary8p4sf", floatLevels(4, 3, 8, "fnuz", true)),
  coded("binary6p3ue", floatLevels(4, 2, 8, "p3109", false)),
  coded("binary5p1se", floatLevels(4, 0, 8, "p3109", true)),
);

/** Symmetric integers in every convention. */
export const integers: fc.Arbitrary<FormatCase> = fc
  .record({
    bits: fc.integer({ min: 1, max: 8 }),
    range: fc.constantFrom("narrow", "full", "half", "signmax"),
    frac: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 9 })),
  })
  .filter(({ bits, range }) => bits > 1 || range === "half" || range === "signmax")
  .map(({ bits, range, frac }) => {
    const half = 2 ** (bits - 1);
    const format = integerLevels(bits, range === "narrow" ? 1 - half : -half, half - 1, frac);
    const over = { narrow: half - 1, full: half - 1, half: half - 0.5, signmax: -half }[range]!;
    return { text: `int${bits}(${range},frac=${frac})`, format, divisor: exactly(over / 2 ** frac) };
  });

const decimal = (x: number) =>
  x
    .toFixed(30)
    .replace(/\.?0+$/, "")
    .replace(/^-0$/, "0");

/** Codebooks of tame and of wild levels: far apart, close together, subnormal, one-sided. */
export const codebooks: fc.Arbitrary<FormatCase> = fc
  .uniqueArray(
    fc.oneof(
      fc.integer({ min: -64, max: 64 }).map((k) => k / 8),
      fc.record({ m: fc.integer({ min: -(2 ** 24), max: 2 ** 24 }), e: fc.integer({ min: -60, max: 4 }) }).map(
        // At most 30 decimals are written, so let those be the value.
        ({ m, e }) => Math.fround(Number(decimal(m * 2 ** e))),
      ),
      fc.constant(0),
    ),
    { minLength: 2, maxLength: 20, comparator: (a, b) => a === b },
  )
  .filter((v) => v.every((x) => Math.fround(Number(decimal(x))) === x))
  .map((v) => v.map((x) => x + 0).sort((a, b) => a - b))
  .filter((v) => v.some((x) => x !== 0))
  .map((values) => coded(`codebook(${values.map(decimal).join()})`, codebookLevels(values)));

export const registeredCodebooks: fc.Arbitrary<FormatCase> = fc.constantFrom(
  coded("binary", codebookLevels([-1, 1])),
  coded("ternary", codebookLevels([-1, 0, 1])),
  coded("bipolar3", codebookLevels([-7, -5, -3, -1, 1, 3, 5, 7])),
  coded(
    "bnbfp4",
    codebookLevels(
      [0, 0.0625, 8, 12, 4, 6, 2, 3, -0, -0.0625, -8, -12, -4, -6, -2, -3]
        .map((v) => Math.fround(v / 12))
        .map((v) => v),
    ),
  ),
);

export const elements = fc.oneof(
  { weight: 4, arbitrary: floats() },
  { weight: 3, arbitrary: namedFloats },
  { weight: 3, arbitrary: integers },
  { weight: 3, arbitrary: codebooks },
);

export const roundingCases: fc.Arbitrary<{ text: string; rounding: OracleRounding }> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ text: "", rounding: RNE }) },
  fc
    .constantFrom<"away" | "inward" | "trunc" | "up" | "down" | "odd">("away", "inward", "trunc", "up", "down", "odd")
    .map((mode) => ({ text: `@${mode}`, rounding: { mode } as OracleRounding })),
  fc
    .record({ bits: fc.integer({ min: 1, max: 32 }), seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }) })
    .map(({ bits, seed }) => ({
      text: `@sr(bits=${bits},seed=${seed})`,
      rounding: { mode: "sr", bits, seed } as OracleRounding,
    })),
  fc
    .integer({ min: 0, max: 2 ** 32 - 1 })
    .map((seed) => ({ text: `@coin(seed=${seed})`, rounding: { mode: "coin", seed } as OracleRounding })),
);

export const shapes: fc.Arbitrary<{ text: string; shape: Shape }> = fc.oneof(
  fc.integer({ min: 1, max: 12 }).map((n) => ({ text: `/${n}`, shape: { kind: "run", n } as Shape })),
  fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 7 }))
    .map(([rows, cols]) => ({ text: `/${rows}x${cols}`, shape: { kind: "tile", rows, cols } as Shape })),
  fc
    .constantFrom<"row" | "col" | "tensor">("row", "col", "tensor")
    .map((kind) => ({ text: `/${kind}`, shape: { kind } as Shape })),
  fc.integer({ min: 1, max: 20 }).map((n) => ({ text: `/flat(${n})`, shape: { kind: "flat", n } as Shape })),
);

/** How scales may be stored: nothing, a float, a power of two, an integer, again with rounding. */
const storages: fc.Arbitrary<FormatCase | null> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(null) },
  fc.constantFrom<FormatCase>(
    coded("e4m3", floatLevels(4, 3, 7, "nan", true)),
    coded("ue4m3", floatLevels(4, 3, 7, "nan", false)),
    coded("ue5m3", floatLevels(5, 3, 15, "none", false)),
    coded("f16", floatLevels(5, 10, 15, "ieee", true)),
    coded("bf16", floatLevels(8, 7, 127, "ieee", true)),
    coded("e8m0", e8m0Levels),
    coded("uint8", integerLevels(8, 0, 255)),
    coded("uint4", integerLevels(4, 0, 15)),
    { text: "int6(signmax)", format: integerLevels(6, -32, 31), divisor: integer(-32) },
  ),
  codebooks,
);

type Rule = { text: string; rule: OracleScaling["rule"] };
const mxRules: fc.Arbitrary<Rule> = fc
  .constantFrom<"floor" | "ceil" | "even" | "rceil">("floor", "ceil", "even", "rceil")
  .map((how) => ({ text: `~mx(${how})`, rule: { name: "mx", how } }));
const percentiles: fc.Arbitrary<Rule> = fc
  .integer({ min: 1, max: 1000 })
  .map((p) => ({ text: `~pct(${p / 10})`, rule: { name: "pct", p, digits: 1 } }));
const absmax: Rule = { text: "", rule: { name: "absmax" } };

/** How a level is stored: text after the colon, the oracle's tree, and whether it holds negative scales. */
interface Storage {
  text: string;
  store: OracleQuantizer | null;
  negative: boolean;
}

/** Scale storage of at most `depth` levels. */
function storage(depth: number): fc.Arbitrary<Storage> {
  return fc.tuple(storages, roundingCases).chain(([format, rounding]): fc.Arbitrary<Storage> => {
    if (!format) return fc.constant({ text: "", store: null, negative: true });
    const whole = { text: `:${format.text}${rounding.text}`, format: format.format, rounding: rounding.rounding };
    const negative = format.format.levels[0].value < 0;
    const plain = {
      text: whole.text,
      store: { format: whole.format, rounding: whole.rounding, scaling: null } as OracleQuantizer,
      negative,
    };
    if (depth <= 1) return fc.constant(plain);
    const rules = /^u?e\d|^b?f16/.test(format.text) ? fc.oneof(fc.constant(absmax), mxRules) : fc.constant(absmax);
    return fc.oneof(
      fc.constant(plain),
      fc
        .tuple(shapes, rules, storage(depth - 1))
        .filter(([, , s]) => format.divisor.n > 0n || s.negative)
        .map(([shape, rule, s]) => ({
          text: `${whole.text}${shape.text}${rule.text}${s.text}`,
          store: {
            format: whole.format,
            rounding: whole.rounding,
            scaling: { shape: shape.shape, rule: rule.rule, divisor: format.divisor, affine: null, store: s.store },
          } as OracleQuantizer,
          negative,
        })),
    );
  });
}

/** Symmetric recipes with a scale, of up to three levels. */
export const scaled: fc.Arbitrary<Case> = fc
  .tuple(elements, roundingCases, shapes, storage(3))
  .chain(([element, rounding, shape, s]) => {
    const signedMaximum = element.divisor.n < 0n;
    const rules = signedMaximum
      ? fc.constant(absmax)
      : element.text.startsWith("codebook")
        ? fc.oneof({ weight: 3, arbitrary: fc.constant(absmax) }, percentiles)
        : fc.oneof({ weight: 3, arbitrary: fc.constant(absmax) }, percentiles, mxRules);
    const store = signedMaximum && !s.negative ? { text: "", store: null } : s;
    return rules.map((rule) => ({
      text: `${element.text}${rounding.text}${shape.text}${rule.text}${store.text}`,
      quantizer: {
        format: element.format,
        rounding: rounding.rounding,
        scaling: {
          shape: shape.shape,
          rule: rule.rule,
          divisor: element.divisor,
          affine: null,
          store: store.store,
        },
      },
    }));
  });

/** Direct casts: no scale. */
export const casts: fc.Arbitrary<Case> = fc.tuple(elements, roundingCases).map(([element, rounding]) => ({
  text: `${element.text}${rounding.text}`,
  quantizer: { format: element.format, rounding: rounding.rounding, scaling: null },
}));

/** Affine integers, with and without a zero point of its own format. */
export const affine: fc.Arbitrary<Case> = fc
  .record({
    bits: fc.integer({ min: 1, max: 8 }),
    rounding: roundingCases,
    shape: shapes,
    rule: fc.oneof({ weight: 3, arbitrary: fc.constant(absmax) }, percentiles),
    store: storage(2),
    zp: fc.constantFrom<FormatCase | null>(
      null,
      coded("uint8", integerLevels(8, 0, 255)),
      coded("uint2", integerLevels(2, 0, 3)),
      coded("f16", floatLevels(5, 10, 15, "ieee", true)),
      coded("e4m3", floatLevels(4, 3, 7, "nan", true)),
      coded("e2m1", floatLevels(2, 1, 1, "none", true)),
    ),
  })
  .map(({ bits, rounding, shape, rule, store, zp }) => {
    const max = 2 ** bits - 1;
    return {
      text: `int${bits}(asym${zp ? `,zp=${zp.text}` : ""})${rounding.text}${shape.text}${rule.text}${store.text}`,
      quantizer: {
        format: integerLevels(bits, 0, max),
        rounding: rounding.rounding,
        scaling: {
          shape: shape.shape,
          rule: rule.rule,
          divisor: integer(max),
          affine: { max, zp: zp?.format ?? null },
          store: store.store,
        },
      },
    };
  });

const words = new DataView(new ArrayBuffer(4));
/** The float32 of a bit pattern. */
export function fromBits(bits: number): number {
  words.setUint32(0, bits);
  return words.getFloat32(0);
}
/** The float32 `steps` after x (before it where negative), among the finite ones. */
export function neighbour(x: number, steps: number): number {
  words.setFloat32(0, x);
  const moved = fromBits(words.getUint32(0) + steps);
  return Number.isFinite(moved) ? moved : x;
}

const anyBits = fc
  .integer({ min: 0, max: 2 ** 32 - 1 })
  .map(fromBits)
  .filter(Number.isFinite);
const ordinary = fc
  .tuple(fc.integer({ min: -(2 ** 24), max: 2 ** 24 }), fc.integer({ min: -28, max: -20 }))
  .map(([m, e]) => Math.fround(m * 2 ** e));
const small = fc.integer({ min: -24, max: 24 }).map((k) => k / 4);
const extremes = fc.constantFrom(
  0,
  -0,
  2 ** -149,
  -(2 ** -149),
  2 ** -126,
  3.4028234663852886e38,
  -3.4028234663852886e38,
  1,
  -1,
);

/** A matrix of float32: mostly of one kind, so that blocks are not all led by one huge value. */
export const matrices: fc.Arbitrary<{ rows: number; cols: number; values: Float32Array }> = fc
  .record({ rows: fc.integer({ min: 1, max: 6 }), cols: fc.integer({ min: 1, max: 14 }) })
  .chain(({ rows, cols }) => {
    const cells = { minLength: rows * cols, maxLength: rows * cols };
    return fc
      .oneof(
        { weight: 4, arbitrary: fc.array(ordinary, cells) },
        { weight: 2, arbitrary: fc.array(small, cells) },
        { weight: 2, arbitrary: fc.array(anyBits, cells) },
        { weight: 1, arbitrary: fc.array(fc.oneof(extremes, ordinary), cells) },
        {
          weight: 1,
          arbitrary: fc.array(
            fc.integer({ min: 0, max: 2 ** 12 }).map((k) => fromBits(k)),
            cells,
          ),
        },
      )
      .map((values) => ({ rows, cols, values: Float32Array.from(values) }));
  });
