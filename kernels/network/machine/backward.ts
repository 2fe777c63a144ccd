/** The backward pass of one layer, with what is asked for on the way. */
import { hasExperts } from "../families/build.ts";
import type { Architecture, GradientTaps, Linear } from "../types.ts";
import { expertGradients } from "./expert-gradients.ts";
import type { Asked, Traced } from "./gradients.ts";
import type { LoadedParts } from "./loaded.ts";
import type { Order, Tensor } from "./math.ts";
import { applySteps, type Chain, type Segments, turnsIn, usesOf } from "./segments.ts";
import type { Window } from "./window.ts";

/** A layer, a window that it read, the gradient behind it, and what it needs of the machine. */
export interface BackwardHost {
  architecture: Architecture;
  index: number;
  order: Order;
  weights: LoadedParts;
  chain: Chain;
  segments: Segments;
  window: Window;
  gradient: Window;
  taps?: GradientTaps;
  floats(values: Float32Array, rows: number, cols: number): Tensor;
  tables(rows: number): Tensor[];
  /** The chain's values, run forward. */
  forward(): Promise<Tensor[]>;
}

/** The gradient by the layer's input, of padded rows. */
export async function backwardOfLayer(host: BackwardHost): Promise<Tensor> {
  const { architecture, index, weights, chain, segments, window, taps } = host;
  const all = chain.steps.length;
  const uses = usesOf(chain.steps, 0, all);
  const { asked, give } = requests(architecture, index, taps);
  const cotangents = [host.gradient.array];
  const rows = cotangents[0].shape[0];
  if (hasExperts(architecture.design(index).feed)) {
    cotangents.push(host.floats(await byExpertsInput(host, cotangents[0].ref), rows, architecture.width));
  }
  const wanted = asked(chain.linears, uses);
  const traced: Traced = (values, weight, tables) => applySteps(chain, 0, all, values, weight, tables);
  const [value, [result], byOutput, byWeight] = segments.backward(chain.kind, traced, uses, wanted)(
    [window.array],
    uses.map((name) => weights.get(name)),
    turnsIn(chain.steps, 0, all) ? host.tables(rows) : [],
    cotangents,
  );
  value.dispose();
  await result.blockUntilReady();
  await give(wanted, byOutput, byWeight, window.tokens);
  return result;
}

/** The gradient by what the experts read, tokens x width. */
async function byExpertsInput(host: BackwardHost, gradient: Tensor): Promise<Float32Array> {
  const { architecture, index, order, weights, segments, window, taps, floats } = host;
  const { tokens } = window;
  const { asked, give } = requests(architecture, index, taps);
  const [h, x] = await host.forward();
  h.dispose();
  const read = async (one: Tensor) => ((await one.data()) as Float32Array).slice(0, tokens * architecture.width);
  return expertGradients(
    architecture.design(index),
    {
      order,
      weights,
      tokens,
      floats,
      backward: (key, f, uses, what) => segments.backward(key, f, uses, what),
      asked: (linears) =>
        asked(
          linears,
          linears.flatMap(({ weight, bias }) => (bias ? [weight, bias] : [weight])),
        ),
      give,
    },
    await read(x),
    await read(gradient),
  );
}

/** What is asked for of a layer's parts, and how it is handed on. */
function requests(architecture: Architecture, index: number, taps: GradientTaps | undefined) {
  const parts = new Map(architecture.parts(index).map((part) => [part.name, part]));
  return {
    asked: (linears: Linear[], names: string[]): Asked => ({
      outputs: linears.filter((one) => taps?.wants(parts.get(one.weight)!).output),
      weights: names.filter((name) => parts.has(name) && taps?.wants(parts.get(name)!).weight),
    }),
    async give(
      { outputs, weights }: Asked,
      byOutput: Tensor[],
      byWeight: Tensor[],
      rows: number,
      tokens?: Uint32Array,
    ): Promise<void> {
      for (const [i, one] of outputs.entries()) {
        const values = ((await byOutput[i].data()) as Float32Array).slice(0, rows * one.outputs);
        await taps?.output?.(parts.get(one.weight)!, values, rows, one.outputs, tokens);
      }
      for (const [i, name] of weights.entries()) {
        const part = parts.get(name)!;
        const [outputs, inputs] = part.shape.length === 2 ? part.shape : [1, part.shape[0]];
        await taps?.weight?.(part, (await byWeight[i].data()) as Float32Array, outputs, inputs);
      }
    },
  };
}
