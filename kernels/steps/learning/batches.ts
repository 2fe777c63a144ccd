/** Batches of whole tokens, all of them once an epoch, in an order drawn by a seed. */
import { type Dense, dense } from "../../linalg/dense.ts";
import { uniformDraw } from "../../random/normal.ts";

const STREAM = 2048;

/** Gives `size` tokens at a time, for ever; fewer where there are no more in all. `rows` are tokens x cols. */
export function* batches(rows: Float32Array, cols: number, size: number, seed: number): Generator<Dense, never> {
  const tokens = rows.length / cols;
  const most = Math.min(size, tokens);
  let order: number[] = [];
  for (let epoch = 0; ; ) {
    if (order.length < most) {
      const keyed = Array.from({ length: tokens }, (_, t) => ({ t, key: uniformDraw(seed, STREAM + epoch, t) }));
      order = keyed.sort((a, b) => a.key - b.key || a.t - b.t).map(({ t }) => t);
      epoch++;
    }
    const out = dense(most, cols);
    for (const [i, t] of order.splice(0, most).entries()) {
      out.values.set(rows.subarray(t * cols, (t + 1) * cols), i * cols);
    }
    yield out;
  }
}
