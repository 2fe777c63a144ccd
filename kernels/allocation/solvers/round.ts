import type { Groups } from "../groups.ts";

/** By group the choice whose bits are nearest to these; the cheaper of two as near. */
export function nearest({ starts, count, bits }: Groups, wanted: Float64Array): Uint32Array {
  return Uint32Array.from({ length: count }, (_, g) => {
    let best = starts[g];
    for (let k = best + 1; k < starts[g + 1]; k++) {
      if (Math.abs(bits[k] - wanted[g]) < Math.abs(bits[best] - wanted[g])) best = k;
    }
    return best;
  });
}
