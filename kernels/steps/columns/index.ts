import type { Recipe } from "../../grammar/ast.ts";
import { F16 } from "../side.ts";
import { fitted } from "../step.ts";

export interface ColumnsParams {
  over: number;
  unit: "value" | "median";
  by: "inputs" | "own";
  block: number;
  values: Recipe;
}

/** Whole columns whose largest magnitude is beyond a threshold: LLM.int8()'s outlier features, or COMET's blocks of channels. */
export const columns = fitted({
  entry: {
    name: "columns",
    place: "split",
    describe: "keeps whole columns apart whose inputs, or own values, are large, and quantizes the others",
    params: [
      {
        key: "over",
        kind: "number",
        min: 0,
        max: 1e6,
        default: 6,
        positional: true,
        describe: "the largest magnitude from which on a column is kept",
      },
      {
        key: "unit",
        kind: "word",
        words: ["value", "median"],
        default: "value",
        describe: "whether that is a value, or so many times the median over the columns",
      },
      {
        key: "by",
        kind: "word",
        words: ["inputs", "own"],
        default: "inputs",
        describe: "magnitudes of a column's inputs, from a calibration, or of its own values",
      },
      {
        key: "block",
        kind: "integer",
        min: 1,
        max: 65536,
        default: 1,
        describe: "columns that are kept together where one of them is to be",
      },
      { key: "values", kind: "quantizer", optional: true, describe: "how they are stored: f16 if not said" },
    ],
    paper: { title: "LLM.int8(), COMET", where: "arXiv 2208.07339, 2410.12168" },
  },
  plan(args) {
    const params: ColumnsParams = {
      over: args.number("over") ?? 6,
      unit: (args.word("unit") ?? "value") as ColumnsParams["unit"],
      by: (args.word("by") ?? "inputs") as ColumnsParams["by"],
      block: args.number("block") ?? 1,
      values: args.recipe("values") ?? F16,
    };
    return {
      params,
      needs: { reach: "matrix", calibration: params.by === "inputs" ? "channels" : "none" },
      sparse: true,
    };
  },
  work: async () => (await import("./work.ts")).work,
});
