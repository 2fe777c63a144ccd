/** A table of vectors, cut to fewer dimensions and sent through a recipe, and what that does to the search for neighbours. */
import {
  measureRetrieval,
  type Principal,
  principal,
  type RetrievalFigures,
  type RetrievalOptions,
  type Vectors,
} from "../../kernels/embeddings/index.ts";
import type { Quantized } from "../../kernels/engine/types.ts";
import { prepareRecipe, quantizeMatrix } from "../../kernels/index.ts";
import { heldMatrix } from "../../kernels/matrix/held.ts";
import type { MatrixSource } from "../../kernels/matrix/source.ts";
import { parseDefinition, parseRecipe, printRecipe } from "../../kernels/notation/index.ts";
import type { Backends } from "../backends/backends.ts";
import { UserError } from "../errors/user-error.ts";
import { type JobControl, pacer } from "../pace/pace.ts";
import { takesGiven } from "../runs/given.ts";

export interface EmbeddingsOrder extends RetrievalOptions {
  recipe: string;
  definitions: readonly string[];
  /** Principal components that are kept before quantizing; null for the vectors as they are. */
  keep: number | null;
  /** Whether codes are compared, rather than what they stand for, as some databases do. */
  codes: boolean;
}

/** What vectors take, and what searching them finds. */
export interface SearchReport extends RetrievalFigures {
  /** Bits of a vector, scales and all, and how many times fewer that are than of float32. */
  bitsPerVector: number;
  smaller: number;
  /** Share of the variance in the components kept; null where none were cut. */
  variance: number | null;
}

export interface EmbeddingsReport extends SearchReport {
  /** Canonical. */
  recipe: string;
}

/**
 * Searches what became of a table: `reduced` has fewer columns than the source where components were cut. Rejects with UserError where there
 * is nothing to compare, or with AbortError.
 */
export async function searched(
  source: MatrixSource,
  quantized: Quantized,
  reduced: Pick<Principal, "share"> | null,
  order: RetrievalOptions & Pick<EmbeddingsOrder, "codes">,
  control: JobControl,
): Promise<SearchReport> {
  const { rows, cols, text } = quantized.plan;
  const read = async (from: number, to: number) => {
    const { result, codes } = await quantized.rows(from, to);
    if (!order.codes) return result;
    if (!codes) throw new UserError(`${text} has no codes of single values that could be compared.`);
    return Float32Array.from(codes);
  };
  const pace = pacer(control.signal);
  const told = (done: number, total: number) => control.progress({ done, total, unit: "queries", phase: "search" });
  try {
    const figures = await measureRetrieval(vectorsOf(source), { rows, cols, read }, order, { pace, told });
    const bitsPerVector = quantized.report.metrics.bitsPerWeight * cols;
    const smaller = (32 * source.cols) / bitsPerVector;
    return { ...figures, bitsPerVector, smaller, variance: reduced?.share ?? null };
  } catch (error) {
    throw forPerson(error, source);
  }
}

const vectorsOf = (source: MatrixSource): Vectors => ({
  rows: source.rows,
  cols: source.cols,
  read: (from, to) => source.read(from, to),
});

const forPerson = (error: unknown, { name }: MatrixSource): unknown =>
  error instanceof RangeError ? new UserError(`${name}: ${error.message}.`) : error;

/** Memory: two tables of float32, and similarities of some queries twice. Rejects with RecipeError, UserError or AbortError. */
export async function embeddings(
  source: MatrixSource,
  order: EmbeddingsOrder,
  backends: Backends,
  control: JobControl,
): Promise<EmbeddingsReport> {
  const { keep } = order;
  const pace = pacer(control.signal);
  const definitions = order.definitions.map((text) => parseDefinition(text));
  const recipe = parseRecipe(order.recipe, { definitions });
  const reduced =
    keep === null
      ? null
      : await principal(vectorsOf(source), keep, { pace }).catch((error: unknown) => {
          throw forPerson(error, source);
        });
  if (reduced && takesGiven(recipe)) {
    throw new UserError("What another checkpoint holds has all components: keep all of them to search it.");
  }
  const matrix = reduced ? heldMatrix(reduced.values, source.rows, reduced.keep, source.name) : source;
  const plan = prepareRecipe(recipe, definitions, matrix.rows, matrix.cols);
  const { backend } = await backends.choose(null, plan);
  const checkpoint = () => pace();
  const quantized = await quantizeMatrix(matrix, plan, { backend, checkpoint, now: () => performance.now() });
  return {
    ...(await searched(source, quantized, reduced, order, control)),
    recipe: printRecipe(recipe, { definitions }),
  };
}
