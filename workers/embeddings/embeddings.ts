/** A table of vectors, cut to fewer dimensions and sent through a recipe, and what that does to the search for neighbours. */
import {
  measureRetrieval,
  principal,
  type RetrievalFigures,
  type RetrievalOptions,
  type Vectors,
} from "../../kernels/embeddings/index.ts";
import { prepareRecipe, quantizeMatrix } from "../../kernels/index.ts";
import { heldMatrix } from "../../kernels/matrix/held.ts";
import type { MatrixSource } from "../../kernels/matrix/source.ts";
import { parseDefinition, parseRecipe, printRecipe } from "../../kernels/notation/index.ts";
import type { Backends } from "../backends/backends.ts";
import { UserError } from "../errors/user-error.ts";
import { type JobControl, pacer } from "../pace/pace.ts";

export interface EmbeddingsOrder extends RetrievalOptions {
  recipe: string;
  definitions: readonly string[];
  /** Principal components that are kept before quantizing; null for the vectors as they are. */
  keep: number | null;
  /** Whether codes are compared, rather than what they stand for, as some databases do. */
  codes: boolean;
}

export interface EmbeddingsReport extends RetrievalFigures {
  /** Canonical. */
  recipe: string;
  /** Bits of a vector, scales and all, and how many times fewer that are than of float32. */
  bitsPerVector: number;
  smaller: number;
  /** Share of the variance in the components kept; null where none were cut. */
  variance: number | null;
}

/** Memory: two tables of float32, and queries x vectors similarities twice in float64. Rejects with RecipeError, UserError or AbortError. */
export async function embeddings(
  source: MatrixSource,
  order: EmbeddingsOrder,
  backends: Backends,
  control: JobControl,
): Promise<EmbeddingsReport> {
  const { keep } = order;
  const pace = pacer(control.signal);
  const run = { pace };
  const told = (done: number, total: number) => control.progress({ done, total, unit: "tokens", phase: "queries" });
  const definitions = order.definitions.map((text) => parseDefinition(text));
  const recipe = parseRecipe(order.recipe, { definitions });
  const original: Vectors = { rows: source.rows, cols: source.cols, read: (from, to) => source.read(from, to) };
  try {
    const reduced = keep === null ? null : await principal(original, keep, run);
    const matrix = reduced ? heldMatrix(reduced.values, source.rows, reduced.keep, source.name) : source;
    const plan = prepareRecipe(recipe, definitions, matrix.rows, matrix.cols);
    const { backend } = await backends.choose(null, plan);
    const checkpoint = () => pace();
    const quantized = await quantizeMatrix(matrix, plan, { backend, checkpoint, now: () => performance.now() });
    const read = async (from: number, to: number) => {
      const { result, codes } = await quantized.rows(from, to);
      if (!order.codes) return result;
      if (!codes) throw new UserError(`${plan.text} has no codes of single values that could be compared.`);
      return Float32Array.from(codes);
    };
    const compared = { rows: matrix.rows, cols: matrix.cols, read };
    const figures = await measureRetrieval(original, compared, order, {
      pace: async (done, total) => {
        told(done, total);
        await pace();
      },
    });
    const bitsPerVector = quantized.report.metrics.bitsPerWeight * matrix.cols;
    return {
      ...figures,
      recipe: printRecipe(recipe, { definitions }),
      bitsPerVector,
      smaller: (32 * source.cols) / bitsPerVector,
      variance: reduced?.share ?? null,
    };
  } catch (error) {
    if (error instanceof RangeError) throw new UserError(`${source.name}: ${error.message}.`);
    throw error;
  }
}
