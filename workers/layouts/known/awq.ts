import type { Tensor } from "../../tensors/tensor.ts";
import { awqCodes, nibbles, rowCodes } from "../codes.ts";
import type { Config } from "../config.ts";
import { awqFacts as facts } from "../facts.ts";
import { awqZeros, nibbleGrid, plainGrid, turnedGrid } from "../grids.ts";
import {
  type Claim,
  expectShape,
  expectWords,
  type Layout,
  moduleOf,
  NotDecoded,
  needed,
  plain,
  scaleFormat,
} from "../layout.ts";
import { integerLevels } from "../levels.ts";
import { chosen, readings } from "../reading.ts";
import { blockText, groupSize, isAutoRound } from "./shared.ts";

/** AutoAWQ, versions "gemm" and "gemv": `X.qweight`, `X.scales`, `X.qzeros`. As the library computes it: (code - zero) * scale. */
export const awq: Layout = {
  name: "AWQ",
  anchors: [facts.codes],
  claim(anchor, { find, config }) {
    const module = moduleOf(anchor, facts.codes);
    const scales = find(module + facts.scales);
    const { dtype, shape } = anchor.info;
    if (dtype !== "I32" || shape.length !== 2 || !scales) return null;
    const [inputs, words] = shape;
    const out = 8 * words;
    const source = config.method === "awq" || isAutoRound(config) ? config.file : null;
    const gemm = scales.info.shape[1] === out;
    if (!gemm || config.at("version") === "gemv") {
      const zeros = find(module + facts.zeros);
      if (zeros && isGemv(anchor, scales, zeros)) return gemv(anchor, scales, zeros, module, source, config);
      // GPTQ's scales are as wide as its codes.
      if (!gemm && config.method === "awq" && scales.info.shape[1] !== words) {
        throw new NotDecoded(
          `AWQ's "gemm" and "gemv" are decoded, and ${anchor.info.name} has the shape of another version`,
        );
      }
      if (!gemm) return null;
    }
    plain(anchor);
    plain(scales);
    const [groups] = scales.info.shape;
    const zeros = needed(find, module + facts.zeros, "zero points");
    expectShape(zeros, [groups, words], "AWQ");
    expectWords(zeros);
    expectShape(scales, [groups, out], "AWQ");
    const size = groupSize(inputs, groups, config.at("group_size"), scales);
    return {
      layout: "AWQ",
      name: `${module}weight`,
      shape: [out, inputs],
      view: { split: 1, transpose: false },
      element: "int4",
      describe: `4-bit codes, eight outputs a word in AWQ's order, groups of ${size}, stored [in, out].`,
      source,
      parts: [
        { role: "codes", tensor: anchor },
        { role: "scales", tensor: scales },
        { role: "zero points", tensor: zeros },
      ],
      readings: [readings.awqOrder, readings.zeroV2],
      recipe: `int4(asym)${blockText(size, inputs)}${scaleFormat(scales.info.dtype)}`,
      recipeNote: "AWQ scaled the weight's columns before; that lies in the layer before this one.",
      notes: [],
      decode: (choices) => ({
        ...{ rows: out, cols: inputs, elements: out * inputs, bits: 4 },
        codes: awqCodes(anchor, inputs, words, chosen(readings.awqOrder, choices)),
        levels: integerLevels(4),
        block: { rows: 1, cols: size },
        scales: turnedGrid(scales, out, groups),
        zeros: awqZeros(
          zeros,
          groups,
          chosen(readings.awqOrder, choices),
          chosen(readings.zeroV2, choices) === "v1" ? 1 : 0,
        ),
      }),
    } satisfies Claim;
  },
};

/** Whether the shapes are those of "gemv": stored [out, in], scales and zero points padded to whole words. */
function isGemv(codes: Tensor, scales: Tensor, zeros: Tensor): boolean {
  const [rows] = codes.info.shape;
  const [scaleRows, scaleCols] = scales.info.shape;
  const [zeroRows, zeroWords] = zeros.info.shape;
  const matrices = scales.info.shape.length === 2 && zeros.info.shape.length === 2;
  return (
    matrices && scaleRows === rows && zeroRows === rows && scaleCols === 8 * zeroWords && zeros.info.dtype === "I32"
  );
}

/**
 * AutoAWQ, version "gemv": [out, in/8] with eight inputs a word, the lowest nibble first; scales and zero points for each row,
 * with padding after the last group. Only the configuration says how many groups there are.
 */
function gemv(
  codes: Tensor,
  scales: Tensor,
  zeros: Tensor,
  module: string,
  source: string | null,
  config: Config,
): Claim {
  const [out, words] = plain(codes).info.shape;
  const inputs = 8 * words;
  const told = config.at("group_size");
  const size = told === -1 ? inputs : told;
  if (typeof size !== "number" || !Number.isInteger(size) || size <= 0) {
    throw new NotDecoded(
      'it has the shapes of AWQ\'s "gemv", whose size of groups stands in a configuration: give its config.json, too',
    );
  }
  const groups = Math.ceil(inputs / size);
  const padded = scales.info.shape[1];
  if (groups > padded) {
    throw new NotDecoded(
      `${scales.info.name} has ${padded} scales a row, where ${inputs} inputs have ${groups} groups of ${size}`,
    );
  }
  plain(scales);
  plain(zeros);
  return {
    layout: "AWQ gemv",
    name: `${module}weight`,
    shape: [out, inputs],
    view: { split: 1, transpose: false },
    element: "int4",
    describe: `4-bit codes, eight inputs a word, groups of ${size}, stored [out, in].`,
    source,
    parts: [
      { role: "codes", tensor: codes },
      { role: "scales", tensor: scales },
      { role: "zero points", tensor: zeros },
    ],
    readings: [],
    recipe: `int4(asym)${blockText(size, inputs)}${scaleFormat(scales.info.dtype)}`,
    recipeNote: "AWQ scaled the weight's columns before; that lies in the layer before this one.",
    notes: [],
    decode: () => ({
      ...{ rows: out, cols: inputs, elements: out * inputs, bits: 4 },
      codes: rowCodes(codes, words, inputs, nibbles("low")),
      levels: integerLevels(4),
      block: { rows: 1, cols: size },
      scales: plainGrid(scales, padded),
      zeros: nibbleGrid(zeros, padded),
    }),
  };
}
