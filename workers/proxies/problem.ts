/** Configurations of a model, drawn from its scores, with what they cost by the signal that proxies are judged by. */
import { Draws } from "../../kernels/signals/emq/draw.ts";
import type { ProxyLayer, ProxyProblem } from "../../kernels/signals/emq/problem.ts";
import { UserError } from "../errors/user-error.ts";
import type { ScoreFile } from "../scores/types.ts";

export interface Drawn extends ProxyProblem {
  /** The names of its layers, and of the tensors without one. */
  tensors: string[];
  leftOut: { tensor: string; why: string }[];
}

/** Draws of configurations are others than those of the evolution. */
const APART = 0x51ed270b;

/**
 * Each configuration takes for each tensor one of the recipes that have a figure, all alike likely; its bits are those stored a weight, its
 * loss the sum of the tensors' figures. Throws UserError where fewer than two tensors can be varied.
 */
export function drawConfigurations(
  scores: ScoreFile,
  truth: string,
  known: ReadonlyMap<string, ProxyLayer>,
  count: number,
  seed: number,
): Drawn {
  const signal = Object.hasOwn(scores.signals, truth) ? scores.signals[truth] : null;
  if (!signal) throw new UserError(`The scores have no signal "${truth}", which proxies would be judged by.`);
  const leftOut: Drawn["leftOut"] = [];
  const layers: ProxyLayer[] = [];
  const choices: { bits: number; loss: number }[][] = [];
  for (const [t, { name, elements, bits }] of scores.tensors.entries()) {
    const layer = known.get(name);
    const own = scores.recipes.flatMap((_, r) => {
      const [value, stored] = [signal.values[t][r], bits[r]];
      const weight = signal.weight ? signal.weight[t] : 1;
      return value === null || stored === null || weight === null || value === undefined
        ? []
        : [{ bits: stored / elements, loss: value * weight }];
    });
    if (!layer) leftOut.push({ tensor: name, why: "no gradients are known of it" });
    else if (new Set(own.map((one) => one.bits)).size < 2) {
      leftOut.push({ tensor: name, why: `it has no ${truth} under two recipes of different bits` });
    } else {
      layers.push(layer);
      choices.push(own);
    }
  }
  if (layers.length < 2) {
    throw new UserError(
      `Proxies are judged by how they order configurations, and there are ${layers.length} tensors that can be varied: measure ${truth} of more of them, under two recipes of different bits at least.`,
    );
  }
  const draws = new Draws((seed ^ APART) >>> 0);
  const bits = new Float64Array(count * layers.length);
  const loss = new Float64Array(count);
  for (let c = 0; c < count; c++) {
    for (let l = 0; l < layers.length; l++) {
      const choice = draws.of(choices[l]);
      bits[c * layers.length + l] = choice.bits;
      loss[c] += choice.loss;
    }
  }
  return { layers, configurations: { bits, loss }, tensors: layers.map(({ name }) => name), leftOut };
}
