/** A result as array files: the dequantized tensor, its codes, the scales that are stored. */
import { zipSync } from "fflate";
import type { Quantized } from "../../kernels/engine/types.ts";
import { UserError } from "../errors/user-error.ts";
import { tiles } from "../runs/tiles.ts";
import { codeType, type NpyType, npyBytes, npyHeader } from "./npy-header.ts";

type Checkpoint = (done: number, total: number, phase: string) => Promise<void>;

/**
 * The bytes of an npy file, piece by piece: float32 values, or codes in the narrowest unsigned type. Row-major with the
 * tensor's own shape, or as the rows x cols matrix where the view is transposed. Throws UserError where the element
 * format has no codes.
 */
export async function* arrayPieces(
  quantized: Quantized,
  what: "dequantized" | "codes",
  checkpoint: Checkpoint,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { shape, matrix } = quantized.report;
  const { format } = quantized.plan.element;
  if (what === "codes" && format.kind === "identity") throw new UserError(`${format.name} has no codes to export.`);
  const { rows, cols, view } = matrix;
  const type: NpyType = what === "codes" ? codeType(format.bits) : "<f4";
  yield npyHeader(type, view.transpose ? [rows, cols] : shape);
  let done = 0;
  for await (const tile of tiles(quantized, 0, rows, () => checkpoint(done, rows * cols, "writing"))) {
    yield npyBytes(type, what === "codes" ? tile.codes! : tile.result);
    done += (tile.row1 - tile.row0) * cols;
  }
}

/** An npy file of its own, and what it is called among others. */
export interface NamedArray {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/**
 * One npy file a level of scale, innermost first as in the report (`level0` ...): the stored values as float32 in the
 * shape of the level's grid. Those of an affine format are followed by its zero points, one for each scale of level 0.
 */
export function scaleArrays(quantized: Quantized): NamedArray[] {
  const { levels, text, element } = quantized.plan;
  const { scales, zeroPoints } = quantized;
  if (levels.length === 0 || scales.length === 0) throw new UserError(`${text} has no scales to export.`);
  const arrays = scales.map(({ gridRows, gridCols, values }, level) => ({
    name: `level${level}`,
    bytes: wholeNpy("<f4", [gridRows, gridCols], values),
  }));
  if (!zeroPoints) return arrays;
  const shape = [scales[0].gridRows, scales[0].gridCols];
  // Those of a solver may lie between codes.
  const bytes =
    zeroPoints instanceof Float32Array
      ? wholeNpy("<f4", shape, zeroPoints)
      : wholeNpy(codeType(element.format.bits), shape, Uint32Array.from(zeroPoints));
  return [...arrays, { name: "zero_points", bytes }];
}

function wholeNpy(type: NpyType, shape: number[], values: Float32Array | Uint32Array): Uint8Array<ArrayBuffer> {
  const header = npyHeader(type, shape);
  const data = npyBytes(type, values);
  const bytes = new Uint8Array(header.length + data.length);
  bytes.set(header);
  bytes.set(data, header.length);
  return bytes;
}

/** Several arrays as one npz. */
export function scalesArchive(arrays: readonly NamedArray[]): Uint8Array<ArrayBuffer> {
  const files = Object.fromEntries(arrays.map(({ name, bytes }) => [`${name}.npy`, bytes]));
  return zipSync(files, { level: 0 }) as Uint8Array<ArrayBuffer>;
}

/** Pieces put together outside the script's heap: a browser may keep a Blob on disk. */
export async function collect(pieces: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<Blob> {
  const parts: Blob[] = [];
  for await (const piece of pieces) parts.push(new Blob([piece]));
  return new Blob(parts, { type: "application/octet-stream" });
}
