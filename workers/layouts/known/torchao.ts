import { codeTable } from "../../../kernels/formats/index.ts";
import { type Json, parseJson } from "../../checkpoints/json.ts";
import type { Tensor } from "../../tensors/tensor.ts";
import { nibbles, rowCodes, wholeBytes } from "../codes.ts";
import { torchaoFacts as facts } from "../facts.ts";
import { plainGrid, storedGrid, turnedGrid } from "../grids.ts";
import {
  type Claim,
  expectShape,
  type Layout,
  moduleOf,
  NotDecoded,
  needed,
  plain,
  scaleFormat,
  weightView,
} from "../layout.ts";
import { floatElement, signedLevels } from "../levels.ts";
import { bitOrder, nibbleOrder } from "../reading.ts";
import { fp4Claim } from "./fp4.ts";
import { blocksOf, blocksText, blockText, groupSize, pairedShape } from "./shared.ts";

const order = nibbleOrder(facts.nibbles);

/**
 * torchao's tensor classes as its safetensors support writes them: parts `X._weight_qdata`, `X._weight_scale` ..., the class
 * in the file's metadata. Decoded are Int4Tensor (code * scale + zero), Int8Tensor, IntxUnpackedToInt8Tensor and
 * Float8Tensor ((code - zero) * scale), MXTensor and NVFP4Tensor; classes whose codes are laid out for one kernel are not.
 */
export const torchao: Layout = {
  name: "torchao",
  anchors: [facts.codes],
  claim(anchor, { find, metadata }) {
    const module = moduleOf(anchor, facts.codes);
    const name = `${module}weight`;
    const described = readClass(metadata[name]);
    if (!described) throw new NotDecoded(`the file's metadata does not say of which class ${name} is`);
    const { type, at } = described;
    plain(anchor);
    const scales = needed(find, module + facts.scales, "scales");
    const zeros = find(module + facts.zeros);
    const base = { name, source: "the file's metadata", layout: `torchao ${type}` };
    const swizzled = at("is_swizzled_scales") === true;
    switch (type) {
      case "Int4Tensor":
        return int4(base, anchor, scales, needed(find, module + facts.zeros, "zero points"), lastOf(at("block_size")));
      case "Int8Tensor":
      case "IntxUnpackedToInt8Tensor":
      case "Float8Tensor":
        return eightBit(
          base,
          anchor,
          scales,
          zeros && zeros.info.elements > 0 ? plain(zeros) : undefined,
          widthOf(at("target_dtype")),
        );
      case "NVFP4Tensor": {
        const tensor = find(module + facts.globalScale);
        const global = tensor && { tensor: plain(tensor), sense: "multiply" as const };
        return fp4Claim({
          ...base,
          codes: anchor,
          scales,
          block: facts.nvfp4Block,
          order,
          swizzled,
          ...(global && { global }),
        });
      }
      case "MXTensor":
        if (anchor.info.dtype === "U8")
          return fp4Claim({ ...base, codes: anchor, scales, block: facts.mxBlock, order, swizzled });
        if (swizzled) throw new NotDecoded("an MXTensor of 8 bits with swizzled scales is not decoded");
        return eightBit(base, anchor, scales, undefined);
      default:
        throw new NotDecoded(`the order of codes in torchao's ${type} is that of a kernel, which is not decoded`);
    }
  },
};

interface Base {
  name: string;
  source: string;
  layout: string;
}

const lastOf = (sizes: Json | undefined): Json | undefined => (Array.isArray(sizes) ? sizes.at(-1) : undefined);

function readClass(text: string | undefined): { type: string; at(key: string): Json | undefined } | null {
  if (text === undefined) return null;
  let value: Json;
  try {
    ({ value } = parseJson(text));
  } catch {
    return null;
  }
  const type = value instanceof Map ? value.get("_type") : undefined;
  const data = value instanceof Map ? value.get("_data") : undefined;
  if (typeof type !== "string") return null;
  return { type, at: (key) => (data instanceof Map ? data.get(key) : undefined) };
}

/** Two codes a byte along the input; scales and zero points are stored transposed, and the zero point is added. */
function int4(base: Base, codes: Tensor, scales: Tensor, zeros: Tensor, toldBlock: unknown): Claim {
  const { shape, rows, cols, bytes } = pairedShape(codes);
  const [groups] = scales.info.shape;
  if (shape.length !== 2) throw new NotDecoded(`stacked matrices of ${base.layout} are not decoded`);
  expectShape(scales, [groups, rows], "its codes");
  expectShape(zeros, [groups, rows], "its codes");
  const size = groupSize(cols, groups, toldBlock, scales);
  return {
    ...base,
    shape,
    view: weightView(shape),
    element: "int4",
    describe: `4-bit codes in two's complement, two a byte, groups of ${size}, zero points that are added.`,
    parts: [
      { role: "codes", tensor: codes },
      { role: "scales", tensor: scales },
      { role: "zero points", tensor: zeros },
    ],
    readings: [order],
    recipe: `int4(asym)${blockText(size, cols)}${scaleFormat(scales.info.dtype)}`,
    recipeNote: "Its zero points are values and keep fractions; the recipe's are integers.",
    notes: [],
    decode: (choices) => ({
      ...{ rows, cols, elements: rows * cols, bits: 4 },
      codes: rowCodes(codes, bytes, cols, nibbles(bitOrder(order, choices))),
      levels: signedLevels(4),
      block: { rows: 1, cols: size },
      scales: turnedGrid(scales, rows, groups),
      offsets: turnedGrid(zeros, rows, groups),
    }),
  };
}

/** Bits of an integer type as torchao writes it, "torch.int4" or an object around it: fewer than 8 lie in a byte each. */
function widthOf(type: Json | undefined): number {
  const text = type instanceof Map ? type.get("_data") : type;
  return Number((typeof text === "string" && /\bint([1-8])$/.exec(text)?.[1]) || 8);
}

function eightBit(base: Base, codes: Tensor, scales: Tensor, zeros: Tensor | undefined, width = 8): Claim {
  const { shape, dtype, elements } = codes.info;
  const element = floatElement(dtype) ?? (dtype === "I8" ? `int${width}` : null);
  if (!element || shape.length < 2)
    throw new NotDecoded(`codes in ${dtype} of shape [${shape.join(", ")}] are not known`);
  const cols = shape[shape.length - 1];
  const blocks = blocksOf(scales, shape);
  if (zeros && zeros.info.elements !== scales.info.elements) {
    throw new NotDecoded(
      `${zeros.info.name} has ${zeros.info.elements} zero points for ${scales.info.elements} scales`,
    );
  }
  const single = blocks.gridRows * blocks.gridCols === 1;
  const mx = scales.info.dtype === "F8_E8M0" && blocks.rows === 1 && blocks.cols === 32;
  return {
    ...base,
    shape,
    view: weightView(shape),
    element,
    describe: `${element.toUpperCase()} codes${width < 8 && dtype === "I8" ? " in bytes" : ""}, ${single ? "one scale" : `a scale for each ${blocks.rows} x ${blocks.cols}`}.`,
    parts: [
      { role: "codes", tensor: codes },
      { role: "scales", tensor: scales },
      ...(zeros ? [{ role: "zero points", tensor: zeros }] : []),
    ],
    readings: [],
    recipe:
      mx && element === "e4m3"
        ? "mxfp8"
        : `${dtype === "I8" ? `${element}(${zeros ? "asym" : "half"})` : element}${blocksText(blocks, cols)}${scaleFormat(scales.info.dtype)}`,
    recipeNote: null,
    notes: [],
    decode: () => ({
      ...{ rows: elements / cols, cols, elements, bits: 8 },
      codes: rowCodes(codes, cols, cols, wholeBytes),
      levels: dtype === "I8" ? signedLevels(8) : codeTable(element),
      block: blocks,
      scales: storedGrid(scales, blocks.gridCols),
      ...(zeros && { zeros: plainGrid(zeros, blocks.gridCols) }),
    }),
  };
}
