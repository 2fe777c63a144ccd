/** A result as array files: the dequantized tensor, its codes, the scales that are stored. */
import { zipSync } from "fflate";
import type { Quantized } from "../../kernels/engine.ts";
import { UserError } from "../protocol.ts";
import { codeType, type NpyType, npyBytes, npyHeader } from "./npy.ts";
import { tiles } from "./tiles.ts";

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

/** One npy file a level of scale, innermost first: the stored values as float32 in the shape of the level's grid. */
export function scaleArrays(quantized: Quantized): Uint8Array<ArrayBuffer>[] {
  const { levels, text } = quantized.plan;
  if (levels.length === 0) throw new UserError(`${text} has no scales to export.`);
  return quantized.scales.map(({ gridRows, gridCols, values }) => {
    const header = npyHeader("<f4", [gridRows, gridCols]);
    const bytes = new Uint8Array(header.length + 4 * values.length);
    bytes.set(header);
    bytes.set(npyBytes("<f4", values), header.length);
    return bytes;
  });
}

/** Several levels as one npz: `level0` is the innermost, as in the report. */
export function scalesArchive(levels: Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const files = Object.fromEntries(levels.map((bytes, level) => [`level${level}.npy`, bytes]));
  return zipSync(files, { level: 0 }) as Uint8Array<ArrayBuffer>;
}

/** Pieces put together outside the script's heap: a browser may keep a Blob on disk. */
export async function collect(pieces: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<Blob> {
  const parts: Blob[] = [];
  for await (const piece of pieces) parts.push(new Blob([piece]));
  return new Blob(parts, { type: "application/octet-stream" });
}
