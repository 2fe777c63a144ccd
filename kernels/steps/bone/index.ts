import type { Recipe } from "../../grammar/ast.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { F16 } from "../side.ts";
import { fitted } from "../step.ts";

export interface BoneParams {
  r: number;
  by: "bat" | "bone";
  values: Recipe;
}

/** Block affine: tile' = tile + tile B + B with one r x r B for each row of tiles; or one r x outputs block added to every r inputs. */
export const bone = fitted({
  entry: {
    name: "bone",
    place: "correction",
    describe: "mends each row of r x r tiles by one small block, by which it multiplies and which it adds",
    params: [
      { key: "r", kind: "integer", min: 1, max: 1024, default: 64, positional: true, describe: "side of a tile" },
      {
        key: "by",
        kind: "word",
        words: ["bat", "bone"],
        default: "bat",
        describe: "tile + tile B + B, or one block added to all tiles",
      },
      { key: "values", kind: "quantizer", optional: true, describe: "how the blocks are stored: f16 if not said" },
    ],
    paper: {
      title: "Bone: block-affine adaptation of large language models",
      where: "arXiv 2409.15371",
    },
  },
  plan(args, { rows, cols }) {
    const r = args.number("r") ?? 64;
    const by = (args.word("by") ?? "bat") as BoneParams["by"];
    if (cols % r !== 0 || (by === "bat" && rows % r !== 0)) {
      const fits = [64, 32, 16, 8, 4, 2].find((p) => p < r && cols % p === 0 && (by === "bone" || rows % p === 0));
      const why = `bone(${r}) does not divide a matrix of ${rows} x ${cols} into tiles${fits ? `; ${fits} does` : ""}`;
      throw new RecipeError(why, null, fits ? args.remedy("r", fits) : []);
    }
    const params: BoneParams = { r, by, values: args.recipe("values") ?? F16 };
    return { params, needs: { reach: "matrix", calibration: "none" }, operations: 40 * rows * cols * r };
  },
  work: async () => (await import("./work.ts")).work,
});
