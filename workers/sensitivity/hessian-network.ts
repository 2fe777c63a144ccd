/**
 * The Hessian of the mean cross entropy by the network's weights, through products with vectors: H v = (g(W + s v) - g(W - s v)) / 2 s, the
 * central difference of gradients, in float32 with a step that is a share of the weights' size.
 */
import type { Loaded } from "../../kernels/network/index.ts";
import { topEigenvalue } from "../../kernels/signals/eigenvalue/power.ts";
import { rademacher, TraceSamples } from "../../kernels/signals/trace/hutchinson.ts";
import { UserError } from "../errors/user-error.ts";
import { partsOf } from "./changed.ts";
import type { Scored } from "./ground.ts";
import type { Curvature, GiveCurvature } from "./hessians.ts";
import type { MakerTools } from "./signals.ts";
import { BACKWARD, sweepBack } from "./sweep.ts";

/** The step over the root mean square of a tensor's weights. */
const STEP = 2 ** -8;
/** Passes of a gradient: forwards, and backwards. */
export const DIFFERENCE = 1 + BACKWARD;

/** A tensor's parts as they are, and the size of a step. */
interface Perturbed {
  scored: Scored;
  layer: number;
  parts: Map<string, Float32Array>;
  elements: number;
  /** sqrt of the mean square of its weights, times STEP. */
  step: number;
}

async function perturbedOf({ ground }: MakerTools, scored: Scored): Promise<Perturbed> {
  const parts = await partsOf(ground, scored);
  let [square, elements] = [0, 0];
  for (const values of parts.values()) {
    square += values.reduce((sum, x) => sum + x * x, 0);
    elements += values.length;
  }
  const step = STEP * Math.sqrt(square / elements);
  return { scored, layer: scored.of as number, parts, elements, step: step > 0 ? step : STEP };
}

/** Throws UserError where the model is too large to be held: each product reads all of it twice. */
function mustBeHeld({ ground }: MakerTools): void {
  if (ground.work.plan.streamed) {
    throw new UserError(
      "The Hessian through the network is taken where the model is held as a whole: allow more memory, or take that of the layers' inputs.",
    );
  }
}

/** Gradients of the mean cross entropy with other weights in the place of some, by part. */
async function gradientsWith(
  tools: MakerTools,
  changed: ReadonlyMap<number, Map<string, Float32Array>>,
): Promise<Map<string, Float64Array>> {
  const { ground, running, weights, prefixes, passed } = tools;
  const { network } = running;
  const { work, setup, control } = ground;
  const { layers } = setup.model.architecture;
  const first = Math.min(...changed.keys());
  const names = new Set([...changed.values()].flatMap((parts) => [...parts.keys()]));
  const own = new Map<number, Loaded>();
  const out = new Map<string, Float64Array>();
  try {
    const entering: Float32Array[][] = [];
    entering[first] = await prefixes.before(first);
    for (let layer = first; layer < layers; layer++) {
      const stored = await weights.take(layer);
      const parts = changed.get(layer);
      if (parts) own.set(layer, await network.load(layer, parts, stored));
      entering[layer + 1] = [];
      for (const [w, { tokens }] of work.cut.windows.entries()) {
        const hidden = await network.write(entering[layer][w], tokens.length);
        const after = await network.layer(layer, own.get(layer) ?? stored, hidden);
        entering[layer + 1].push(await network.read(after));
        network.release(hidden);
        network.release(after);
        passed(1 / layers);
        await work.pace();
      }
      weights.leave(stored);
    }
    await sweepBack(tools, {
      until: first,
      weights: (layer) => own.get(layer),
      before: async (layer) => entering[layer],
      taps: () => ({
        wants: ({ name }) => ({ weight: names.has(name) }),
        async weight({ name }, values) {
          control.signal.throwIfAborted();
          const sum = out.get(name) ?? new Float64Array(values.length);
          out.set(name, sum);
          for (let i = 0; i < values.length; i++) sum[i] += values[i];
        },
      }),
    });
  } finally {
    for (const one of own.values()) network.release(one);
  }
  for (const sum of out.values()) for (let i = 0; i < sum.length; i++) sum[i] /= work.cut.predictions;
  return out;
}

/** Weights moved along directions, by layer and part. */
function moved(
  all: readonly Perturbed[],
  directions: ReadonlyMap<string, ArrayLike<number>>,
  times: number,
): Map<number, Map<string, Float32Array>> {
  const out = new Map<number, Map<string, Float32Array>>();
  for (const { layer, parts, step } of all) {
    const own = out.get(layer) ?? new Map<string, Float32Array>();
    out.set(layer, own);
    for (const [name, values] of parts) {
      const direction = directions.get(name)!;
      own.set(
        name,
        values.map((x, i) => x + times * step * direction[i]),
      );
    }
  }
  return out;
}

/**
 * Mean traces by Hutchinson's estimate, of all tensors at once: each has signs of its own, so that what tensors have with each other vanishes
 * in the mean, and one product serves all. Says in a clause how many samples there were.
 */
export async function networkTraces(
  tools: MakerTools,
  scored: readonly Scored[],
  most: number,
  give: GiveCurvature,
): Promise<string> {
  mustBeHeld(tools);
  const { seed } = tools.asked;
  const all: Perturbed[] = [];
  for (const one of scored) all.push(await perturbedOf(tools, one));
  const names = all.flatMap(({ parts }) => [...parts.keys()]);
  const samples = all.map(() => new TraceSamples(1e-3, 10));
  let taken = 0;
  for (; taken < most && !samples.every(({ settled }) => settled); taken++) {
    const signs = new Map<string, Float32Array>();
    for (const { parts } of all) {
      for (const [name, { length }] of parts) signs.set(name, rademacher(length, seed, taken, names.indexOf(name)));
    }
    const up = await gradientsWith(tools, moved(all, signs, 1));
    const down = await gradientsWith(tools, moved(all, signs, -1));
    for (const [t, { parts, step }] of all.entries()) {
      let sum = 0;
      for (const name of parts.keys()) {
        const [z, above, below] = [signs.get(name)!, up.get(name), down.get(name)];
        if (!above || !below) continue;
        for (let i = 0; i < z.length; i++) sum += z[i] * (above[i] - below[i]);
      }
      samples[t].add(sum / (2 * step));
    }
  }
  for (const [t, { scored: one, parts, elements }] of all.entries()) {
    const { value, error } = samples[t].trace;
    const own = { value: value / elements, error: error === null ? null : error / elements };
    await give(one, { parts: new Map([...parts.keys()].map((name) => [name, own])) }, "");
  }
  return ` (${taken} samples)`;
}

/** Largest eigenvalues by power iteration, a tensor after the other. Says in a clause where some did not settle. */
export async function networkEigenvalues(
  tools: MakerTools,
  scored: readonly Scored[],
  most: number,
  give: GiveCurvature,
): Promise<string> {
  mustBeHeld(tools);
  let unsettled = 0;
  for (const one of scored) {
    const own = await perturbedOf(tools, one);
    // A direction of length 1 moves the tensor as far as signs in every element would.
    const length = Math.sqrt(own.elements);
    const { value, settled } = await topEigenvalue(
      own.elements,
      async (v) => {
        const directions = cut(
          own,
          v.map((x) => x * length),
        );
        const up = await gradientsWith(tools, moved([own], directions, 1));
        const down = await gradientsWith(tools, moved([own], directions, -1));
        const out = new Float64Array(own.elements);
        let at = 0;
        for (const [name, values] of own.parts) {
          const [above, below] = [up.get(name), down.get(name)];
          for (let i = 0; i < values.length; i++) {
            out[at++] = above && below ? (above[i] - below[i]) / (2 * own.step * length) : 0;
          }
        }
        return out;
      },
      { seed: tools.asked.seed, most },
    );
    if (!settled) unsettled++;
    // What curves down is as far from flat.
    const magnitude = Math.abs(value);
    const parts: Curvature["parts"] = new Map(
      [...own.parts.keys()].map((name) => [name, { value: magnitude, error: null }]),
    );
    await give(one, { parts }, "");
  }
  return unsettled === 0
    ? ""
    : ` (${unsettled} of ${scored.length} power iterations did not settle in ${most} products)`;
}

/** A vector over all of a tensor's parts, by part. */
function cut({ parts }: Perturbed, v: Float64Array): Map<string, Float64Array> {
  const out = new Map<string, Float64Array>();
  let at = 0;
  for (const [name, { length }] of parts) {
    out.set(name, v.subarray(at, at + length));
    at += length;
  }
  return out;
}
