/** Weights whose file says itself how codes become values: ONNX's operators, PyTorch's own quantized tensors. */

import { codeTable } from "../../../kernels/formats/index.ts";
import type { Blocked, NBits } from "../../tensors/dequantization.ts";
import { countElements } from "../../tensors/shape.ts";
import type { Tensor } from "../../tensors/tensor.ts";
import { asBytes, storedBytes } from "../bytes.ts";
import { bitCodes, dense, rowCodes } from "../codes.ts";
import type { BlockSize, Grid } from "../decoding.ts";
import { constantGrid, packedRowGrid, plainGrid } from "../grids.ts";
import {
  type Claim,
  expectShape,
  type Layout,
  NotDecoded,
  needed,
  type Surroundings,
  scaleFormat,
  weightView,
} from "../layout.ts";
import { floatElement, integerLevels, signedLevels } from "../levels.ts";
import { blockText, groupsOf } from "./shared.ts";

/** Types of codes that are read: the element in the notation, its bits and the number of each code. */
const elements: Readonly<Record<string, { element: string; levels: () => Float32Array }>> = {
  I8: { element: "int8", levels: () => signedLevels(8) },
  U8: { element: "int8", levels: () => integerLevels(8) },
  I4: { element: "int4", levels: () => signedLevels(4) },
  U4: { element: "int4", levels: () => integerLevels(4) },
  I2: { element: "int2", levels: () => signedLevels(2) },
  U2: { element: "int2", levels: () => integerLevels(2) },
  F4: { element: "e2m1", levels: () => codeTable("e2m1") },
};

export const told: Layout = {
  name: "a weight whose file says how it is decoded",
  anchors: [],
  async claim(anchor, surroundings) {
    const how = anchor.dequantized;
    if (!how) return null;
    if (anchor.info.problem !== undefined || !anchor.stored) return null;
    return how.kind === "nbits" ? nbits(anchor, how, surroundings) : blocked(anchor, how, surroundings);
  },
};

/** A part by its name; 4-bit types are read by value. Throws NotDecoded. */
function part(find: Surroundings["find"], name: string, role: string): Tensor {
  const tensor = find(name);
  if (!tensor) throw new NotDecoded(`its ${role}, ${name}, ${role.endsWith("s") ? "are" : "is"} no tensor of the file`);
  if (tensor.info.problem !== undefined || !tensor.stored) throw new NotDecoded(`${name} cannot be read`);
  return tensor;
}

function blocked(codes: Tensor, how: Blocked, { find }: Surroundings): Claim | null {
  const { name, dtype, shape, elements: count, view } = codes.info;
  const float = floatElement(dtype);
  const known = float ? { element: float, levels: () => codeTable(float) } : elements[dtype];
  if (!known) {
    // Numbers of other types are what they are, whatever reads them.
    if (!/^[IU](?:16|32)$/.test(dtype)) return null;
    throw new NotDecoded(`codes in ${dtype} are not decoded`);
  }
  const scales = part(find, how.scales, "scales");
  const zeros = how.zeros === null ? null : part(find, how.zeros, "zero points");
  if (zeros && zeros.info.elements !== scales.info.elements) {
    throw new NotDecoded(
      `${zeros.info.name} has ${zeros.info.elements} zero points for ${scales.info.elements} scales`,
    );
  }
  const { rows, cols, block, gridCols, text } = matrixOf(shape, how, scales);
  const { bits } = codes.stored!.dtype;
  const asymmetric = zeros !== null;
  const notation = float || dtype === "F4" ? known.element : `${known.element}(${asymmetric ? "asym" : "half"})`;
  return {
    layout: `${how.by} ${known.element.toUpperCase()}`,
    name,
    shape,
    view,
    element: known.element,
    describe: `${dtype} codes, ${describeBlocks(how, scales)}.`,
    source: "the file",
    parts: [
      { role: "codes", tensor: codes },
      { role: "scales", tensor: scales },
      ...(zeros ? [{ role: "zero points", tensor: zeros }] : []),
    ],
    readings: [],
    recipe: text === null ? null : `${notation}${text}${scaleFormat(scales.info.dtype)}`,
    recipeNote: text === null ? "Its scales run along an axis for which the notation has no block." : null,
    notes: [],
    decode: () => ({
      ...{ rows, cols, elements: count, bits },
      codes: bits === 8 ? rowCodes(codes, cols, cols, dense(8)) : bitCodes(codes, cols, bits),
      levels: known.levels(),
      block,
      scales: plainGrid(scales, gridCols),
      ...(zeros && { zeros: plainGrid(zeros, gridCols) }),
    }),
  };
}

interface AsMatrix {
  rows: number;
  cols: number;
  block: BlockSize;
  gridCols: number;
  /** The blocks in the notation, of a weight [out, in]. */
  text: string | null;
}

/** The weight as the matrix whose blocks are those of the scales. Throws NotDecoded where they do not fit. */
function matrixOf(shape: readonly number[], { axis: given, run }: Blocked, scales: Tensor): AsMatrix {
  const count = countElements(shape);
  const last = shape[shape.length - 1] ?? 1;
  if (scales.info.elements === 1 || shape.length === 0) {
    if (scales.info.elements !== 1)
      throw new NotDecoded(`${scales.info.name} has ${scales.info.elements} scales for one number`);
    return {
      rows: count / last,
      cols: last,
      block: { rows: Math.max(1, count / last), cols: last },
      gridCols: 1,
      text: "/tensor",
    };
  }
  if (given === null)
    throw new NotDecoded(`${scales.info.name} has ${scales.info.elements} scales, where one is asked for`);
  const axis = given < 0 ? given + shape.length : given;
  if (axis < 0 || axis >= shape.length) throw new NotDecoded(`there is no axis ${given} in [${shape.join(", ")}]`);
  const along = shape[axis];
  const before = countElements(shape.slice(0, axis));
  const inner = countElements(shape.slice(axis + 1));
  if (run !== null && run > 0) {
    const runs = Math.ceil(along / run);
    expectShape(
      scales,
      shape.map((size, d) => (d === axis ? runs : size)),
      `blocks of ${run} along axis ${axis}`,
    );
    if (axis === shape.length - 1) {
      return { rows: before, cols: along, block: { rows: 1, cols: run }, gridCols: runs, text: blockText(run, along) };
    }
    const every = before > 1 && along % run !== 0 ? { every: along } : {};
    return {
      rows: before * along,
      cols: inner,
      block: { rows: run, cols: 1, ...every },
      gridCols: inner,
      text: `/${run}x1`,
    };
  }
  if (scales.info.elements !== along) {
    throw new NotDecoded(`${scales.info.name} has ${scales.info.elements} scales for ${along} along axis ${axis}`);
  }
  if (axis === 0) return { rows: along, cols: inner, block: { rows: 1, cols: inner }, gridCols: 1, text: "/row" };
  const text = axis === 1 && shape.length === 2 ? "/col" : null;
  return { rows: before, cols: along * inner, block: { rows: before, cols: inner }, gridCols: along, text };
}

function describeBlocks({ axis, run }: Blocked, scales: Tensor): string {
  if (scales.info.elements === 1) return "one scale for all";
  return run !== null && run > 0
    ? `a scale for each ${run} along axis ${axis}`
    : `a scale for each index of axis ${axis}`;
}

function nbits(codes: Tensor, how: NBits, { find }: Surroundings): Claim {
  const { outputs, inputs, bits, block } = how;
  const whole = [outputs, inputs, block].every((n) => Number.isSafeInteger(n) && n > 0);
  if (!whole || ![2, 4, 8].includes(bits) || (block * bits) % 8 !== 0) {
    throw new NotDecoded(`${how.by} of ${bits} bits in blocks of ${block} for [${outputs}, ${inputs}] is not decoded`);
  }
  const blocks = Math.ceil(inputs / block);
  const stride = (blocks * block * bits) / 8;
  const bytes = asBytes(codes);
  if (storedBytes(codes) !== outputs * stride) {
    throw new NotDecoded(
      `${codes.info.name} has ${storedBytes(codes)} bytes, where ${outputs} rows of ${blocks} blocks take ${outputs * stride}`,
    );
  }
  const scales = part(find, how.scales, "scales");
  if (scales.info.elements !== outputs * blocks) {
    throw new NotDecoded(`${scales.info.name} has ${scales.info.elements} scales for ${outputs * blocks} blocks`);
  }
  const zeros = how.zeros === null ? null : part(find, how.zeros, "zero points");
  const zeroGrid = zeros ? zeroPoints(zeros, outputs, blocks, bits) : constantGrid(2 ** (bits - 1), blocks);
  const groups = how.groups === null ? null : needed(find, how.groups, "groups");
  if (groups) expectShape(groups, [inputs], "its inputs");
  const shape = [outputs, inputs];
  return {
    layout: `${how.by} INT${bits}`,
    name: codes.info.name,
    shape,
    view: weightView(shape),
    element: `int${bits}`,
    describe: `${bits}-bit codes from the lowest bits up, a scale for each ${block} of a row${zeros ? "" : `, all zero points ${2 ** (bits - 1)}`}.`,
    source: "the file",
    parts: [
      { role: "codes", tensor: codes },
      { role: "scales", tensor: scales },
      ...(zeros ? [{ role: "zero points", tensor: zeros }] : []),
      ...(groups ? [{ role: "groups", tensor: groups }] : []),
    ],
    readings: [],
    recipe: `int${bits}(${zeros ? "asym" : "half"})${blockText(block, inputs)}${scaleFormat(scales.info.dtype)}`,
    recipeNote: groups ? "Its groups are those of g_idx, not runs along the row." : null,
    notes: [],
    decode: () => ({
      ...{ rows: outputs, cols: inputs, elements: outputs * inputs, bits },
      codes: rowCodes(bytes, stride, inputs, dense(bits)),
      levels: integerLevels(bits),
      block: { rows: 1, cols: block },
      ...(groups && { groups: groupsOf(groups, blocks, block) }),
      scales: plainGrid(scales, blocks),
      zeros: zeroGrid,
    }),
  };
}

/** Packed like the codes, each row in whole bytes, or numbers of their own. Throws NotDecoded. */
function zeroPoints(zeros: Tensor, outputs: number, blocks: number, bits: number): Grid {
  const packed = Math.ceil((blocks * bits) / 8);
  if (zeros.info.dtype === "U8" && zeros.info.elements === outputs * packed)
    return packedRowGrid(zeros, blocks, bits, packed);
  if (zeros.info.dtype !== "U8" && zeros.info.elements === outputs * blocks) return plainGrid(zeros, blocks);
  throw new NotDecoded(
    `${zeros.info.name} is ${zeros.info.dtype} [${zeros.info.shape.join(", ")}], which are not ${outputs} x ${blocks} zero points of ${bits} bits`,
  );
}
