/** E2M1 codes, two a byte, with a scale for each run of 16 or 32: NVFP4 and MXFP4, whoever stored them. */

import { codeTable } from "../../../kernels/formats/index.ts";
import type { Reading } from "../../tensors/stored.ts";
import type { Tensor } from "../../tensors/tensor.ts";
import { nibbles, rowCodes } from "../codes.ts";
import { timesGlobal } from "../grids.ts";
import { type Claim, NotDecoded, type Part, weightView } from "../layout.ts";
import { bitOrder, chosen, globalSense, readings } from "../reading.ts";
import { maySwizzle, pairedShape, runGrid, runsOf } from "./shared.ts";

interface Fp4 {
  name: string;
  layout: string;
  source: string | null;
  codes: Tensor;
  scales: Tensor;
  /** Elements that share a scale. */
  block: number;
  /** Which nibble is first. */
  order: Reading;
  /** A float32 for the whole tensor, and whether block scales are multiplied with it or divided by it. */
  global?: { tensor: Tensor; sense: "multiply" | "divide" };
  /** Scales are said to lie in tiles. */
  swizzled?: boolean;
  more?: Part[];
}

/** The claim of such a weight. Throws NotDecoded where the shapes do not agree. */
export function fp4Claim({
  name,
  layout,
  source,
  codes,
  scales,
  block,
  order,
  global,
  swizzled,
  more = [],
}: Fp4): Claim {
  const { shape, rows, cols, bytes } = pairedShape(codes);
  const across = runsOf(scales, rows, cols, block);
  const globalReading = globalSense(global?.sense ?? "multiply");
  const tiles = swizzled ? readings.scalesSwizzled : readings.scalesPlain;
  const tiled = maySwizzle(scales, rows, across);
  if (swizzled && !tiled) {
    throw new NotDecoded(
      `${scales.info.name} is said to lie in tiles of 128 x 4, but is [${scales.info.shape.join(", ")}], not as large as those of ${rows} x ${across}`,
    );
  }
  const matrix = shape[shape.length - 2];
  if (global && ![1, rows / matrix].includes(global.tensor.info.elements)) {
    throw new NotDecoded(
      `${global.tensor.info.name} is [${global.tensor.info.shape.join(", ")}], where one scale a matrix is asked for, or one for all`,
    );
  }
  const nv = scales.info.dtype === "F8_E4M3";
  return {
    ...{ layout, name, shape, source },
    view: weightView(shape),
    element: "e2m1",
    describe: `E2M1 codes, two a byte, ${nv ? "E4M3" : "power-of-two"} scales for ${block}${global ? `, ${global.sense === "divide" ? "divided by" : "times"} one float32 a ${global.tensor.info.elements === 1 ? "tensor" : "matrix"}` : ""}.`,
    parts: [
      { role: "codes", tensor: codes },
      { role: "scales", tensor: scales },
      ...(global ? [{ role: "global scale", tensor: global.tensor }] : []),
      ...more,
    ],
    readings: [order, ...(global ? [globalReading] : []), ...(tiled ? [tiles] : [])],
    recipe: nv
      ? global
        ? nvfp4(block)
        : `e2m1/${block}:e4m3`
      : block === 32
        ? "mxfp4"
        : `e2m1/${block}~mx(floor):e8m0`,
    recipeNote: null,
    notes: [],
    decode: (choices) => {
      const inner = runGrid(scales, rows, across, tiled ? chosen(tiles, choices) : "plain");
      return {
        ...{ rows, cols, elements: rows * cols, bits: 4 },
        codes: rowCodes(codes, bytes, cols, nibbles(bitOrder(order, choices))),
        levels: codeTable("e2m1"),
        block: { rows: 1, cols: block },
        scales: global ? timesGlobal(inner, global.tensor, chosen(globalReading, choices), matrix) : inner,
      };
    },
  };
}

const nvfp4 = (block: number) => (block === 16 ? "nvfp4" : `e2m1/${block}:e4m3/tensor`);
