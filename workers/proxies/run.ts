/** Evolves a proxy for a model: samples from running it, configurations from its scores. */
import { evolve } from "../../kernels/signals/emq/evolve.ts";
import { parseProxy } from "../../kernels/signals/emq/expression.ts";
import { layerValue, type ProxyLayer, tensorLoss } from "../../kernels/signals/emq/problem.ts";
import type { LmDevice } from "../lm/request.ts";
import type { LmSetup } from "../lm/setup.ts";
import { isLost } from "../models/runnable.ts";
import type { OriginText } from "../models/text/origin.ts";
import { checkpointFor, type JobControl } from "../pace/pace.ts";
import type { ScoreFile, SignalScores } from "../scores/types.ts";
import { groundOf } from "../sensitivity/ground.ts";
import { Prefixes, weightsAt } from "../sensitivity/prefixes.ts";
import { drawConfigurations } from "./problem.ts";
import { type ProxiesAnswer, type ProxiesRequest, USUAL_CONFIGURATIONS } from "./request.ts";
import { sampleLayers } from "./samples.ts";

export type ProxiesAsked = Omit<ProxiesRequest, "source" | "text"> & { text: OriginText };

/** Rejects with UserError or RecipeError, or with AbortError. */
export async function evolveProxies(setup: LmSetup, asked: ProxiesAsked, control: JobControl): Promise<ProxiesAnswer> {
  const { scores, truth, seed, generations, configurations = USUAL_CONFIGURATIONS } = asked;
  const ground = await groundOf(setup, { ...asked, recipes: [], definitions: [], tensors: null }, control);
  const scored = new Set(scores.tensors.map(({ name }) => name));
  ground.tensors = ground.tensors.filter(({ tensor }) => scored.has(tensor));
  const { work } = ground;
  const sampled = async (device: LmDevice) => {
    work.plan.device = device;
    const running = await setup.running(device);
    return running.alone(control.signal, async () => {
      const weights = weightsAt(ground, running);
      const ends = await weights.take("ends");
      try {
        const prefixes = await Prefixes.start(ground, running, weights, ends);
        return await sampleLayers({ ground, running, weights, ends, prefixes, passed() {} }, seed);
      } finally {
        weights.leave(ends);
      }
    });
  };
  // A GPU that is lost is replaced by the processor.
  const known = await sampled(work.plan.device).catch((error: unknown) => {
    if (!isLost(error) || work.plan.device === "wasm") throw error;
    return sampled("wasm");
  });
  const problem = drawConfigurations(scores, truth, known, configurations, seed);
  const checkpoint = checkpointFor(control, "recipes");
  const evolved = await evolve(problem, {
    seed,
    ...(generations !== undefined && { generations }),
    pace: (done, total) => checkpoint(done, total, "evolving proxies"),
  });
  const { windows } = work.cut;
  return {
    evolved,
    tensors: problem.tensors,
    leftOut: problem.leftOut,
    signal: signalOf(evolved.best.text, scores, known),
    about: `${configurations} configurations, a recipe drawn for each of ${problem.tensors.length} tensors, judged by the sum of their ${truth}, each measured alone; gradients of the loss on ${windows.length} windows; ${evolved.unseen.length} configurations were held out`,
  };
}

/** The formula's value for each tensor, weighed by each recipe's bits, as a loss. */
function signalOf(text: string, scores: ScoreFile, known: ReadonlyMap<string, ProxyLayer>): SignalScores {
  const proxy = parseProxy(text);
  return {
    values: scores.tensors.map(({ name, elements, bits }) => {
      const layer = known.get(name);
      const value = layer ? layerValue(proxy.formula, layer) : Number.NaN;
      return bits.map((stored) => {
        const loss = stored === null ? Number.NaN : tensorLoss(proxy.weighing, value, stored / elements);
        return Number.isFinite(loss) ? loss : null;
      });
    }),
    about: `${text}: an evolved formula over weights (W), RMS of inputs (A), gradients (G) and their squares (H), seed and configurations as told; its unit means nothing, differences and ranks do`,
  };
}
