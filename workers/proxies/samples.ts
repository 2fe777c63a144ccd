/** Samples of a model's weights, with the inputs, gradients and curvature at the same places: what formulas of proxies are over. */
import type { Taps } from "../../kernels/network/index.ts";
import { Draws } from "../../kernels/signals/emq/draw.ts";
import type { ProxyLayer } from "../../kernels/signals/emq/problem.ts";
import { partsOf } from "../sensitivity/changed.ts";
import type { DivergenceTools } from "../sensitivity/divergence.ts";
import type { Scored } from "../sensitivity/ground.ts";
import { sweepBack } from "../sensitivity/sweep.ts";

/** Elements of a tensor that formulas see. */
const SAMPLED = 1024;

/** Places of one part of the network, and what is summed up there. */
interface PartSample {
  places: Uint32Array;
  gradient: Float64Array;
  square: Float64Array;
}

/** Mean squares of inputs by channel, by the name of the part that reads them. */
type Inputs = Map<string, { sums: Float64Array; tokens: number }>;

/**
 * Of each tensor of the layers: sampled weights W; the RMS A of the inputs' channel there; the gradient G of the loss a prediction; the mean H over
 * windows of the squared gradient, a prediction (the diagonal of the empirical Fisher matrix, in the place of the Hessian's). Tensors
 * outside the layers are not among them.
 */
export async function sampleLayers(tools: DivergenceTools, seed: number): Promise<Map<string, ProxyLayer>> {
  const { ground } = tools;
  const { setup, work, control } = ground;
  const samples = new Map<string, PartSample>();
  const layers = new Map<string, ProxyLayer>();
  const predictions = work.cut.windows.reduce((sum, { targets }) => sum + targets.length, 0);
  const inLayer = (layer: number) => ground.tensors.filter(({ of }) => of === layer);
  const draws = new Draws(seed);
  const first = Math.min(...ground.tensors.map(({ of }) => (of === "ends" ? Number.POSITIVE_INFINITY : of)));
  if (!Number.isFinite(first)) return layers;
  for (const { tensor } of ground.tensors.filter(({ of }) => of !== "ends")) {
    const parts = [...setup.model.parts.values()].filter(({ stored }) => stored.tensor === tensor);
    for (const { part } of parts) {
      const size = part.shape.reduce((a, b) => a * b, 1);
      const count = Math.min(size, Math.ceil(SAMPLED / parts.length));
      const places = Uint32Array.from({ length: count }, () => draws.below(size)).sort();
      samples.set(part.name, { places, gradient: new Float64Array(count), square: new Float64Array(count) });
    }
  }
  await sweepBack(tools, {
    until: first,
    taps: () => ({
      wants: ({ name }) => ({ weight: samples.has(name) }),
      async weight({ name }, values) {
        control.signal.throwIfAborted();
        const { places, gradient, square } = samples.get(name)!;
        for (let i = 0; i < places.length; i++) {
          const g = values[places[i]];
          gradient[i] += g / predictions;
          square[i] += g ** 2 / predictions;
        }
      },
    }),
    async passed(layer) {
      const inputs = await inputsOf(tools, layer);
      for (const scored of inLayer(layer)) {
        const made = await layerOf(tools, scored, samples, inputs);
        if (made) layers.set(scored.tensor, made);
      }
    },
  });
  return layers;
}

/** Windows through one layer once more, looked at where linear parts read. */
async function inputsOf({ ground, running, weights, prefixes }: DivergenceTools, layer: number): Promise<Inputs> {
  const { network } = running;
  const inputs: Inputs = new Map();
  const taps: Taps = {
    wants: ({ kind }) => kind === "input",
    async at(site, values, rows, cols) {
      for (const reader of site.readers) {
        const sum = inputs.get(reader) ?? { sums: new Float64Array(cols), tokens: 0 };
        for (let i = 0; i < rows * cols; i++) sum.sums[i % cols] += values[i] ** 2;
        sum.tokens += rows;
        inputs.set(reader, sum);
      }
      return undefined;
    },
  };
  const own = await weights.take(layer);
  try {
    const before = await prefixes.before(layer);
    for (const [w, { tokens }] of ground.work.cut.windows.entries()) {
      const hidden = await network.write(before[w], tokens.length);
      network.release(await network.layer(layer, own, hidden, taps));
      network.release(hidden);
      await ground.work.pace();
    }
  } finally {
    weights.leave(own);
  }
  return inputs;
}

async function layerOf(
  { ground }: DivergenceTools,
  { tensor, of, bound }: Scored,
  samples: ReadonlyMap<string, PartSample>,
  inputs: Inputs,
): Promise<ProxyLayer | null> {
  const [W, A, G, H]: number[][] = [[], [], [], []];
  for (const [name, values] of await partsOf(ground, { tensor, of })) {
    const sample = samples.get(name);
    const input = inputs.get(name);
    if (!sample || !input || input.tokens === 0) return null;
    const cols = input.sums.length;
    for (const [i, place] of sample.places.entries()) {
      W.push(values[place]);
      A.push(Math.sqrt(input.sums[place % cols] / input.tokens));
      G.push(sample.gradient[i]);
      H.push(sample.square[i]);
    }
  }
  const { rows, cols } = bound.stored;
  const arrays = { W, A, G, H };
  const inputArrays = Object.fromEntries(Object.entries(arrays).map(([key, list]) => [key, Float64Array.from(list)]));
  return { name: tensor, elements: rows * cols, inputs: inputArrays };
}
