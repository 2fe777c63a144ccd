import { formatBytes } from "../bytes/format-bytes.ts";
import { UserError } from "../errors/user-error.ts";
import type { Tensor } from "./tensor.ts";

/** Decoded elements in memory, in the order of some matrix view. */
export interface Held {
  /** Elements [begin, end); shared memory, not to be written. Rejects with UserError. */
  range(begin: number, end: number): Promise<Float32Array>;
}

/** Elements decoded at a time: short enough that a job which reads tile by tile can be cancelled in between. */
const PIECE = 2 ** 18;

/** Pieces that are asked for before they are needed by who reads on and on: the way to a server is long. */
const AHEAD = 6;

/** Holds a tensor as it is stored, decoding each piece when it is first asked for. Throws UserError without memory. */
export function held(tensor: Tensor): Held {
  const { elements } = tensor.info;
  const values = allocate(tensor);
  const pieces = new Array<Promise<void> | undefined>(Math.ceil(elements / PIECE));
  const fill = async (piece: number) => {
    const begin = piece * PIECE;
    const end = Math.min(begin + PIECE, elements);
    if (tensor.readInto) await tensor.readInto(values.subarray(begin, end), begin);
    else values.set(await tensor.read(begin, end), begin);
  };
  const want = (piece: number): Promise<void> => {
    pieces[piece] ??= fill(piece).catch((error) => {
      // What failed is tried again when it is next asked for.
      pieces[piece] = undefined;
      throw error;
    });
    return pieces[piece];
  };
  let readTo = -1;
  let inARow = 0;
  return {
    async range(begin, end) {
      inARow = begin === readTo ? inARow + 1 : 0;
      readTo = end;
      for (let piece = Math.floor(begin / PIECE); piece * PIECE < end; piece++) {
        const ready = want(piece);
        for (let next = piece + 1; inARow > 1 && next <= piece + AHEAD && next < pieces.length; next++) {
          // Its failure is told to whoever needs it.
          want(next).catch(() => {});
        }
        await ready;
      }
      return values.subarray(begin, end);
    },
  };
}

/** Holds the transpose of a tensor seen as a rows x cols matrix. The first range asked for reads the whole tensor. */
export function heldTransposed(tensor: Tensor, rows: number, cols: number): Held {
  const values = allocate(tensor);
  let ready: Promise<void> | undefined;
  const fill = async () => {
    // As many rows at a time as make a piece, so that the stored order is never held as a whole beside the transpose.
    const step = Math.max(1, Math.floor(PIECE / cols));
    for (let r0 = 0; r0 < rows; r0 += step) {
      const r1 = Math.min(r0 + step, rows);
      transposeInto(values, await tensor.read(r0 * cols, r1 * cols), r0, r1, rows, cols);
    }
  };
  return {
    async range(begin, end) {
      ready ??= fill().catch((error) => {
        ready = undefined;
        throw error;
      });
      await ready;
      return values.subarray(begin, end);
    },
  };
}

/** Writes rows [r0, r1) as columns, in squares so that both sides stay in the processor's cache. */
function transposeInto(out: Float32Array, values: Float32Array, r0: number, r1: number, rows: number, cols: number) {
  const side = 32;
  for (let rTop = r0; rTop < r1; rTop += side) {
    const rEnd = Math.min(rTop + side, r1);
    for (let cTop = 0; cTop < cols; cTop += side) {
      const cEnd = Math.min(cTop + side, cols);
      for (let r = rTop; r < rEnd; r++) {
        for (let c = cTop; c < cEnd; c++) out[c * rows + r] = values[(r - r0) * cols + c];
      }
    }
  }
}

function allocate({ info }: Tensor): Float32Array {
  try {
    return new Float32Array(info.elements);
  } catch {
    throw new UserError(`${info.name} takes ${formatBytes(4 * info.elements)} of memory, which is not to be had now.`);
  }
}
