/** Square matrices, n x n, row-major in float64, that are the same on every machine. */
import { dense, qr } from "../../linalg/index.ts";
import { normalDraw } from "../../random/normal.ts";

/** Streams of what is drawn, among those of the seed. */
const [ROTATION, SKETCH] = [0x7471, 0x716a];

/** Called often; may reject. */
export type Pace = () => Promise<void>;

/** Numbers drawn between two looks at whoever may cancel. */
const PACED = 2 ** 14;

/** Independent standard normal numbers. */
async function drawn(n: number, seed: number, stream: number, pace: Pace): Promise<Float64Array<ArrayBuffer>> {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n * n; i++) {
    if (i % PACED === 0) await pace();
    out[i] = normalDraw(seed, stream, i);
  }
  return out;
}

/** A uniformly random rotation: Q of drawn numbers, with the signs that R's diagonal has. */
export async function randomRotation(n: number, seed: number, pace: Pace = async () => {}): Promise<Float64Array> {
  const { q, r } = await qr(dense(n, n, await drawn(n, seed, ROTATION, pace)), { pace });
  const out = q.values.slice();
  for (let i = 0; i < n * n; i++) if (r.values[(i % n) * n + (i % n)] < 0) out[i] = -out[i];
  return out;
}

/** Walsh and Hadamard's matrix over sqrt(n), in Sylvester's order. */
export function hadamard(n: number): Float64Array {
  const out = new Float64Array(n * n);
  const one = 1 / Math.sqrt(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let ones = i & j;
      let odd = 0;
      for (; ones > 0; ones &= ones - 1) odd ^= 1;
      out[i * n + j] = odd ? -one : one;
    }
  }
  return out;
}

/** The Gaussian sketch of QJL. */
export const sketch = (n: number, seed: number, pace: Pace): Promise<Float64Array> => drawn(n, seed, SKETCH, pace);
