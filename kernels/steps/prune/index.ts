import { RecipeError } from "../../grammar/errors.ts";
import { SEED } from "../../grammar/seed.ts";
import { fitted } from "../step.ts";

export interface PruneParams {
  /** The share that becomes zero, where no pattern says how many. */
  frac: number;
  /** n of every m consecutive values of a row stay; null where any may. */
  pattern: { n: number; m: number } | null;
  by: "magnitude" | "inputs" | "random";
  seed: number;
  /** What those that stay are multiplied by. */
  factor: number;
  of: "values" | "rows";
  places: "mask" | "tile";
}

/** Sparsity: what is pruned is zero and has no code; what stays has its place counted. */
export const prune = fitted({
  entry: {
    name: "prune",
    place: "split",
    describe: "makes the values that matter least zero, and stores the others with their places",
    params: [
      {
        key: "frac",
        kind: "number",
        min: 0,
        max: 1,
        default: 0.5,
        positional: true,
        describe: "the share that becomes zero, where there is no pattern",
      },
      { key: "n", kind: "integer", min: 1, max: 255, optional: true, describe: "values that stay of every m of a row" },
      { key: "m", kind: "integer", min: 2, max: 256, optional: true, describe: "values of a group of that pattern" },
      {
        key: "by",
        kind: "word",
        words: ["magnitude", "inputs", "random"],
        default: "magnitude",
        describe: "|w| over the whole tensor; |w| times the norm of its input, row by row (Wanda); or a draw (DARE)",
      },
      {
        ...SEED,
        needs: { key: "by", word: "random" },
        describe: "seed of the draw",
      },
      {
        key: "rescale",
        kind: "word",
        words: ["no", "yes"],
        default: "no",
        describe: "whether those that stay make up for the others: divided by the share that stays",
      },
      {
        key: "of",
        kind: "word",
        words: ["values", "rows"],
        default: "values",
        describe: "whether values or whole rows, by their norms, become zero",
      },
      {
        key: "places",
        kind: "word",
        words: ["mask", "tile"],
        default: "mask",
        describe: "without a pattern: a bit a weight, or 16 bits a value that stays, its place in a tile (Flash-LLM)",
      },
    ],
    paper: { title: "Wanda; Flash-LLM; DARE", where: "arXiv 2306.11695, 2309.10285, 2311.03099" },
  },
  plan(args) {
    const [n, m] = [args.number("n"), args.number("m")];
    if ((n === null) !== (m === null)) throw new RecipeError("prune takes n and m together, as in prune(n=2,m=4)");
    const params: PruneParams = {
      frac: args.number("frac") ?? 0.5,
      pattern: n !== null && m !== null ? { n, m } : null,
      by: (args.word("by") ?? "magnitude") as PruneParams["by"],
      seed: args.number("seed") ?? 0,
      factor: 1,
      of: (args.word("of") ?? "values") as PruneParams["of"],
      places: (args.word("places") ?? "mask") as PruneParams["places"],
    };
    const { pattern, of } = params;
    if (pattern && pattern.n > pattern.m)
      throw new RecipeError(`prune keeps n of m values: ${pattern.n} of ${pattern.m} are none less`);
    if (pattern && (args.number("frac") !== null || of === "rows"))
      throw new RecipeError("prune goes by a pattern (n and m) or by a share: leave one out");
    if (args.word("rescale") === "yes") {
      const stays = pattern ? pattern.n / pattern.m : 1 - params.frac;
      if (stays === 0) throw new RecipeError("prune(rescale=yes) has nothing to rescale where nothing stays");
      params.factor = 1 / stays;
    }
    return {
      params,
      needs: { reach: "matrix", calibration: params.by === "inputs" ? "channels" : "none" },
      sparse: true,
    };
  },
  work: async () => (await import("./work.ts")).work,
});
