/** Transforms. */
import { laplace, loud, reader } from "./inputs.ts";
import type { Claim, Paper } from "./paper.ts";

const on = { weight: reader(192), inputs: loud(192, 12, 20, 12), activations: "int4/row" };
// How loud the loud channels' weights happen to be moves all of them by some per cent from draw to draw.
const joint = { on, figure: "joint", within: 0.1 } as const satisfies Partial<Claim>;
const turned = { on: { weight: laplace }, figure: "nmse", within: 0.03 } as const satisfies Partial<Claim>;

export const transforms: readonly Paper[] = [
  {
    section: "4.1",
    title: "FlatQuant: flatness matters for LLM quantization",
    where: "arXiv 2410.09426",
    recipes: [
      {
        says: "smoothed, against which it sets itself",
        recipe: "smooth+int4/row",
        activations: "int4/row",
        calibration: "channels",
      },
      { says: "rotated", recipe: "ht(1024)+int4/row", activations: "int4/row" },
      {
        says: "a Kronecker map, learned on the outputs' error",
        recipe: "flat(inputs=(int4/row))+int4/row",
        activations: "int4/row",
        calibration: "rows",
      },
      {
        says: "a rotation, learned likewise (SpinQuant)",
        recipe: "spin(64,inputs=(int4/row),seed=0)+int4/row",
        activations: "int4/row",
        calibration: "rows",
      },
    ],
    claims: [
      { says: "as it is: 0.183", recipe: "int4/row", ...joint, is: 0.183 },
      { says: "smoothed: 0.064", recipe: "smooth+int4/row", ...joint, is: 0.064 },
      { says: "rotated: 0.036", recipe: "ht(1024)+int4/row", ...joint, is: 0.036 },
      {
        says: "a random Kronecker rotation: 0.047",
        recipe: "flat(0,start=random)+int4/row",
        ...joint,
        is: 0.047,
      },
      { says: "both: 0.0107", recipe: "smooth+ht(1024)+int4/row", ...joint, is: 0.0107 },
      {
        says: "learned: below both",
        on,
        recipe: "flat(6,inputs=(int4/row))+int4/row",
        figure: "joint",
        over: "smooth+ht(1024)+int4/row",
        most: 0.93,
      },
    ],
  },
  {
    section: "4.2",
    title: "Bridging the gap between promise and performance for microscaling FP4 quantization",
    where: "arXiv 2509.23202",
    recipes: [
      { says: "MR-GPTQ on MXFP4", recipe: "ht(32)+gptq(order=gram)+mxfp4", calibration: "gram" },
      { says: "MR-GPTQ on NVFP4", recipe: "ht(16)+gptq(order=gram)+nvfp4", calibration: "gram" },
    ],
    claims: [
      {
        says: "Laplace, NVFP4 rotated: 1.07 times the error",
        recipe: "ht(16)+nvfp4",
        over: "nvfp4",
        ...turned,
        is: 1.07,
      },
      { says: "Laplace, MXFP4 rotated: 0.82 times", recipe: "ht(32)+mxfp4", over: "mxfp4", ...turned, is: 0.82 },
      { says: "Laplace, INT4 rotated: 0.61 times", recipe: "ht(32)+int4/32", over: "int4/32", ...turned, is: 0.61 },
    ],
  },
];
