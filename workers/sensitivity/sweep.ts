/** Gradients of the loss, from the last layer to the first: each layer is passed by all windows before the next one. */
import { type GradientTaps, type Hidden, type Loaded, NO_TARGET } from "../../kernels/network/index.ts";
import type { DivergenceTools } from "./divergence.ts";

export interface Sweep {
  /** A layer's weights; usual: as they are stored. */
  weights?(layer: number): Loaded | undefined;
  /** Windows before a layer, where the weights are not as stored; behind the last one at the number of layers. */
  before?(layer: number): Promise<Float32Array[]>;
  /** What gradients are of, of a window behind the last layer; usual: the cross entropy of its predictions. */
  loss?(window: number, final: Hidden): Promise<Hidden>;
  /** The layer where it ends, which is passed as well. */
  until: number;
  /** What is looked at while a window passes a layer backwards. */
  taps(layer: number, window: number): GradientTaps;
  /** All windows have passed a layer backwards. */
  passed?(layer: number): Promise<void>;
}

/** The usual loss is the sum over a window's predictions of the negative log-likelihood, in nats. Rejects with AbortError or NetworkLostError. */
export async function sweepBack(tools: DivergenceTools, sweep: Sweep): Promise<void> {
  const { ground, running, weights, ends, prefixes } = tools;
  const { network } = running;
  const { work, setup } = ground;
  const { layers } = setup.model.architecture;
  const before = (layer: number) => sweep.before?.(layer) ?? prefixes.before(layer);
  const gradients: Hidden[] = [];
  try {
    const finals = await before(layers);
    for (const [w, window] of work.cut.windows.entries()) {
      const final = await network.write(finals[w], window.tokens.length);
      const gradient = sweep.loss
        ? await sweep.loss(w, final)
        : (await network.loss(ends, final, targetsOf(window))).gradient;
      network.release(final);
      gradients.push(gradient);
      await work.pace();
    }
    for (let layer = layers - 1; layer >= sweep.until; layer--) {
      const changed = sweep.weights?.(layer);
      const own = changed ?? (await weights.take(layer));
      try {
        const entering = await before(layer);
        for (const [w, { tokens }] of work.cut.windows.entries()) {
          const hidden = await network.write(entering[w], tokens.length);
          const next = await network.backward(layer, own, hidden, gradients[w], sweep.taps(layer, w));
          network.release(hidden);
          network.release(gradients[w]);
          gradients[w] = next;
          tools.passed(BACKWARD / layers);
          await work.pace();
        }
      } finally {
        if (!changed) weights.leave(own);
      }
      await sweep.passed?.(layer);
    }
  } finally {
    for (const one of gradients) network.release(one);
  }
}

/** A layer backwards takes so many times a layer forwards. */
export const BACKWARD = 3;

/** Targets by token of the window: none before the first that is judged. */
function targetsOf({
  tokens,
  targets,
  from,
}: {
  tokens: Uint32Array;
  targets: Uint32Array;
  from: number;
}): Uint32Array {
  const all = new Uint32Array(tokens.length).fill(NO_TARGET);
  all.set(targets, from);
  return all;
}
