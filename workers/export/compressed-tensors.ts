/** A quantized weight as the arrays of compressed-tensors; `compressed-scheme.ts` has the layouts. */
import type { Quantized } from "../../kernels/engine/types.ts";
import { nanCode } from "../../kernels/formats/codes.ts";
import type { MatrixSource } from "../../kernels/matrix/source.ts";
import type { Plan } from "../../kernels/plan/plan.ts";
import { UserError } from "../errors/user-error.ts";
import { tiles } from "../runs/tiles.ts";
import type { Tensor } from "../tensors/tensor.ts";
import type { PackedScheme } from "./compressed-scheme.ts";
import { encodeFloats } from "./floats.ts";
import type { ArraySpec, OutputTensor, Piece, WriteTools } from "./output.ts";
import { packBytes, packNibbles, packWords, packWordsDown, wordsFor } from "./pack.ts";
import { type QuantizedItem, quantizedTensor } from "./plain.ts";

/** The name of a weight's module: config groups and the arrays go by it. */
export const moduleOf = (tensor: string): string => tensor.replace(/\.weight$/, "");

/** Why this tensor cannot be stored that way although its recipe can, in a clause; null where it can. */
export function unfitForPacking(
  { info }: Tensor,
  { view, cols }: MatrixSource,
  { weights }: PackedScheme,
): string | null {
  if (info.shape.length !== 2)
    return `compressed-tensors has matrices [out, in], and this is of shape [${info.shape.join(", ")}]`;
  if (view.transpose || view.split !== 1)
    return "compressed-tensors has matrices as they are stored, and this is read in another view";
  const size = weights.group_size ?? (weights.block_structure?.[1] || 1);
  return cols % size === 0 ? null : `rows of ${cols} are not whole blocks of ${size}, as compressed-tensors wants them`;
}

/** The weight as the arrays of its scheme. Only for what `unfitForPacking` has no objection to. */
export function packedTensor(item: QuantizedItem, plan: Plan, scheme: PackedScheme): OutputTensor {
  const module = moduleOf(item.tensor.info.name);
  const parts = [codesPart(plan, scheme), scalePart(plan, scheme), ...extraParts(plan, scheme)];
  const arrays = parts.map(({ suffix, ...array }): ArraySpec => ({ name: `${module}.${suffix}`, ...array }));
  return quantizedTensor(item, arrays, async function* (quantized, tools) {
    refuseOverflow(item.tensor.info.name, quantized, scheme);
    noteNonFinite(item.tensor.info.name, quantized, tools);
    noteCutScales(item.tensor.info.name, quantized, scheme, tools);
    yield* codePieces(quantized, scheme, tools);
    for (const [i, part] of parts.entries()) if (part.bytesOf) yield { array: i, bytes: part.bytesOf(quantized) };
  });
}

/** Throws UserError where the scale of a tensor, which readers divide by, has no such number. */
function refuseOverflow(name: string, { scales }: Quantized, { format }: PackedScheme): void {
  if (format !== "nvfp4-pack-quantized") return;
  const scale = scales[1].values[0];
  const [stored] = globalScale(scale);
  // Within two roundings; a number without a reciprocal in float32 is far beyond.
  if (scale === 0 || Math.abs(1 / stored - scale) <= scale * 2 ** -22) return;
  throw new UserError(
    `${name}: the scale of the tensor, ${scale}, is stored as its reciprocal, which float32 does not hold. Keep this tensor as it is with a rule before, such as ${name}=f32.`,
  );
}

/** NaN and Inf are in the report as they came; codes and scales that are all numbers read otherwise. */
function noteNonFinite(name: string, { plan: { element }, report }: Quantized, tools: WriteTools): void {
  const { nonFinite } = report.metrics;
  if (nonFinite === 0 || nanCode(element.format) !== null || element.nonfinite === "poison") return;
  const values = nonFinite === 1 ? "1 value that is" : `${nonFinite} values that are`;
  tools.note(`${name}: ${values} NaN or Inf became numbers, which is all that ${element.format.name} holds`);
}

/** The largest finite numbers of types whose end scales seldom come near. */
const LARGEST: Readonly<Record<string, number>> = { F16: 65_504, BF16: (2 - 2 ** -7) * 2 ** 127 };

/** Scales that were cut to the largest of their type: the values of such blocks are far from what they were. */
function noteCutScales(name: string, { scales, report }: Quantized, { scale }: PackedScheme, tools: WriteTools): void {
  const largest = LARGEST[scale];
  if (largest === undefined || report.metrics.saturated === 0) return;
  const cut = scales[0].values.reduce((n, value) => n + (Math.abs(value) >= largest ? 1 : 0), 0);
  if (cut === 0) return;
  const which = cut === 1 ? "1 scale is" : `${cut} scales are`;
  const blocks = cut === 1 ? "of its block" : "of their blocks";
  tools.note(`${name}: ${which} beyond ${scale} and cut to ${largest}, so that values ${blocks} saturated`);
}

/** An array under its module. Codes come tile by tile; everything else at once, from the result. */
interface Part extends Omit<ArraySpec, "name"> {
  suffix: string;
  bytesOf?(quantized: Quantized): Uint8Array<ArrayBuffer>;
}

function codesPart({ rows, cols }: Plan, { format, weights }: PackedScheme): Part {
  switch (format) {
    case "pack-quantized": {
      const words = wordsFor(cols, weights.num_bits);
      return { suffix: "weight_packed", dtype: "I32", shape: [rows, words], bytes: 4 * rows * words };
    }
    case "nvfp4-pack-quantized":
    case "mxfp4-pack-quantized":
      return { suffix: "weight_packed", dtype: "U8", shape: [rows, cols / 2], bytes: (rows * cols) / 2 };
    case "int-quantized":
      return { suffix: "weight", dtype: "I8", shape: [rows, cols], bytes: rows * cols };
    case "float-quantized":
    case "mxfp8-quantized":
      return { suffix: "weight", dtype: "F8_E4M3", shape: [rows, cols], bytes: rows * cols };
  }
}

async function* codePieces(quantized: Quantized, scheme: PackedScheme, tools: WriteTools): AsyncGenerator<Piece> {
  const { rows, cols } = quantized.plan;
  for await (const { codes } of tiles(quantized, 0, rows, tools.pace)) {
    yield { array: 0, bytes: packCodes(codes!, cols, scheme) };
  }
}

function packCodes(codes: Uint32Array, cols: number, { format, weights, affine }: PackedScheme) {
  // Signed codes are two's complement; their top bit turned over makes them code + 2^(bits-1). Those of affine
  // integers begin at zero, which int8 storage writes as -128.
  const top = 2 ** (weights.num_bits - 1);
  switch (format) {
    case "pack-quantized":
      return packWords(codes, cols, weights.num_bits, affine ? 0 : top);
    case "nvfp4-pack-quantized":
    case "mxfp4-pack-quantized":
      return packNibbles(codes);
    case "int-quantized":
      return packBytes(codes, affine ? top : 0);
    default:
      return packBytes(codes);
  }
}

function scalePart(plan: Plan, { weights, scale }: PackedScheme): Part {
  const { gridRows, gridCols } = plan.levels[0].grid;
  const width = { F32: 4, F16: 2, BF16: 2, F8_E4M3: 1, U8: 1 }[scale];
  return {
    suffix: "weight_scale",
    dtype: scale,
    shape: weights.strategy === "tensor" ? [1] : [gridRows, gridCols],
    bytes: gridRows * gridCols * width,
    bytesOf({ scales: [{ codes, values }] }) {
      if (width === 4) return encodeFloats("F32", values).bytes;
      return width === 2 ? new Uint8Array(Uint16Array.from(codes!).buffer) : packBytes(codes!);
    },
  };
}

function extraParts(plan: Plan, { format, weights, affine }: PackedScheme): Part[] {
  const { rows, cols } = plan;
  const { gridRows, gridCols } = plan.levels[0].grid;
  const parts: Part[] = [];
  if (format === "pack-quantized") {
    const bytesOf = () => new Uint8Array(BigInt64Array.of(BigInt(rows), BigInt(cols)).buffer);
    parts.push({ suffix: "weight_shape", dtype: "I64", shape: [2], bytes: 16, bytesOf });
    const words = wordsFor(gridRows, weights.num_bits);
    if (affine)
      parts.push({
        ...{ suffix: "weight_zero_point", dtype: "I32", shape: [words, gridCols], bytes: 4 * words * gridCols },
        bytesOf: ({ zeroPoints }) => packWordsDown(zeroPoints!, gridRows, gridCols, weights.num_bits),
      });
  } else if (affine) {
    const shape = weights.strategy === "tensor" ? [1] : [gridRows, gridCols];
    const bytesOf = ({ zeroPoints }: Quantized) => packBytes(zeroPoints!, 0x80);
    parts.push({ suffix: "weight_zero_point", dtype: "I8", shape, bytes: gridRows * gridCols, bytesOf });
  }
  if (format === "nvfp4-pack-quantized") {
    const bytesOf = ({ scales }: Quantized) => encodeFloats("F32", globalScale(scales[1].values[0])).bytes;
    parts.push({ suffix: "weight_global_scale", dtype: "F32", shape: [1], bytes: 4, bytesOf });
  }
  return parts;
}

const MAX_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/** Readers divide by what is stored. A tensor of zeros has no scale, and any number does. */
function globalScale(scale: number): Float32Array {
  return Float32Array.of(scale === 0 ? 1 : Math.min(MAX_FLOAT32, 1 / scale));
}
