import type { Args } from "../../grammar/args.ts";
import { RecipeError } from "../../grammar/errors.ts";
import type { PlannedParams } from "../code.ts";
import { coded } from "../code.ts";
import { type BookName, SIDE, type TrellisCode } from "./shape.ts";

/** QTIP's scripts scale values to this much of the book's root mean square (`scale_override`). */
const QTIP_SCALE = 0.9;
/** ExLlamaV3 scales values to the root mean square of 3INST (`codebook_scale`, 1.24371088), and then searches: about the book's own, for all. */
const EXL3_SCALE = 1;

/** Operations of two passes over a step: 2^16 states, four at a time. Two bits a step have a kernel of their own. */
const operationsOf = ({ bits, pair }: TrellisCode): number => (2 * 2 ** 16 * (pair ? 55 : bits === 2 ? 9 : 26)) / 4;

function planned(name: string, params: TrellisCode, rows: number, cols: number): PlannedParams<TrellisCode> {
  if (rows % SIDE !== 0 || cols % SIDE !== 0) {
    throw new RecipeError(
      `${name} codes tiles of ${SIDE} x ${SIDE}, which do not divide a matrix of ${rows} x ${cols}`,
    );
  }
  const { bits, pair } = params;
  return {
    params,
    bits: [
      { what: `codes, ${pair ? `${2 * bits} bits a pair` : `${bits} bits a value`} (${name})`, bitsPerWeight: bits },
      { what: "scale (f32)", bitsPerWeight: 32 / (rows * cols) },
    ],
    operations: (rows * cols * operationsOf(params)) / (pair ? 2 : 1),
    columns: SIDE,
  };
}

const work = async () => (await import("./work.ts")).work;
const bitsOf = (args: Args) => args.number("bits") ?? 2;

export const qtip = coded<TrellisCode>({
  plan(args, { rows, cols }) {
    const book = (args.word("book") ?? "inst3") as BookName;
    const scale = args.number("scale") ?? QTIP_SCALE;
    return planned("qtip", { bits: bitsOf(args), pair: book === "hybrid", book, order: "qtip", scale }, rows, cols);
  },
  work,
});

export const exl3 = coded<TrellisCode>({
  plan(args, { rows, cols }) {
    const book = (args.word("book") ?? "inst3") as BookName;
    const scale = args.number("scale") ?? EXL3_SCALE;
    return planned("exl3", { bits: bitsOf(args), pair: false, book, order: "exl3", scale }, rows, cols);
  },
  work,
});
