import { RecipeError } from "../../grammar/errors.ts";
import { streamed } from "../step.ts";
import { dctTransform } from "./cosine.ts";

/** A block cosine transform: what is smooth along a row gathers in few values. */
export const dct = streamed({
  entry: {
    name: "dct",
    place: "transform",
    describe: "block cosine transform, orthonormal DCT-II",
    params: [
      {
        key: "n",
        kind: "integer",
        min: 2,
        max: 1024,
        positional: true,
        describe: "block along the row, which it divides",
      },
    ],
    paper: { title: "Ahmed, Natarajan and Rao: Discrete cosine transform", where: "doi:10.1109/T-C.1974.223784" },
  },
  plan(args, { cols }) {
    const n = args.number("n") ?? 0;
    if (cols % n !== 0) {
      const fits = [128, 64, 32, 16, 8, 4, 2].find((p) => cols % p === 0);
      const why = `dct(${n}) does not divide the rows of ${cols} elements${fits ? `; ${fits} does` : ""}`;
      throw new RecipeError(why, null, fits ? args.remedy("n", fits) : []);
    }
    return { params: { n }, needs: { reach: "row", calibration: "none" } };
  },
  stream: ({ n }) => dctTransform(n),
});
