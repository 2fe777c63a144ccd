import type { Dual } from "../../calibration/dual.ts";
import type { RowTransform } from "../row-transform.ts";

/**
 * Where each row of Sylvester's matrix of order n = 2^k stands once rows are ordered by their sign changes (Walsh's order): row s of
 * Walsh's is Sylvester's of the bit-reversed Gray code of s. Sign changes of that row: s.
 */
export function sequencyOrder(n: number): Uint32Array {
  const bits = Math.log2(n);
  return Uint32Array.from({ length: n }, (_, s) => {
    const gray = s ^ (s >>> 1);
    let reversed = 0;
    for (let b = 0; b < bits; b++) if (gray & (1 << b)) reversed |= 1 << (bits - 1 - b);
    return reversed;
  });
}

/** A Hadamard rotation of order n whose image is put in Walsh's order. Backends that know the rotation do not know the order: no parts. */
export function inSequency(rotation: RowTransform, n: number): RowTransform {
  const order = sequencyOrder(n);
  const block = new Float64Array(n);
  const ordered = (x: Float32Array | Float64Array, from: number, count: number) => {
    for (let b = from; b < from + count; b += n) {
      block.set(x.subarray(b, b + n));
      for (let s = 0; s < n; s++) x[b + s] = block[order[s]];
    }
  };
  const forward: RowTransform["forward"] = (x, from, count, col) => {
    rotation.forward(x, from, count, col);
    ordered(x, from, count);
  };
  const inverse: RowTransform["inverse"] = (x, from, count, col) => {
    for (let b = from; b < from + count; b += n) {
      block.set(x.subarray(b, b + n));
      for (let s = 0; s < n; s++) x[b + order[s]] = block[s];
    }
    rotation.inverse(x, from, count, col);
  };
  const { dual: unordered } = rotation;
  const dual: Dual | undefined =
    unordered?.kind === "rows"
      ? {
          kind: "rows",
          apply(x, from, count, col) {
            unordered.apply(x, from, count, col);
            ordered(x, from, count);
          },
        }
      : undefined;
  return { name: rotation.name, key: `${rotation.key} sequency`, block: n, forward, inverse, dual };
}
