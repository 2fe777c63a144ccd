/** The backward pass of experts, dealt out as forward: which experts a token passes is taken as it is. */
import type { Experts, FeedForward, LayerDesign, Linear } from "../types.ts";
import type { Asked, Backward, Traced } from "./gradients.ts";
import { paddedLength } from "./lengths.ts";
import type { LoadedParts } from "./loaded.ts";
import type { Order, Tensor } from "./math.ts";
import { addRows, route, routeGradient, takeRows } from "./routing.ts";
import { applyLinear, inner } from "./steps.ts";

/** What it needs of the machine. */
export interface ExpertGradientsHost {
  order: Order;
  weights: LoadedParts;
  tokens: number;
  floats(values: Float32Array, rows: number, cols: number): Tensor;
  /** The compiled backward pass of a function, kept under a key. */
  backward(key: string, f: Traced, uses: string[], asked: Asked): Backward;
  asked(linears: Linear[]): Asked;
  /** Hands on what was asked for, of so many true rows. */
  give(asked: Asked, outputs: Tensor[], weights: Tensor[], rows: number, tokens?: Uint32Array): Promise<void>;
}

/**
 * The gradients by what the experts read and by the residual stream beside them, from the gradient behind the layer; `x` is what
 * the router reads, tokens x width.
 */
export async function expertGradients(
  design: LayerDesign,
  host: ExpertGradientsHost,
  x: Float32Array,
  gradient: Float32Array,
): Promise<Float32Array> {
  const feed = design.feed as Experts;
  const { tokens } = host;
  const width = x.length / tokens;
  const count = feed.experts.length;
  const router = linearPass(host, feed.router);
  // Once forward for the routing, with a gradient of nothing.
  const [logits] = await router.run(x, tokens, new Float32Array(tokens * count), false);
  const dealt = route(logits, tokens, count, feed.chosen, feed.normalized);
  const by = gradient.map((one) => one * design.residual);
  const sum = new Float32Array(tokens * width);
  const byWeight = dealt.weights.map(({ length }) => new Float32Array(length));
  for (const [e, expert] of feed.experts.entries()) {
    const own = dealt.tokens[e];
    if (own.length === 0) continue;
    const rows = takeRows(by, width, own);
    const weighted = rows.map((one, i) => one * dealt.weights[e][Math.floor(i / width)]);
    const pass = expertPass(host, expert);
    const [outputs, back] = await pass.run(takeRows(x, width, own), own.length, weighted, true, own);
    for (let i = 0; i < own.length; i++) {
      let dot = 0;
      for (let c = 0; c < width; c++) dot += rows[i * width + c] * outputs[i * width + c];
      byWeight[e][i] = dot;
    }
    addRows(sum, width, own, back, new Float32Array(own.length).fill(1));
  }
  const byLogits = routeGradient(logits, tokens, count, dealt, byWeight, feed.normalized);
  const [, back] = await router.run(x, tokens, byLogits, true);
  for (let i = 0; i < sum.length; i++) sum[i] += back[i];
  return sum;
}

interface Pass {
  /** Outputs and the gradient by the input, of true rows; `giving`: what was asked for is handed on. */
  run(
    x: Float32Array,
    rows: number,
    gradient: Float32Array,
    giving: boolean,
    tokens?: Uint32Array,
  ): Promise<[Float32Array, Float32Array]>;
}

function pass(host: ExpertGradientsHost, key: string, f: Traced, uses: string[], linears: Linear[]): Pass {
  const asked = host.asked(linears);
  const outer = linears[linears.length - 1].outputs;
  return {
    async run(x, rows, gradient, giving, tokens) {
      const padded = paddedLength(rows);
      const cols = x.length / rows;
      const compiled = host.backward(key, f, uses, asked);
      const [value, inputs, outputs, weights] = compiled(
        [host.floats(x, padded, cols)],
        uses.map((name) => host.weights.get(name)),
        [],
        [host.floats(gradient, padded, outer)],
      );
      if (giving) await host.give(asked, outputs, weights, rows, tokens);
      else for (const one of [...outputs, ...weights]) one.dispose();
      const read = async (one: Tensor, wide: number) => ((await one.data()) as Float32Array).subarray(0, rows * wide);
      return [await read(value, outer), await read(inputs[0], cols)];
    },
  };
}

const parts = (one: Linear | null) => (one ? [one.weight, ...(one.bias ? [one.bias] : [])] : []);

function linearPass(host: ExpertGradientsHost, one: Linear): Pass {
  const f: Traced = ([x], weights) => [applyLinear(x, one, weights, host.order)];
  return pass(host, `linear of ${one.outputs}`, f, parts(one), [one]);
}

function expertPass(host: ExpertGradientsHost, expert: FeedForward): Pass {
  const { gate, up, down } = expert;
  const f: Traced = ([x], weights) => [applyLinear(inner(x, expert, weights, host.order), down, weights, host.order)];
  const linears = [...(gate ? [gate] : []), up, down];
  const kind = JSON.stringify([expert.activation, expert.fused, gate !== null, up.outputs]);
  return pass(host, `expert ${kind}`, f, linears.flatMap(parts), linears);
}
