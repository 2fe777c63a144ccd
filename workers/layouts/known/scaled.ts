import { codeTable } from "../../../kernels/formats/index.ts";
import type { Tensor } from "../../tensors/tensor.ts";
import { rowCodes, wholeBytes } from "../codes.ts";
import type { Config } from "../config.ts";
import type { Decoding } from "../decoding.ts";
import { scaledFacts as facts } from "../facts.ts";
import { inSense, plainGrid, storedGrid, swizzledGrid, timesGlobal } from "../grids.ts";
import { type Claim, type Layout, NotDecoded, plain, type Surroundings, scaleFormat, weightView } from "../layout.ts";
import { floatElement, signedLevels } from "../levels.ts";
import { chosen, nibbleOrder, readings } from "../reading.ts";
import { type Spelling, scaleEndings, scaleParts, spelledBy } from "../spellings.ts";
import { type ComfyMark, comfyMark } from "./comfy.ts";
import { fp4Claim } from "./fp4.ts";
import { type Blocks, blocksOf, blocksText, inputParts, maySwizzle } from "./shared.ts";

/** Types that scales are stored in; unsigned bytes are exponents. */
const SCALE_TYPES = new Set(["F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2", "F8_E8M0", "U8"]);

/**
 * A weight in 8 bits beside its scales, under any of the names in `spellings.ts`: FP8 of DeepSeek and of Hugging Face (one
 * scale a tensor, a row, 128 x 128), ComfyUI's and musubi-tuner's, fused experts, compressed-tensors' int-quantized,
 * float-quantized and mxfp8, ModelOpt's FP8, MXFP8, and MXFP4 with exponents in bytes. As all of them compute it:
 * (code - zero) * scale. `weight_scale_inv` is multiplied with, too.
 */
export const scaled: Layout = {
  name: "a weight with scales",
  anchors: scaleParts,
  endings: scaleEndings,
  async claim(anchor, surroundings) {
    const { find } = surroundings;
    for (const { spelling, stem } of spelledBy(anchor.info.name)) {
      const codes = find(stem + spelling.codes);
      if (!codes || codes === anchor || codes.info.shape.length < 2 || !SCALE_TYPES.has(anchor.info.dtype)) continue;
      const claim = await claimOf({ codes, scales: anchor, spelling, stem }, surroundings);
      if (claim) return claim;
    }
    return null;
  },
};

interface Found {
  codes: Tensor;
  scales: Tensor;
  spelling: Spelling;
  stem: string;
}

async function claimOf(found: Found, surroundings: Surroundings): Promise<Claim | null> {
  const { codes, scales, spelling, stem } = found;
  const { find, config } = surroundings;
  // First: what a mark names that is not known must not be read by shapes alone.
  const mark = await comfyMark(stem, surroundings);
  const { dtype, shape } = codes.info;
  const cols = shape[shape.length - 1];
  const across = scales.info.shape[scales.info.shape.length - 1];
  const own = scales.info.dtype;
  const more = inputParts(find, ...spelling.inputs.map((input) => stem + input));
  const pairs = { name: nameOf(found), source: sourceOf(config), more, order: nibbleOrder(facts.nibbles) };
  if (
    (own === "F8_E8M0" || own === "U8") &&
    ["U8", "I8"].includes(dtype) &&
    across === Math.ceil((2 * cols) / facts.mxBlock)
  ) {
    const layout = `${vendor(config)}MXFP4`;
    return fp4Claim({ ...pairs, layout, scales: plain(scales), codes: plain(codes), block: facts.mxBlock });
  }
  const global = spelling.global === undefined ? undefined : find(stem + spelling.global);
  if (own === "F8_E4M3" && dtype === "U8" && global) {
    const layout = `${vendor(config)}NVFP4`;
    const common = { ...pairs, layout, scales: plain(scales), codes: plain(codes), block: 16 };
    return fp4Claim({ ...common, global: { tensor: plain(global), sense: "multiply" } });
  }
  // ComfyUI may keep floats of 8 bits in unsigned bytes.
  const type = mark && dtype === "U8" && mark.format.codes.startsWith("F8") ? mark.format.codes : dtype;
  const element = floatElement(type) ?? (type === "I8" ? "int8" : null);
  if (!element) return null;
  if (own === "U8" && across !== Math.ceil(cols / facts.mxBlock) && !mark?.format.swizzled) {
    throw new NotDecoded(`${scales.info.name} holds bytes, but not one exponent for each 32 weights`);
  }
  return eightBit({ ...found, element, mark, global: global && plain(global), more }, surroundings);
}

/** Some keep the codes one name below the weight. */
function nameOf({ codes, spelling, stem }: Found): string {
  return spelling.codes.startsWith("_") ? stem.replace(/\.$/, "") : codes.info.name;
}

interface EightBit extends Found {
  /** What the codes are in the notation, whatever they are declared as. */
  element: string;
  mark: ComfyMark | null;
  global: Tensor | undefined;
  more: Claim["parts"];
}

function eightBit({ mark, global, ...found }: EightBit, { find, config }: Surroundings): Claim {
  const { spelling, stem, element, more } = found;
  const codes = plain(found.codes);
  const scales = plain(found.scales);
  const { shape, elements } = codes.info;
  const cols = shape[shape.length - 1];
  const rows = elements / cols;
  const exponents = scales.info.dtype === "F8_E8M0" || scales.info.dtype === "U8";
  const across = Math.ceil(cols / facts.mxBlock);
  const tiled = mark?.format.swizzled === true && maySwizzle(scales, rows, across);
  const blocks: Blocks = tiled
    ? { rows: 1, cols: facts.mxBlock, gridRows: rows, gridCols: across }
    : blocksOf(scales, shape, toldBlocks(config));
  const zeros = element === "int8" && spelling.zeros !== undefined ? find(stem + spelling.zeros) : undefined;
  if (zeros && plain(zeros).info.elements !== scales.info.elements) {
    throw new NotDecoded(
      `${zeros.info.name} has ${zeros.info.elements} zero points for ${scales.info.elements} scales`,
    );
  }
  const each = shape[shape.length - 2];
  if (global && ![1, rows / each].includes(global.info.elements)) {
    throw new NotDecoded(`${global.info.name} has ${global.info.elements} scales for ${rows / each} matrices`);
  }
  const mx = exponents && blocks.rows === 1 && blocks.cols === 32;
  const kind = element === "int8" ? "INT8" : mx ? "MXFP8" : "FP8";
  const recipe = recipeOf(element, mx, blocks, cols, scales.info.dtype, zeros !== undefined);
  return {
    layout: `${mark ? "ComfyUI " : vendor(config)}${kind}${suffixOf(spelling)}`,
    name: nameOf(found),
    shape,
    view: weightView(shape),
    element,
    describe: `${element.toUpperCase()} codes, ${scaleText(blocks, cols)}${global ? ", times one of the tensor" : ""}.`,
    source: mark ? (mark.tensor ? "its comfy_quant" : "the file's metadata") : sourceOf(config),
    parts: [
      { role: "codes", tensor: codes },
      { role: "scales", tensor: scales },
      ...(global ? [{ role: "global scale", tensor: global }] : []),
      ...(zeros ? [{ role: "zero points", tensor: zeros }] : []),
      ...more,
      ...(mark?.tensor ? [{ role: "description", tensor: mark.tensor, counted: false }] : []),
    ],
    readings: [readings.scale],
    recipe: global ? `${recipe}/tensor` : recipe,
    recipeNote: null,
    notes: mark?.rotated ? ["The weight was rotated before it was quantized (convrot), and is shown rotated"] : [],
    decode: (choices): Decoding => {
      const grid = tiled ? swizzledGrid(scales, rows, across) : storedGrid(scales, blocks.gridCols);
      const whole = global ? timesGlobal(grid, global, "multiply", Math.max(1, blocks.gridRows / (rows / each))) : grid;
      return {
        ...{ rows, cols, elements, bits: 8 },
        codes: rowCodes(codes, cols, cols, wholeBytes),
        levels: element === "int8" ? signedLevels(8) : codeTable(element),
        block: blocks,
        scales: inSense(whole, chosen(readings.scale, choices)),
        ...(zeros && { zeros: plainGrid(zeros, blocks.gridCols) }),
      };
    },
  };
}

/** The scale's name where it is not the usual one, so that people find it in the file. */
function suffixOf({ scales }: Spelling): string {
  const name = scales.replace(/^_/, "");
  return name === "weight_scale" || name === "scale" ? "" : ` (${name})`;
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
  return `a scale for each block of ${blocks.rows} x ${blocks.cols}${blocks.every === undefined ? "" : ", the last of each matrix cut"}`;
}

const vendors: Readonly<Record<string, string>> = {
  "compressed-tensors": "compressed-tensors ",
  modelopt: "ModelOpt ",
  quark: "Quark ",
};
const vendor = ({ method }: Config): string => (method === null ? "" : (vendors[method] ?? ""));

const methods = ["compressed-tensors", "modelopt", "fp8", "fbgemm_fp8", "mxfp8", "mxfp4", "quark", "auto-round"];
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
