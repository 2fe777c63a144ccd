/**
 * The definition of a tail-biting walk, as QTIP (Tseng and others, arXiv 2406.11235, section 3.4; `viterbi` and `quantize` of
 * github.com/Cornell-RelaxML/qtip) and ExLlamaV3 (`quantize_tiles_kernel`) have it, in float32. A state of 16 bits takes B new ones a
 * step; its upper 16 - B bits are the lower ones of the state before. `assembly/viterbi.ts` gives the same states.
 */

export interface Trellis {
  /** Bits a step. */
  bits: number;
  /** Values a step: one or two. */
  width: 1 | 2;
  /** The values of all states; the second ones behind the first. */
  book: Float32Array;
}

const STATES = 2 ** 16;

/** Walks all steps from `roll` on, around, with the upper bits of the first state held to `pre` where it is not null. */
function walk({ bits, width, book }: Trellis, values: Float32Array, roll: number, pre: number | null) {
  const steps = values.length / width;
  const [edges, branches, rest] = [STATES >> bits, 1 << bits, 16 - bits];
  let costs: Float32Array = new Float32Array(edges);
  const back = Array.from({ length: steps }, () => new Uint8Array(edges));
  for (let i = 0; i < steps; i++) {
    const at = (i + roll) % steps;
    const next = new Float32Array(edges).fill(Infinity);
    for (let e = 0; e < edges; e++) {
      for (let k = 0; k < branches; k++) {
        const state = (k << rest) | e;
        let cost = square(book[state] - values[at * width]);
        if (width === 2) cost = Math.fround(cost + square(book[STATES + state] - values[at * 2 + 1]));
        if (i > 0) cost = Math.fround(cost + costs[state >> bits]);
        else if (pre !== null && state >> bits !== pre) continue;
        if (cost >= next[e]) continue;
        next[e] = cost;
        back[at][e] = k;
      }
    }
    costs = next;
  }
  return { costs, back };
}

const square = (difference: number): number => {
  const d = Math.fround(difference);
  return Math.fround(d * d);
};

/** The states of the walk: a free one from the middle says in which bits it crosses the beginning, to which the second is held. */
export function tailBite(trellis: Trellis, values: Float32Array): Uint16Array {
  const { bits, width } = trellis;
  const steps = values.length / width;
  const free = walk(trellis, values, steps >> 1, null);
  let edge = 0;
  for (let e = 1; e < free.costs.length; e++) if (free.costs[e] < free.costs[edge]) edge = e;
  for (let at = (steps >> 1) - 1; at >= 0; at--) edge = ((free.back[at][edge] << (16 - bits)) | edge) >> bits;
  const held = walk(trellis, values, 0, edge);
  const states = new Uint16Array(steps);
  for (let at = steps - 1; at >= 0; at--) {
    states[at] = (held.back[at][edge] << (16 - bits)) | edge;
    edge = states[at] >> bits;
  }
  return states;
}
