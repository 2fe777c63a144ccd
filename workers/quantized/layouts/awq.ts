import { awqCodes } from "../codes.ts";
import { awqFacts as facts } from "../facts.ts";
import { awqZeros, turnedGrid } from "../grids.ts";
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
import { blockText, groupSize } from "./shared.ts";

/** AutoAWQ, version "gemm": `X.qweight`, `X.scales`, `X.qzeros`. As the library computes it: (code - zero) * scale. */
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
    // GPTQ's scales are as wide as its codes.
    if (scales.info.shape[1] !== out) {
      if (config.method === "awq" && scales.info.shape[1] !== words) {
        throw new NotDecoded(`only AWQ's "gemm" is decoded, and ${anchor.info.name} has the shape of another version`);
      }
      return null;
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
      source: config.method === "awq" ? config.file : null,
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
