import type { Args } from "../../grammar/args.ts";
import { RecipeError } from "../../grammar/errors.ts";
import type { Parameter } from "../../grammar/signature.ts";
import type { IntegerFormat } from "../types.ts";
import { COMMON, type KnownFormat } from "./format.ts";

const params: readonly Parameter[] = [
  {
    key: "range",
    kind: "word",
    words: ["narrow", "full", "half", "signmax", "asym"],
    default: "narrow",
    positional: true,
    describe:
      "narrow: -qmax..qmax, amax/qmax; full: two's complement, amax/qmax; half: two's complement, amax/((2^b-1)/2); " +
      "signmax: the signed maximum over -2^(b-1); asym: affine with a zero point",
  },
  {
    key: "zp",
    kind: "quantizer",
    optional: true,
    needs: { key: "range", word: "asym" },
    describe: "how the zero point is stored (asym only)",
  },
  { key: "frac", kind: "integer", min: 0, max: 16, default: 0, describe: "fraction bits: values are code / 2^frac" },
  ...COMMON,
];

const WIDTHS = [1, 2, 3, 4, 5, 6, 7, 8];

const rangeOf = (args: Args): string => args.word("range") ?? "narrow";
const fraction = (args: Args): number => args.number("frac") ?? 0;

function integer(bits: number): KnownFormat {
  const name = `int${bits}`;
  const half = 2 ** (bits - 1);
  return {
    entry: { name, describe: `${bits}-bit integer`, params },
    family: "integers",
    build(args): IntegerFormat {
      const common = { kind: "integer", name, bits, frac: fraction(args) } as const;
      const range = rangeOf(args);
      if (range === "asym") return { ...common, min: 0, max: 2 * half - 1 };
      if (range === "narrow" && bits === 1) {
        throw new RecipeError("int1 has no symmetric range: write int1(asym), int1(signmax), binary or bipolar1");
      }
      return { ...common, min: range === "narrow" ? 1 - half : -half, max: half - 1 };
    },
    isAffine: (args) => rangeOf(args) === "asym",
    divisor(args) {
      const unit = 2 ** fraction(args);
      switch (rangeOf(args)) {
        case "full":
          if (bits === 1) throw new RecipeError("int1(full) has no positive code: write int1(signmax) or int1(asym)");
          return (half - 1) / unit;
        case "half":
          return (half - 0.5) / unit;
        case "signmax":
          return -half / unit;
        case "asym":
          return (2 * half - 1) / unit;
        default:
          return (half - 1) / unit;
      }
    },
  };
}

function unsigned(bits: number): KnownFormat {
  const name = `uint${bits}`;
  return {
    entry: { name, describe: `${bits}-bit unsigned integer, mostly for scales`, params: COMMON },
    family: "unsigned",
    build: (args): IntegerFormat => ({ kind: "integer", name, bits, min: 0, max: 2 ** bits - 1, frac: fraction(args) }),
  };
}

/** Signed integers of 10, 12, 14 and 16 bits, as fixed point has them: understood by their name, and in no list. */
export function wideInteger(name: string): KnownFormat | null {
  const m = /^int(1[0246])$/.exec(name);
  return m && integer(Number(m[1]));
}

export const integers: readonly KnownFormat[] = [...WIDTHS.map(integer), ...WIDTHS.map(unsigned)];
