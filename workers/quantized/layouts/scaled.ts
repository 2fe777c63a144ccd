import type { Tensor } from "../../tensors/tensor.ts";
import { rowCodes, wholeBytes } from "../codes.ts";
import type { Config } from "../config.ts";
import type { Decoding } from "../decoding.ts";
import { scaledFacts as facts } from "../facts.ts";
import { inSense, plainGrid, storedGrid } from "../grids.ts";
import { type Claim, type Layout, moduleOf, NotDecoded, plain, scaleFormat, weightView } from "../layout.ts";
import { dtypeLevels, floatElement, signedLevels } from "../levels.ts";
import { chosen, nibbleOrder, readings } from "../reading.ts";
import { fp4Claim } from "./fp4.ts";
import { type Blocks, blocksOf, blocksText, inputParts } from "./shared.ts";

const anchors = facts.scales;

/**
 * `X.weight` in 8 bits beside its scales: FP8 of DeepSeek and of Hugging Face (one scale a tensor, a row, 128 x 128),
 * compressed-tensors' int-quantized, float-quantized and mxfp8, ModelOpt's FP8, MXFP8 and MXFP4 with exponents in bytes.
 * As all of them compute it: (code - zero) * scale. `weight_scale_inv` is multiplied with, too.
 */
export const scaled: Layout = {
  name: "a weight with scales",
  anchors,
  claim(anchor, { find, config }) {
    const ending = anchors.find((a) => anchor.info.name.endsWith(`.${a}`) || anchor.info.name === a);
    const module = moduleOf(anchor, ending ?? "");
    const codes = find(`${module}weight`);
    if (!codes || codes.info.shape.length < 2) return null;
    const { dtype, shape } = codes.info;
    const exponents = anchor.info.dtype === "F8_E8M0" || anchor.info.dtype === "U8";
    const cols = shape[shape.length - 1];
    const across = anchor.info.shape[anchor.info.shape.length - 1];
    const more = inputParts(find, `${module}input_scale`);
    if (exponents && ["U8", "I8"].includes(dtype) && across === Math.ceil((2 * cols) / facts.mxBlock)) {
      const layout = `${vendor(config)}MXFP4`;
      const common = { name: codes.info.name, layout, source: sourceOf(config), scales: plain(anchor), more };
      const order = nibbleOrder(facts.nibbles);
      return fp4Claim({ ...common, codes: plain(codes), block: facts.mxBlock, order });
    }
    const element = floatElement(dtype) ?? (dtype === "I8" ? "int8" : null);
    if (!element) return null;
    if (anchor.info.dtype === "U8" && across !== Math.ceil(cols / facts.mxBlock)) {
      throw new NotDecoded(`${anchor.info.name} holds bytes, but not one exponent for each 32 weights`);
    }
    return eightBit(plain(codes), plain(anchor), element, module, ending === "weight_scale_inv", find, config, more);
  },
};

function eightBit(
  codes: Tensor,
  scales: Tensor,
  element: string,
  module: string,
  inverse: boolean,
  find: (name: string) => Tensor | undefined,
  config: Config,
  more: Claim["parts"],
): Claim {
  const { shape, name } = codes.info;
  const exponents = scales.info.dtype === "F8_E8M0" || scales.info.dtype === "U8";
  const blocks = blocksOf(scales, shape, toldBlocks(config));
  const zeros = element === "int8" ? find(`${module}weight_zero_point`) : undefined;
  if (zeros && plain(zeros).info.elements !== scales.info.elements) {
    throw new NotDecoded(
      `${zeros.info.name} has ${zeros.info.elements} zero points for ${scales.info.elements} scales`,
    );
  }
  const cols = shape[shape.length - 1];
  const elements = codes.info.elements;
  const mx = exponents && blocks.rows === 1 && blocks.cols === 32;
  const kind = element === "int8" ? "INT8" : mx ? "MXFP8" : "FP8";
  return {
    layout: `${vendor(config)}${kind}${inverse ? " (weight_scale_inv)" : ""}`,
    name,
    shape,
    view: weightView(shape),
    element,
    describe: `${element.toUpperCase()} codes, ${scaleText(blocks, cols)}.`,
    source: sourceOf(config),
    parts: [
      { role: "codes", tensor: codes },
      { role: "scales", tensor: scales },
      ...(zeros ? [{ role: "zero points", tensor: zeros }] : []),
      ...more,
    ],
    readings: [readings.scale],
    recipe: recipeOf(element, mx, blocks, cols, scales.info.dtype, zeros !== undefined),
    recipeNote: null,
    notes: [],
    decode: (choices): Decoding => ({
      ...{ rows: elements / cols, cols, elements, bits: 8 },
      codes: rowCodes(codes, cols, cols, wholeBytes),
      levels: element === "int8" ? signedLevels(8) : dtypeLevels(codes.stored!.dtype),
      block: blocks,
      scales: inSense(storedGrid(scales, blocks.gridCols), chosen(readings.scale, choices)),
      ...(zeros && { zeros: plainGrid(zeros, blocks.gridCols) }),
    }),
  };
}

function recipeOf(element: string, mx: boolean, blocks: Blocks, cols: number, dtype: string, asym: boolean): string {
  if (mx && element === "e4m3") return "mxfp8";
  if (mx && element === "e5m2") return "mxfp8_e5m2";
  const base = element === "int8" ? `int8(${asym ? "asym" : "half"})` : element;
  return `${base}${blocksText(blocks, cols)}${dtype === "F8_E8M0" || dtype === "U8" ? ":e8m0@up" : scaleFormat(dtype)}`;
}

function scaleText(blocks: Blocks, cols: number): string {
  if (blocks.gridRows * blocks.gridCols === 1) return "one scale for all";
  if (blocks.rows === 1)
    return blocks.cols >= cols ? "a scale for each row" : `a scale for each ${blocks.cols} of a row`;
  return `a scale for each block of ${blocks.rows} x ${blocks.cols}`;
}

const vendors: Readonly<Record<string, string>> = {
  "compressed-tensors": "compressed-tensors ",
  modelopt: "ModelOpt ",
};
const vendor = ({ method }: Config): string => (method === null ? "" : (vendors[method] ?? ""));

const methods = ["compressed-tensors", "modelopt", "fp8", "fbgemm_fp8", "mxfp8", "mxfp4"];
const sourceOf = ({ method, file }: Config): string | null =>
  method !== null && methods.includes(method) ? file : null;

/** Sides of blocks as configurations name them. */
function toldBlocks(config: Config): number[] | undefined {
  const groups = config.at("config_groups");
  const own =
    groups instanceof Map
      ? [...groups.keys()].map((g) => config.at("config_groups", g, "weights", "block_structure"))
      : [];
  const told = [config.at("weight_block_size"), ...own].find((value) => Array.isArray(value) && value.length === 2);
  return Array.isArray(told) && told.every((n) => typeof n === "number") ? told : undefined;
}
