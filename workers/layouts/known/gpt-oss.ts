import { codeTable } from "../../../kernels/formats/index.ts";
import { nibbles, rowCodes } from "../codes.ts";
import { gptOssFacts as facts } from "../facts.ts";
import { storedGrid } from "../grids.ts";
import { type Claim, expectShape, type Layout, needed, plain } from "../layout.ts";
import { bitOrder, nibbleOrder } from "../reading.ts";

const order = nibbleOrder(facts.nibbles);

/** gpt-oss, in transformers' names and its own: MXFP4 blocks of 16 bytes with an exponent each. The decoding is exact. */
export const gptOss: Layout = {
  name: "gpt-oss MXFP4",
  anchors: ["blocks"],
  endings: ["_blocks"],
  claim(anchor, { find, config }) {
    const { name: own, dtype, shape: stored } = anchor.info;
    const half = facts.block / 2;
    if (dtype !== "U8" || stored.length < 3 || stored[stored.length - 1] !== half) return null;
    const ending = facts.endings.find(({ codes }) => own.endsWith(codes));
    if (!ending) return null;
    plain(anchor);
    const name = own.slice(0, -ending.codes.length);
    const scales = needed(find, name + ending.scales, "scales");
    expectShape(scales, stored.slice(0, -1), "the shape of its blocks");
    const across = stored[stored.length - 2];
    const shape = [...stored.slice(0, -2), facts.block * across];
    const rows = shape.slice(0, -1).reduce((a, b) => a * b, 1);
    const cols = shape[shape.length - 1];
    return {
      layout: "gpt-oss MXFP4",
      name,
      shape,
      view: { split: shape.length - 1, transpose: false },
      element: "e2m1",
      describe: `E2M1 codes, two a byte, power-of-two scales for ${facts.block}, every expert's outputs one below the other.`,
      source: config.method === "mxfp4" ? config.file : null,
      parts: [
        { role: "codes", tensor: anchor },
        { role: "scales", tensor: scales },
      ],
      readings: [order],
      recipe: "mxfp4",
      recipeNote: null,
      notes: facts.interleaved.test(name) ? ["Rows of gate and up alternate in this weight, as it is stored"] : [],
      decode: (choices) => ({
        ...{ rows, cols, elements: rows * cols, bits: 4 },
        codes: rowCodes(anchor, half * across, cols, nibbles(bitOrder(order, choices))),
        levels: codeTable("e2m1"),
        block: { rows: 1, cols: facts.block },
        scales: storedGrid(scales, across),
      }),
    } satisfies Claim;
  },
};
