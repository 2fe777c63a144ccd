import { RecipeError } from "../../grammar/errors.ts";
import { seedParameter } from "../../grammar/seed.ts";
import { stepStream } from "../../random/streams.ts";
import { fitted } from "../step.ts";

export interface HouseholderParams {
  k: number;
  seed: number;
  stream: number;
}

/**
 * A few reflections of whole rows, each of which spreads one loud column over all of them. The columns are counted as indices; the
 * directions come from the seed. 2k multiplications an input value.
 */
export const householder = fitted({
  entry: {
    name: "householder",
    place: "transform",
    describe: "reflections that spread the loudest columns over the row",
    costs: "two multiplications an input value for each reflection",
    params: [
      {
        key: "k",
        kind: "integer",
        min: 1,
        max: 64,
        default: 1,
        positional: true,
        always: true,
        describe: "reflections, one for each of the loudest columns",
      },
      seedParameter("seed of the flat directions' signs"),
    ],
    paper: {
      title: "Householder: Unitary triangularization of a nonsymmetric matrix",
      where: "doi:10.1145/320941.320947",
    },
  },
  plan(args, { cols, position }) {
    const k = args.number("k") ?? 1;
    if (k > cols) {
      throw new RecipeError(
        `householder(${k}) spreads more columns than the ${cols} there are`,
        null,
        args.remedy("k", cols),
      );
    }
    return {
      params: { k, seed: args.number("seed") ?? 0, stream: stepStream(position) },
      needs: { reach: "matrix", calibration: "none" },
    };
  },
  work: async () => (await import("./work.ts")).work,
});
