/** A feed forward of experts: the router runs on the device, tokens are dealt out here, and each expert runs on its own. */
import { jit } from "@jax-js/jax";
import type { Experts, FeedForward, LayerDesign, Linear, Site } from "../types.ts";
import { paddedLength } from "./lengths.ts";
import type { LoadedParts } from "./loaded.ts";
import type { Order, Tensor } from "./math.ts";
import * as math from "./math.ts";
import { addRows, route, takeRows } from "./routing.ts";
import { inner, normalized } from "./steps.ts";

/** What experts need of the machine. */
export interface ExpertsHost {
  order: Order;
  weights: LoadedParts;
  tokens: number;
  floats(values: Float32Array, rows: number, cols: number): Tensor;
  /** The site where somebody looks; undefined where nobody does. */
  site(reader: string): Site | undefined;
  /** Shows values and gives back what takes their place. */
  show(site: Site, values: Float32Array, rows: number, tokens?: Uint32Array): Promise<Float32Array>;
}

type Compiled = ((x: Tensor[], weights: Tensor[]) => Tensor) & { dispose(): void };

/** Functions of experts, compiled once for all of the same make. */
export class ExpertPrograms {
  readonly #compiled = new Map<string, Compiled>();

  dispose(): void {
    for (const one of this.#compiled.values()) one.dispose();
    this.#compiled.clear();
  }

  of(key: string, make: () => (x: Tensor[], weights: Tensor[]) => Tensor): Compiled {
    let known = this.#compiled.get(key);
    if (!known) {
      known = jit(make()) as unknown as Compiled;
      this.#compiled.set(key, known);
    }
    return known;
  }
}

export const partsOf = (one: Linear | null): string[] => (one ? [one.weight, ...(one.bias ? [one.bias] : [])] : []);

/** x W^T + b with the arrays of `partsOf`. */
export const apply = (x: Tensor, parts: Tensor[], order: Order): Tensor =>
  math.linear(x, parts[0], parts[1] ?? null, order);

/** The residual stream behind the experts; uses up `h` and `x`, of padded length. */
export async function runExperts(
  programs: ExpertPrograms,
  design: LayerDesign,
  host: ExpertsHost,
  h: Tensor,
  x: Tensor,
): Promise<Tensor> {
  const feed = design.feed as Experts;
  const { weights, tokens } = host;
  const [rows, width] = x.shape;
  const inputs = ((await x.data()) as Float32Array).slice(0, tokens * width);
  const logits = await routerLogits(programs, feed, host, inputs, rows, width);
  const dealt = route(logits, tokens, feed.experts.length, feed.chosen, feed.normalized);
  const sum = new Float32Array(tokens * width);
  for (const [e, expert] of feed.experts.entries()) {
    const own = dealt.tokens[e];
    if (own.length === 0) continue;
    const outputs = await runExpert(programs, expert, host, takeRows(inputs, width, own), own);
    addRows(sum, width, own, outputs, dealt.weights[e]);
  }
  const parts = [design.afterFeed?.weight, design.afterFeed?.bias].filter((name): name is string => Boolean(name));
  const add = programs.of(
    `add ${design.residual} ${JSON.stringify(design.afterFeed?.epsilon)}`,
    () =>
      ([stream, y], norm) => {
        const out = normalized(y, design.afterFeed, (name) => norm[parts.indexOf(name)]);
        return stream.add(design.residual === 1 ? out : out.mul(design.residual));
      },
  );
  const result = add(
    [h, host.floats(sum, rows, width)],
    parts.map((name) => weights.get(name)),
  );
  await result.blockUntilReady();
  return result;
}

async function runExpert(
  programs: ExpertPrograms,
  expert: FeedForward,
  host: ExpertsHost,
  values: Float32Array,
  own: Uint32Array,
): Promise<Float32Array> {
  const { order, weights } = host;
  const padded = paddedLength(own.length);
  const width = values.length / own.length;
  const first = expert.gate ?? expert.up;
  const seen = host.site(first.weight);
  const into = seen ? await host.show(seen, values, own.length, own) : values;
  const outer = host.site(expert.down.weight);
  const uses = [...partsOf(expert.gate), ...partsOf(expert.up)];
  const kind = JSON.stringify([expert.activation, expert.fused, expert.gate !== null, uses.length]);
  const widen = (x: Tensor, parts: Tensor[]) => inner(x, expert, (name) => parts[uses.indexOf(name)], order);
  const down = partsOf(expert.down);
  const held = (names: string[]) => names.map((name) => weights.get(name));
  const input = host.floats(into, padded, width);
  let output: Tensor;
  if (outer) {
    const y = programs.of(
      `inner ${kind}`,
      () =>
        ([x], parts) =>
          widen(x, parts),
    )([input], held(uses));
    const cols = y.shape[1];
    const shown = ((await y.data()) as Float32Array).slice(0, own.length * cols);
    const next = host.floats(await host.show(outer, shown, own.length, own), padded, cols);
    output = programs.of(
      "outer",
      () =>
        ([y], parts) =>
          apply(y, parts, order),
    )([next], held(down));
  } else {
    const whole = programs.of(
      `whole ${kind}`,
      () =>
        ([x], parts) =>
          apply(widen(x, parts.slice(0, uses.length)), parts.slice(uses.length), order),
    );
    output = whole([input], held([...uses, ...down]));
  }
  return ((await output.data()) as Float32Array).subarray(0, own.length * width);
}

async function routerLogits(
  programs: ExpertPrograms,
  { router, experts }: Experts,
  host: ExpertsHost,
  inputs: Float32Array,
  rows: number,
  width: number,
): Promise<Float32Array> {
  const site = host.site(router.weight);
  const values = site ? await host.show(site, inputs.slice(), host.tokens) : inputs;
  const program = programs.of(
    "router",
    () =>
      ([x], parts) =>
        apply(x, parts, host.order),
  );
  const logits = program(
    [host.floats(values, rows, width)],
    partsOf(router).map((name) => host.weights.get(name)),
  );
  return ((await logits.data()) as Float32Array).subarray(0, host.tokens * experts.length);
}
