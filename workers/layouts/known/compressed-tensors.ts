import type { Tensor } from "../../tensors/tensor.ts";
import { dense, rowCodes, type Unpack, wholeWords } from "../codes.ts";
import type { Config } from "../config.ts";
import type { Grid } from "../decoding.ts";
import { compressedTensorsFacts as facts } from "../facts.ts";
import { plainGrid, storedGrid, zerosDownColumns } from "../grids.ts";
import {
  type Claim,
  expectShape,
  type Layout,
  moduleOf,
  NotDecoded,
  needed,
  plain,
  type Surroundings,
  scaleFormat,
  stacked,
  weightView,
} from "../layout.ts";
import { integerLevels, signedLevels } from "../levels.ts";
import { bitOrder, type Choices, chosen, nibbleOrder, readings, wordOrder } from "../reading.ts";
import { fp4Claim } from "./fp4.ts";
import { type Blocks, blocksOf, blocksText, groupsOf, inputParts } from "./shared.ts";

/**
 * compressed-tensors with `X.weight_packed`: pack-quantized integers, nvfp4 and mxfp4. (int-quantized, float-quantized,
 * naive and mxfp8 keep `X.weight`; see `scaled.ts`.) As the library computes it: (code - zero) * scale; for nvfp4 the
 * block scale is first divided by the global one.
 */
export const compressedTensors: Layout = {
  name: "compressed-tensors",
  anchors: [facts.packed],
  claim(anchor, surroundings) {
    const { find, config } = surroundings;
    const module = moduleOf(anchor, facts.packed);
    if (find(`${module}meta`))
      throw new NotDecoded("it is 2:4 sparse in Marlin's order (marlin-24), which is not decoded");
    plain(anchor);
    const scales = needed(find, module + facts.scales, "scales");
    const source = config.method === "compressed-tensors" ? config.file : null;
    if (anchor.info.dtype === "I32") return packed(anchor, scales, module, source, surroundings);
    if (anchor.info.dtype !== "U8") throw new NotDecoded(`codes in ${anchor.info.dtype} are not known`);
    const order = nibbleOrder(facts.nibbles);
    const common = { name: `${module}weight`, source, codes: anchor, scales, order };
    const more = inputParts(find, `${module}input_global_scale`, `${module}input_scale`);
    if (scales.info.dtype !== "F8_E4M3") {
      return fp4Claim({ ...common, layout: "compressed-tensors MXFP4", block: facts.mxBlock, more });
    }
    const tensor = needed(find, module + facts.globalScale, "global scale");
    const global = { tensor, sense: facts.globalSense };
    return fp4Claim({ ...common, layout: "compressed-tensors NVFP4", block: facts.nvfp4Block, global, more });
  },
};

const inWords = wordOrder(facts.order);

/** How codes lie in words, and the least number of them that fill whole words. */
interface Packing {
  unpack: Unpack;
  every: { rows: number; words: number };
}

async function packed(
  anchor: Tensor,
  scales: Tensor,
  module: string,
  source: string | null,
  { find, config, signal }: Surroundings,
): Promise<Claim> {
  const { rows, cols: words } = stacked(anchor);
  const shapeTensor = needed(find, module + facts.shape, "dimensions");
  const { elements: sizes } = shapeTensor.info;
  // Only its last size is not known from the codes; no other is looked at.
  const [inputs] = sizes === 0 ? [0] : await shapeTensor.read(sizes - 1, sizes, signal);
  const bits = Number.isInteger(inputs) && inputs >= 0 ? widthOf(words, inputs, config) : null;
  if (bits === null) {
    throw new NotDecoded(
      `${words} words a row of ${anchor.info.name} hold ${inputs} inputs at no width of 1 to 8 bits`,
    );
  }
  const shape = [...anchor.info.shape.slice(0, -1), inputs];
  const blocks = blocksOf(scales, shape, toldGroup(config, inputs, scales));
  const zeros = find(module + facts.zeros);
  const index = find(module + facts.groups);
  if (index) expectShape(plain(index), [inputs], "the shape of the weight");
  const divides = 32 % bits === 0;
  const both = !divides && fitsDense(words, inputs, bits) && fitsWhole(words, inputs, bits);
  const usual = divides || fitsDense(words, inputs, bits) ? "dense" : "whole";
  const packingFor = (choices: Choices): Packing => {
    const perWord = { rows: Math.floor(32 / bits), words: 1 };
    if (divides && bitOrder(inWords, choices) === "high") return { unpack: wholeWords(bits, "high"), every: perWord };
    const packing = both ? chosen(readings.packing, choices) : usual;
    if (packing === "whole") return { unpack: wholeWords(bits, facts.order), every: perWord };
    return { unpack: dense(bits), every: divides ? perWord : { rows: 32, words: bits } };
  };
  const zeroGrid = zeros && zeroPoints(plain(zeros), blocks, bits, shape.length);
  return {
    layout: `compressed-tensors INT${bits}`,
    name: `${module}weight`,
    shape,
    view: weightView(shape),
    element: `int${bits}`,
    describe: `${bits}-bit codes packed along the input in 32-bit words${index ? ", groups named by g_idx" : ""}.`,
    source,
    parts: [
      { role: "codes", tensor: anchor },
      { role: "scales", tensor: scales },
      ...(zeros ? [{ role: "zero points", tensor: zeros }] : []),
      ...(index ? [{ role: "groups", tensor: index }] : []),
      { role: "dimensions", tensor: shapeTensor },
      ...inputParts(find, `${module}input_scale`),
    ],
    readings: [
      ...(divides && bits < 8 ? [inWords] : []),
      ...(both ? [readings.packing] : []),
      ...(zeros ? [] : [readings.offset]),
    ],
    recipe: recipeOf(bits, zeros !== undefined, blocks, inputs, scales),
    recipeNote: index ? "Its groups are those of g_idx, not runs along the row." : null,
    notes: [],
    decode: (choices) => ({
      ...{ rows, cols: inputs, elements: rows * inputs, bits },
      codes: rowCodes(anchor, words, inputs, packingFor(choices).unpack),
      levels: chosen(readings.offset, choices) === "signed" ? signedLevels(bits) : integerLevels(bits, 2 ** (bits - 1)),
      block: blocks,
      ...(index && { groups: groupsOf(index, blocks.gridCols, blocks.cols) }),
      scales: storedGrid(scales, blocks.gridCols),
      ...(zeroGrid && { zeros: zeroGrid(packingFor(choices)) }),
    }),
  };
}

/** A row and a group's size as sides of a block, where a size that the configuration names gives as many groups. */
function toldGroup(config: Config, inputs: number, scales: Tensor): number[] | undefined {
  const groups = scales.info.shape.at(-1);
  const sizes = weightsOf(config).map((weights) => weights("group_size"));
  const size = sizes.find(
    (n): n is number => Number.isInteger(n) && (n as number) > 0 && Math.ceil(inputs / (n as number)) === groups,
  );
  return size === undefined ? undefined : [1, size];
}

/** What the configuration says of the weights of each of its groups of modules. */
function weightsOf(config: Config): ((key: string) => unknown)[] {
  const groups = config.at("config_groups");
  if (!(groups instanceof Map)) return [];
  return [...groups.keys()].map((group) => (key) => config.at("config_groups", group, "weights", key));
}

const fitsDense = (words: number, inputs: number, bits: number) => Math.ceil((inputs * bits) / 32) === words;
const fitsWhole = (words: number, inputs: number, bits: number) => Math.ceil(inputs / Math.floor(32 / bits)) === words;

/** Bits a code: what the configuration says if it fits, else the only width that does. */
function widthOf(words: number, inputs: number, config: Config): number | null {
  const told = weightsOf(config).map((weights) => weights("num_bits"));
  const widths = [...told.filter((b): b is number => Number.isInteger(b)), 4, 8, 2, 3, 5, 6, 7, 1];
  return widths.find((b) => b >= 1 && b <= 8 && (fitsDense(words, inputs, b) || fitsWhole(words, inputs, b))) ?? null;
}

/** Zero points packed down the columns, or one byte each. Throws NotDecoded. */
function zeroPoints(zeros: Tensor, blocks: Blocks, bits: number, dimensions: number): (packing: Packing) => Grid {
  const { gridRows, gridCols } = blocks;
  if (zeros.info.dtype !== "I32") {
    if (zeros.info.elements !== gridRows * gridCols) {
      throw new NotDecoded(
        `${zeros.info.name} has ${zeros.info.elements} zero points for ${gridRows * gridCols} scales`,
      );
    }
    return () => plainGrid(zeros, gridCols);
  }
  const words = zeros.info.shape[0];
  const fits = fitsDense(words, gridRows, bits) || fitsWhole(words, gridRows, bits);
  if (dimensions !== 2 || zeros.info.shape.length !== 2 || zeros.info.shape[1] !== gridCols || !fits) {
    throw new NotDecoded(
      `${zeros.info.name} is [${zeros.info.shape.join(", ")}], which does not hold ${gridRows} x ${gridCols} zero points of ${bits} bits`,
    );
  }
  // The codes' levels are less half the range; so are these.
  return (packing) => zerosDownColumns(zeros, gridCols, packing, 2 ** (bits - 1));
}

function recipeOf(bits: number, asymmetric: boolean, blocks: Blocks, cols: number, scales: Tensor): string | null {
  if (bits === 1 && !asymmetric) return null;
  return `int${bits}(${asymmetric ? "asym" : "half"})${blocksText(blocks, cols)}${scaleFormat(scales.info.dtype)}`;
}
