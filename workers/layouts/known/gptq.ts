import { columnCodes, dense, wholeWords } from "../codes.ts";
import { gptqFacts as facts } from "../facts.ts";
import { packedZeros, turnedGrid } from "../grids.ts";
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
import { bitOrder, chosen, readings, wordOrder } from "../reading.ts";
import { blockText, groupSize, groupsOf, isAutoRound } from "./shared.ts";
import { judgeZeros, uniformZero } from "./zero-evidence.ts";

const order = wordOrder(facts.order);

/**
 * AutoGPTQ and GPTQModel: `X.qweight`, `X.scales`, `X.qzeros`, and `X.g_idx` under act-order. As the libraries compute
 * it: (code - zero) * scale, the zero point being what is stored plus one in version 1, within its bits.
 */
export const gptq: Layout = {
  name: "GPTQ",
  anchors: [facts.codes],
  async claim(anchor, surroundings) {
    const { find, config } = surroundings;
    const module = moduleOf(anchor, facts.codes);
    const scales = find(module + facts.scales);
    if (anchor.info.dtype !== "I32" || anchor.info.shape.length !== 2) return null;
    const [words, out] = anchor.info.shape;
    // AWQ's are stored [in, out/8].
    if (scales && scales.info.shape[1] !== out) return null;
    plain(anchor);
    needed(find, module + facts.scales, "scales");
    const zeros = needed(find, module + facts.zeros, "zero points");
    const [groups] = scales!.info.shape;
    const bits = (32 * (zeros.info.shape[1] ?? 0)) / out;
    if (!(facts.bits as readonly number[]).includes(bits)) {
      throw new NotDecoded(
        `${zeros.info.name} is [${zeros.info.shape.join(", ")}], which for ${out} outputs is no width of 2, 3, 4 or 8 bits`,
      );
    }
    expectShape(zeros, [groups, (out * bits) / 32], "its width");
    expectWords(zeros);
    expectShape(scales!, [groups, out], "its width");
    const inputs = Math.floor((32 * words) / bits);
    const index = find(module + facts.groups);
    if (index) expectShape(plain(index), [inputs], "the width of its codes");
    const size = groupSize(inputs, groups, config.at("group_size"), scales!);
    const actOrder = index !== undefined && config.at("desc_act") !== false;
    const source = config.method === "gptq" || isAutoRound(config) ? config.file : null;
    const { version, symmetric, doubt } = judgeZeros(config, await uniformZero(zeros, bits, surroundings), bits);
    const zero = version === "v2" ? readings.zeroV2 : readings.zeroV1;
    return {
      layout: `GPTQ${version === "v2" ? " v2" : ""}`,
      name: `${module}weight`,
      shape: [out, inputs],
      view: { split: 1, transpose: false },
      element: `int${bits}`,
      describe: `${bits}-bit codes packed along the input, ${groups === 1 ? "one group" : `groups of ${size}`}${actOrder ? " named by g_idx" : ""}, stored [in, out].`,
      source,
      parts: [
        { role: "codes", tensor: anchor },
        { role: "scales", tensor: scales! },
        { role: "zero points", tensor: zeros },
        ...(index ? [{ role: "groups", tensor: index }] : []),
      ],
      readings: [zero, order],
      recipe: `int${bits}(${symmetric ? "half" : "asym"})${blockText(size, inputs)}${scaleFormat(scales!.info.dtype)}`,
      recipeNote: actOrder
        ? "Its groups are those of g_idx, not runs along the row, and GPTQ chose the codes, not the nearest ones."
        : "GPTQ chose the codes, not the nearest ones.",
      doubt,
      notes: [],
      decode: (choices) => ({
        ...{ rows: out, cols: inputs, elements: out * inputs, bits },
        codes: columnCodes(
          anchor,
          words,
          out,
          inputs,
          bitOrder(order, choices) === "low" ? dense(bits) : wholeWords(bits, "high"),
        ),
        levels: integerLevels(bits),
        block: { rows: 1, cols: size },
        ...(index && { groups: groupsOf(index, groups, size) }),
        scales: turnedGrid(scales!, out, groups),
        zeros: packedZeros(zeros, groups, bits, facts.zeroStoredLess[chosen(zero, choices) as "v1" | "v2"]),
      }),
    } satisfies Claim;
  },
};
