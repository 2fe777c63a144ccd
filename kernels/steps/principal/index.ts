import type { Recipe } from "../../grammar/ast.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { F16 } from "../side.ts";
import { fitted } from "../step.ts";
import { BY, FACTORS, RANK, readThin, thinOperations, type Weighing } from "../thin/parameters.ts";

export interface PrincipalParams {
  asked: number;
  rank: number;
  factors: Recipe;
  by: Weighing;
  /** Rounds of quantizing the rest and fitting the part anew. */
  iters: number;
  /** Whether the rounds begin with the weight's own part, or with none. */
  start: "weight" | "none";
  /** How an orthonormal left factor is stored; null for two factors of one magnitude. */
  basis: Recipe | null;
  holes: boolean;
}

/** The weight's largest directions, kept as two thin factors: what PiSSA, LoftQ and SVDQuant quantize is the rest. */
export const principal = fitted({
  entry: {
    name: "principal",
    place: "split",
    describe: "keeps the largest directions as two thin factors, and quantizes the rest",
    params: [
      RANK,
      FACTORS,
      BY,
      {
        key: "iters",
        kind: "integer",
        min: 0,
        max: 100,
        default: 0,
        describe: "rounds in which the rest is quantized and the part fitted anew to what is missing",
      },
      {
        key: "start",
        kind: "word",
        words: ["weight", "none"],
        default: "weight",
        describe: "what the rounds begin with: the weight's own part (PiSSA), or none (LoftQ)",
      },
      {
        key: "basis",
        kind: "quantizer",
        optional: true,
        describe:
          "how an orthonormal left factor is stored; the right one is then what it makes of the weight (Q-GaLore)",
      },
      {
        key: "holes",
        kind: "word",
        words: ["no", "zeros"],
        default: "no",
        describe: "zeros: values that are zero, as those kept apart before, are not fitted",
      },
    ],
    paper: { title: "PiSSA, LoftQ, SVDQuant", where: "arXiv 2404.02948, 2310.08659, 2411.05007" },
  },
  plan(args, of) {
    const { asked, rank, by, needs } = readThin(args, of);
    const iters = args.number("iters") ?? 0;
    const params: PrincipalParams = {
      ...{ asked, rank, by, iters, factors: args.recipe("factors") ?? F16, basis: args.recipe("basis") },
      start: (args.word("start") ?? "weight") as PrincipalParams["start"],
      holes: args.word("holes") === "zeros",
    };
    if (params.start === "none" && iters === 0)
      throw new RecipeError("principal(start=none) keeps nothing without rounds: give iters");
    if (params.basis && iters > 0) throw new RecipeError("principal fits no basis in rounds: leave out basis or iters");
    if (params.holes && (by !== "plain" || iters > 0 || params.basis))
      throw new RecipeError("principal(holes=zeros) is fitted once and without weights: leave out by, iters and basis");
    return { params, needs, operations: thinOperations(of, rank, by, 1 + iters) };
  },
  work: async () => (await import("./work.ts")).work,
});
