import type { Recipe } from "../../grammar/ast.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { costs } from "../../linalg/costs.ts";
import { F16 } from "../side.ts";
import { fitted } from "../step.ts";
import { FACTORS } from "../thin/parameters.ts";

/** The most terms that are looked for where their number is left to the data. */
const MOST_TERMS = 64;

export interface KronParams {
  /** Terms as asked for; null where the data say how many. */
  k: number | null;
  /** The most that are looked for. */
  most: number;
  /** Rows and columns of the inner factor. */
  m: number;
  n: number;
  pick: "energy" | "elbow";
  energy: number;
  factors: Recipe;
}

const side = (key: string, of: string) =>
  ({
    key,
    kind: "integer",
    min: 1,
    max: 65536,
    optional: true,
    describe: `${of} of the inner factor, a divisor of the matrix's: near their root if not said`,
  }) as const;

/** The divisor that is nearest to the root. */
function nearRoot(n: number): number {
  let best = 1;
  for (let d = 1; d * d <= n; d++) if (n % d === 0) best = d;
  return best;
}

/** A sum of Kronecker products: the singular vectors of the matrix whose rows are its tiles. */
export const kron = fitted({
  entry: {
    name: "kron",
    place: "split",
    describe: "keeps a sum of Kronecker products, and quantizes the rest",
    params: [
      side("m", "rows"),
      side("n", "columns"),
      {
        key: "k",
        kind: "integer",
        min: 1,
        max: 4096,
        optional: true,
        describe: `products; where it is left out, as many as pick= says, ${MOST_TERMS} at the most`,
      },
      {
        key: "pick",
        kind: "word",
        words: ["energy", "elbow"],
        default: "energy",
        describe: "the first that hold a share of the energy, or those before the sharpest bend of the singular values",
      },
      { key: "energy", kind: "number", min: 0, max: 1, default: 0.9, describe: "that share" },
      FACTORS,
    ],
    paper: {
      title: "Singular value decomposition on Kronecker adaptation for large language model",
      where: "arXiv 2506.15251",
    },
  },
  plan(args, { rows, cols }) {
    const [m, n] = [args.number("m") ?? nearRoot(rows), args.number("n") ?? nearRoot(cols)];
    if (rows % m !== 0 || cols % n !== 0)
      throw new RecipeError(`kron's inner factor of ${m} x ${n} does not divide a matrix of ${rows} x ${cols}`);
    const [tiles, size] = [(rows / m) * (cols / n), m * n];
    const k = args.number("k");
    const params: KronParams = {
      ...{ m, n, k, most: Math.min(k ?? MOST_TERMS, tiles, size), energy: args.number("energy") ?? 0.9 },
      pick: (args.word("pick") ?? "energy") as KronParams["pick"],
      factors: args.recipe("factors") ?? F16,
    };
    return {
      params,
      needs: { reach: "matrix", calibration: "none" },
      operations: costs.truncatedSvd(tiles, size, params.most + 8, 30).operations,
    };
  },
  work: async () => (await import("./work.ts")).work,
});
