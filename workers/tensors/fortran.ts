import { formatBytes } from "../bytes/format-bytes.ts";
import { Latest } from "../bytes/latest.ts";
import { UserError } from "../errors/user-error.ts";
import type { Tensor } from "./tensor.ts";

/** Largest array, in bytes of float32, that is reordered in memory. */
const LIMIT = 512 * 2 ** 20;

const reordered = new Latest<Float32Array>();

/**
 * A tensor whose elements are stored with the first index running fastest, read in row-major order. `stored` reads them
 * as they lie. Row-major ranges are scattered over the whole file, so the array is reordered as a whole,
 * and the one reordered last is held; above the limit it is refused.
 */
export function fortranTensor(stored: Tensor): Tensor {
  const { info } = stored;
  const size = 4 * info.elements;
  // Without `stored`: its bytes are in another order than its values.
  return {
    info,
    notes: stored.notes,
    async read(begin, end, signal) {
      if (size > LIMIT) {
        throw new UserError(
          `${info.name} is stored in Fortran order and takes ${formatBytes(size)}; such arrays are read up to ${formatBytes(LIMIT)}. Save it in C order.`,
        );
      }
      const whole = async () => rowMajor(await stored.read(0, info.elements, signal), info.shape);
      return (await reordered.get(stored, whole)).slice(begin, end);
    },
  };
}

/** Column-major to row-major. */
function rowMajor(values: Float32Array, shape: readonly number[]): Float32Array {
  const out = new Float32Array(values.length);
  const strides = shape.map((_, d) => shape.slice(0, d).reduce((product, size) => product * size, 1));
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = values[from];
    for (let d = shape.length - 1; d >= 0; d--) {
      from += strides[d];
      if (++index[d] < shape[d]) break;
      from -= shape[d] * strides[d];
      index[d] = 0;
    }
  }
  return out;
}
