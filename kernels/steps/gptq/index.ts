import { RecipeError } from "../../grammar/errors.ts";
import { DAMP, feedbackOperations, HESSIAN, ORDER } from "../solving/parameters.ts";
import { fitted } from "../step.ts";

export interface GptqParams {
  /** As a share of the mean of the Gram matrix's diagonal. */
  damp: number;
  order: "none" | "gram";
  groups: "static" | "dynamic" | "permuted";
  hessian: "gram" | "mfac" | "mkor";
}

/** Error feedback by the inverse of the Gram matrix. */
export const gptq = fitted({
  entry: {
    name: "gptq",
    place: "solver",
    describe: "codes column by column, and makes up for each error in the columns to come, by the inputs' Gram matrix",
    params: [
      DAMP,
      ORDER,
      {
        key: "groups",
        kind: "word",
        words: ["static", "dynamic", "permuted"],
        default: "static",
        describe:
          "when scales are found: of the weights before all (static), of what errors made of them (dynamic), or of columns in coding order, whose places are stored (permuted)",
      },
      HESSIAN,
    ],
    paper: {
      title: "GPTQ: accurate post-training quantization for generative pre-trained transformers",
      where: "arXiv 2210.17323",
    },
  },
  plan(args, { rows, cols }) {
    const params: GptqParams = {
      damp: args.number("damp") ?? 0.01,
      order: (args.word("order") ?? "none") as GptqParams["order"],
      groups: (args.word("groups") ?? "static") as GptqParams["groups"],
      hessian: (args.word("hessian") ?? "gram") as GptqParams["hessian"],
    };
    if (params.groups === "permuted" && params.order === "none") {
      throw new RecipeError("groups=permuted lays groups in the order of coding: it goes with order=gram");
    }
    const moved = params.order === "gram" && params.groups !== "static";
    return {
      params,
      needs: { reach: "matrix", calibration: "gram" },
      operations: feedbackOperations(rows, cols),
      ...(moved && { beside: "the group of each column" }),
    };
  },
  work: async () => (await import("./work.ts")).work,
});
