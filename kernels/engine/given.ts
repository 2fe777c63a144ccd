import type { Backend, EncodedTile, Tile } from "../backends/backend.ts";
import type { QuantizeOptions } from "../backends/options.ts";
import { type Claim, checkBits, claimNotes, codesOfRows, countCodes } from "../codes/given/claim.ts";
import { binary } from "../exact/bits.ts";
import { formatArgs } from "../formats/registry.ts";
import { RecipeError } from "../grammar/errors.ts";
import type { MatrixSource } from "../matrix/source.ts";
import type { Plan } from "../plan/plan.ts";
import type { Inspection } from "../report/report.ts";
import { quantizeMatrix } from "./quantize.ts";
import type { Quantized } from "./types.ts";

/** Results that another program made, taken as they are. */
export interface Given {
  /** The same rows and columns as the tensor they are held against. */
  matrix: MatrixSource;
  /** Bits a weight that its file takes for it; a recipe's own `bits=` comes before. */
  bitsPerWeight: number;
  /** What the bits are, for the table. */
  what: string;
  /** What a program that made them for this tensor alone says of them. */
  claim?: Claim & { who: string };
}

/** The plan with the results' true cost. Throws RecipeError where they do not fit the plan's matrix or its recipe. */
export function planGiven(plan: Plan, given: Given): Plan {
  const { matrix, bitsPerWeight, what, claim } = given;
  if (plan.transforms.length > 0) throw new RecipeError("given results are taken as they are: no steps go before them");
  if (matrix.rows !== plan.rows || matrix.cols !== plan.cols) {
    throw new RecipeError(
      `${matrix.name} of the other checkpoint is ${matrix.rows} x ${matrix.cols}, this tensor ${plan.rows} x ${plan.cols}`,
    );
  }
  const declared = formatArgs(plan.recipe.quantizer.base).number("bits");
  const bits = declared === null ? { what, bitsPerWeight } : { what: "declared", bitsPerWeight: declared };
  if (claim) return claimed(plan, { ...claim, bits: declared === null ? claim.bits : [bits] }, matrix.notes);
  const notes = ["results are given: another program chose the codes, so there are no scales or codes to show"];
  return { ...plan, bits: [bits], notes: [...plan.notes, ...notes, ...matrix.notes] };
}

/** The plan with what the program says, as far as it can be. Throws RecipeError where it cannot. */
function claimed(plan: Plan, claim: Claim & { who: string }, more: readonly string[]): Plan {
  const { who, bits, codes } = claim;
  checkBits(bits, who);
  const counts = codes && countCodes(codes, who);
  return { ...plan, bits, notes: [...plan.notes, ...claimNotes(claim, counts, who), ...more] };
}

/** Rows of what was given for a tile. */
export async function givenRows({ matrix }: Given, { row0, rows }: Tile): Promise<Float32Array> {
  return matrix.read(row0, row0 + rows);
}

/** Non-zero values that became zero. A code that is not known cannot be counted as saturated. */
export function countFlushed(values: Float32Array, results: Float32Array): number {
  let flushed = 0;
  for (let i = 0; i < values.length; i++)
    if (results[i] === 0 && values[i] !== 0 && values[i] - values[i] === 0) flushed++;
  return flushed;
}

/** Takes results as they are; `measuring` sums up what they did. */
function givenBackend(given: Given, measuring: Backend): Backend {
  const codes = given.claim?.codes ?? null;
  const counts = codes && countCodes(codes, given.claim!.who);
  const encode = async (_: Plan, tile: Tile): Promise<EncodedTile> => {
    const result = await givenRows(given, tile);
    return {
      result,
      quantized: result,
      codes: codes && codesOfRows(codes, tile.cols, tile.row0, tile.row0 + tile.rows),
    };
  };
  return {
    name: measuring.name,
    refuses: () => null,
    statistics: async () => {},
    async quantize(plan, tile, _, into) {
      const result = await givenRows(given, tile);
      into.flushed += countFlushed(tile.original, result);
      into.codes = counts;
      await measuring.measureResult(plan, tile, result, into);
    },
    measureResult: (plan, tile, result, into) => measuring.measureResult(plan, tile, result, into),
    encode,
  };
}

/**
 * Holds a matrix against results that another program made of it, as if a recipe had made them. `plan` comes from
 * `planGiven`; `options.backend` measures.
 */
export async function quantizeGiven(
  source: MatrixSource,
  plan: Plan,
  given: Given,
  options: QuantizeOptions,
): Promise<Quantized> {
  const quantized = await quantizeMatrix(source, plan, { ...options, backend: givenBackend(given, options.backend) });
  return {
    ...quantized,
    async inspect(row, col): Promise<Inspection> {
      const inspection = await quantized.inspect(row, col);
      const result = (await given.matrix.read(row, row + 1))[col];
      const error = Math.fround(inspection.x - result);
      const state =
        inspection.state === "ordinary" && result === 0 && inspection.x !== 0 ? "flushed" : inspection.state;
      const found = {
        below: result,
        above: result,
        tie: false,
        level: result,
        quantized: result,
        result,
        error,
        state,
      };
      return { ...inspection, ...found, ...codeAt(given, row, col) };
    },
  };
}

/** The code of an element, in as many bits as the largest code has. */
function codeAt({ matrix, claim }: Given, row: number, col: number): Partial<Inspection> {
  if (!claim?.codes) return {};
  const { values, dim } = claim.codes;
  const code = values[Math.floor((row * matrix.cols + col) / dim)];
  const most = countCodes(claim.codes, claim.who).length;
  return { code, codeBits: binary(code, Math.max(1, Math.ceil(Math.log2(most)))) };
}
