/** A layer as steps between the places that can be looked at. */
import { sharesInput } from "../families/build.ts";
import type { FeedForward, LayerDesign, Linear, Norm, Site } from "../types.ts";
import type { Make, Order, Tensor } from "./math.ts";
import * as math from "./math.ts";

/** Values on their way, by name: h the residual stream; x an input of linears; q, k, v; y the feed forward's inner values. */
export type State = Record<string, Tensor>;

/** Weights of the layer by name; each call gives one to use up. */
export interface Weights {
  (name: string): Tensor;
  /** What is added to the output of the linear layer of this weight, where its gradient is asked for: zeros. */
  probe?(weight: string): Tensor | null;
}

/** x W^T + b, and the probe. */
export function applyLinear(x: Tensor, one: Linear, weights: Weights, order: Order): Tensor {
  const y = math.linear(x, weights(one.weight), one.bias ? weights(one.bias) : null, order);
  const probe = weights.probe?.(one.weight);
  return probe ? y.add(probe) : y;
}

/** The input of a site's reader, by its number: the whole, or its own where each has one, side by side. Leaves `x` to be used up. */
const readBy = (x: Tensor, reader: number, { inputs }: Linear): Tensor =>
  x.shape[1] === inputs ? x.ref : x.ref.slice([], [reader * inputs, (reader + 1) * inputs]);

export interface Step {
  reads: string[];
  /** What it leaves beside what later steps still read. */
  gives: string[];
  /** Parts whose arrays it uses. */
  uses: string[];
  /** Whether it needs the rotation's tables. */
  turns: boolean;
  /** Uses up what it reads. */
  run(state: State, weights: Weights, table: { cos: Tensor; sin: Tensor } | null): State;
  /** What can be looked at behind it: which value at which kind of site. */
  shows: { value: string; kind: Site["kind"]; reader?: string }[];
}

const named = (...all: (string | null | undefined)[]) => all.filter((name): name is string => Boolean(name));

export function normalized(x: Tensor, norm: Norm | null, weights: Weights): Tensor {
  if (!norm) return x;
  return math.normalize(x, norm, norm.weight ? weights(norm.weight) : null, norm.bias ? weights(norm.bias) : null);
}

const normParts = (norm: Norm | null) => named(norm?.weight, norm?.bias);
const linearParts = (one: Linear | null) => named(one?.weight, one?.bias);

/** The steps of a layer whose feed forward is dense; of one with experts those up to the router, whose input is `x`. */
export function layerSteps(design: LayerDesign, { order, device }: Make): Step[] {
  const { attention, feed, parallel, residual } = design;
  const { projections, heads, keyHeads, size, queryNorm, keyNorm, rotation } = attention;
  const apply = (x: Tensor, one: Linear, weights: Weights) => applyLinear(x, one, weights, order);
  const shared = sharesInput(design);
  const dense = "experts" in feed ? null : feed;
  const feedReader = dense && !shared ? (dense.gate ?? dense.up) : null;
  const parallelInput = parallel && !shared;
  const reduced = (x: Tensor) => (residual === 1 ? x : x.mul(residual));

  const input: Step = {
    reads: ["h"],
    gives: ["x"],
    uses: normParts(design.beforeAttention),
    turns: false,
    run: ({ h }, weights) => ({ x: normalized(h, design.beforeAttention, weights) }),
    shows: [
      {
        value: "x",
        kind: "input",
        reader: "fused" in projections ? projections.fused.weight : projections.query.weight,
      },
    ],
  };

  const project: Step = {
    reads: ["x"],
    gives: ["q", "k", "v"],
    uses: [
      ...("fused" in projections
        ? linearParts(projections.fused)
        : [projections.query, projections.key, projections.value].flatMap(linearParts)),
      ...normParts(queryNorm),
      ...normParts(keyNorm),
    ],
    turns: false,
    run({ x }, weights) {
      const by = (reader: number, one: Linear) => apply(readBy(x, reader, one), one, weights);
      let [q, k, v] =
        "fused" in projections
          ? splitFused(by(0, projections.fused), projections.order, heads, keyHeads, size)
          : [by(0, projections.query), by(1, projections.key), by(2, projections.value)];
      x.dispose();
      if (queryNorm) q = math.normalizeHeads(q, queryNorm, queryNorm.weight ? weights(queryNorm.weight) : null, heads);
      if (keyNorm) k = math.normalizeHeads(k, keyNorm, keyNorm.weight ? weights(keyNorm.weight) : null, keyHeads);
      return { q, k, v };
    },
    shows: [
      { value: "q", kind: "queries before rotation" },
      { value: "k", kind: "keys before rotation" },
    ],
  };

  const turn: Step = {
    reads: ["q", "k"],
    gives: ["q", "k"],
    uses: [],
    turns: rotation !== null,
    run({ q, k }, _, table) {
      if (!table) return { q, k };
      return {
        q: math.rotate(q, heads, table.cos.ref, table.sin.ref),
        k: math.rotate(k, keyHeads, table.cos, table.sin),
      };
    },
    shows: [
      { value: "q", kind: "queries" },
      { value: "k", kind: "keys" },
      { value: "v", kind: "values" },
    ],
  };

  const look: Step = {
    reads: ["q", "k", "v"],
    gives: ["c"],
    uses: [],
    turns: false,
    run: ({ q, k, v }) => ({ c: math.attend(q, k, v, attention, math.attentionBlock(q.shape[0], heads, device)) }),
    shows: [{ value: "c", kind: "input", reader: attention.output.weight }],
  };

  const mix: Step = {
    reads: ["h", "c"],
    gives: ["h", ...(shared ? [] : ["x"])],
    uses: [
      ...linearParts(attention.output),
      ...normParts(design.afterAttention),
      ...(shared ? [] : normParts(design.beforeFeed)),
    ],
    turns: false,
    run({ h, c }, weights): State {
      const out = reduced(normalized(apply(c, attention.output, weights), design.afterAttention, weights));
      if (shared) return { h: h.add(out) };
      if (parallelInput) return { x: normalized(h.ref, design.beforeFeed, weights), h: h.add(out) };
      const sum = h.add(out);
      return { x: normalized(sum.ref, design.beforeFeed, weights), h: sum };
    },
    // Experts show what they read themselves: the router sees all tokens, each of them its own.
    shows: feedReader ? [{ value: "x", kind: "input", reader: feedReader.weight }] : [],
  };
  if (!dense) return [input, project, turn, look, mix];

  const widen: Step = {
    reads: ["x"],
    gives: ["y"],
    uses: [...linearParts(dense.gate), ...linearParts(dense.up)],
    turns: false,
    // Where attention reads the same, its readers come first.
    run: ({ x }, weights) => ({ y: inner(x, dense, weights, order, shared ? ("fused" in projections ? 1 : 3) : 0) }),
    shows: [{ value: "y", kind: "input", reader: dense.down.weight }],
  };

  const narrow: Step = {
    reads: ["h", "y"],
    gives: ["h"],
    uses: [...linearParts(dense.down), ...normParts(design.afterFeed)],
    turns: false,
    run: ({ h, y }, weights) => ({
      h: h.add(reduced(normalized(apply(y, dense.down, weights), design.afterFeed, weights))),
    }),
    shows: [],
  };
  return [input, project, turn, look, mix, widen, narrow];
}

/** What a feed forward's last matrix reads. Its matrices are the readers of `x` from number `first` on. */
export function inner(x: Tensor, feed: FeedForward, weights: Weights, order: Order, first = 0): Tensor {
  const apply = (reader: number, one: Linear) => applyLinear(readBy(x, first + reader, one), one, weights, order);
  const gated = feed.gate && !feed.fused ? apply(0, feed.gate) : null;
  const up = apply(gated ? 1 : 0, feed.up);
  x.dispose();
  if (feed.fused) {
    const both = up;
    const half = feed.up.outputs / 2;
    const gate = math.activate(both.ref.slice([], [0, half]), feed.activation);
    return gate.mul(both.slice([], [half, 2 * half]));
  }
  return gated ? math.activate(gated, feed.activation).mul(up) : math.activate(up, feed.activation);
}

/** Queries, keys and values out of the outputs of one matrix. */
function splitFused(all: Tensor, order: "rows" | "heads", heads: number, keyHeads: number, size: number): Tensor[] {
  const rows = all.shape[0];
  if (order === "heads") {
    const byHead = all.reshape([rows, heads, 3, size]);
    const one = (i: number) => byHead.ref.slice([], [], [i, i + 1], []).reshape([rows, heads * size]);
    const split = [one(0), one(1), one(2)];
    byHead.dispose();
    return split;
  }
  const ends = [0, heads, heads + keyHeads, heads + 2 * keyHeads].map((n) => n * size);
  const split = [0, 1, 2].map((i) => all.ref.slice([], [ends[i], ends[i + 1]]));
  all.dispose();
  return split;
}
