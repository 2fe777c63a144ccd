/** Formats among whose elements each block chooses one. */
import type { Args } from "../../grammar/args.ts";
import type { Call, Recipe } from "../../grammar/ast.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { codeCount, decode } from "../codes.ts";
import type { CodebookFormat, CodedFormat, Format } from "../types.ts";
import type { KnownFormat } from "./format.ts";

const MOST = 16;

/** IF4's integers: their largest level is E2M1's. */
const SEVENTHS: Call = {
  name: "codebook",
  args: Array.from({ length: 15 }, (_, k) => ({
    key: null,
    value: { type: "number", value: Math.fround(((k - 7) * 6) / 7) },
  })),
};

function bareElement({ before, quantizer, after }: Recipe): Call {
  const { base, block, rounding } = quantizer;
  if (Object.hasOwn(entries, base.name)) throw new RecipeError(`pick takes no ${base.name}, which chooses itself`);
  if (before.length + after.length > 0 || block || rounding) {
    throw new RecipeError(
      "pick takes bare elements, as in pick(e2m1,int4)/16: block, rule, scale and rounding stand behind it",
    );
  }
  return base;
}

/** Codes of every element, one element's after the other's: a code says which element, and which of its codes. */
function union(name: string, formats: readonly Format[]): CodebookFormat {
  if (formats.length < 2 || formats.length > MOST) throw new RecipeError(`${name} chooses among 2 to ${MOST} elements`);
  const [{ bits }] = formats;
  const odd = formats.find((format) => format.kind === "identity" || format.bits !== bits);
  if (odd)
    throw new RecipeError(`${name} takes elements of as many bits each, and ${odd.name} has ${odd.bits}, not ${bits}`);
  const each = (format: Format): number[] =>
    Array.from({ length: 2 ** bits }, (_, code) =>
      code < codeCount(format as CodedFormat) ? decode(format as CodedFormat, code) : Number.NaN,
    );
  return { kind: "codebook", name, bits, values: Float32Array.from(formats.flatMap(each)) };
}

const entries = {
  pick: {
    describe: "each block takes the element of these that errs least, the first of equals",
    params: [
      { key: "of", kind: "quantizers", positional: true, describe: "bare elements of as many bits each" },
      { key: "by", kind: "word", words: ["mse", "mae"], default: "mse", describe: "sum of squared or absolute errors" },
    ],
  },
  if4: { describe: "IF4: E2M1 or 6/7 of an integer a block, told by the scale's sign", params: [] },
} as const;

type ChoiceName = keyof typeof entries;

/** The elements among which the blocks of a call choose; null for formats that are none of choices. Throws RecipeError. */
export function elementsOf(name: string, args: Args): Call[] | null {
  if (name === "if4") return [{ name: "e2m1", args: [] }, SEVENTHS];
  return name === "pick" ? args.recipes("of").map(bareElement) : null;
}

/** `build` makes the format of a call. */
export const choices = (build: (call: Call) => Format): readonly KnownFormat[] =>
  Object.entries(entries).map(([name, entry]) => ({
    entry: { name: name as ChoiceName, ...entry },
    family: "codebooks",
    build: (args) => union(name, elementsOf(name, args)!.map(build)),
  }));
