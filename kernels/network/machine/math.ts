/** The operations of a layer, as jax-js traces them. Every array that is passed is used up, as jax-js has it. */
import { lax, nn, numpy as np, type Array as Tensor } from "@jax-js/jax";
import type { Activation, Attention, HeadNorm, Norm } from "../types.ts";

export type { Tensor };

/** In which order products are added over the inputs of a linear layer. */
export type Order = "usual" | "other";

/** What the operations are compiled for. */
export interface Make {
  order: Order;
  device: "wasm" | "webgpu";
}

/** Scores that are held at a time: 64 MB. */
const MOST_SCORES = 2 ** 24;

/**
 * Queries that attention takes at a time. On a processor few: what a token must not see is then hardly reckoned. A GPU has them for
 * nothing, and rather compiles fewer programs.
 */
export function attentionBlock(rows: number, heads: number, device: Make["device"]): number {
  let block = device === "wasm" ? 128 : rows;
  while (block > 32 && heads * block * rows > MOST_SCORES) block = Math.ceil(block / 2);
  return Math.min(block, rows);
}

/** Scores of what must not be seen. Finite: some GPUs reckon without infinities. */
const UNSEEN = -1e30;

/** x W^T + b, for x of rows x inputs and W of outputs x inputs. */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null, order: Order): Tensor {
  const inputs = x.shape[1];
  const product = (a: Tensor, b: Tensor) => np.dot(a, np.transpose(b));
  let y: Tensor;
  if (order === "usual" || inputs < 2) y = product(x, weight);
  else {
    // The second half of the inputs first.
    const half = inputs >> 1;
    const [first, last]: [[number, number], [number, number]] = [
      [0, half],
      [half, inputs],
    ];
    const late = product(x.ref.slice([], last), weight.ref.slice([], last));
    y = late.add(product(x.slice([], first), weight.slice([], first)));
  }
  return bias ? y.add(bias) : y;
}

/** A norm over the last axis. */
export function normalize(
  x: Tensor,
  { kind, epsilon, plusOne }: Norm,
  gain: Tensor | null,
  bias: Tensor | null,
): Tensor {
  const last = { keepdims: true };
  const centered = kind === "layer" ? x.ref.sub(np.mean(x, -1, last)) : x;
  const variance = np.mean(centered.ref.mul(centered.ref), -1, last);
  let y = centered.mul(np.reciprocal(np.sqrt(variance.add(epsilon))));
  if (gain) y = y.mul(plusOne ? gain.add(1) : gain);
  return bias ? y.add(bias) : y;
}

/** A norm of queries or keys, tokens x heads size. */
export function normalizeHeads(x: Tensor, norm: HeadNorm, gain: Tensor | null, heads: number): Tensor {
  if (norm.over === "all") return normalize(x, norm, gain, null);
  const [rows, cols] = x.shape;
  return normalize(x.reshape([rows, heads, cols / heads]), norm, gain, null).reshape([rows, cols]);
}

export function activate(x: Tensor, activation: Activation): Tensor {
  switch (activation) {
    case "silu":
      return nn.silu(x);
    case "gelu":
      return x.ref.mul(0.5).mul(lax.erf(x.mul(Math.SQRT1_2)).add(1));
    case "gelu tanh":
      return nn.gelu(x, { approximate: true });
    case "quick gelu":
      return x.ref.mul(nn.sigmoid(x.mul(1.702)));
    case "relu":
      return np.maximum(x, 0);
    case "relu squared": {
      const positive = np.maximum(x, 0);
      return positive.ref.mul(positive);
    }
  }
}

/** Turns the first `size` values of each head: tokens x heads size; cosine and sine are tokens x size/2. */
export function rotate(x: Tensor, heads: number, cos: Tensor, sin: Tensor): Tensor {
  const [rows, cols] = x.shape;
  const all = cols / heads;
  const half = cos.shape[1];
  const split = x.reshape([rows, heads, all]);
  const at = (from: number, to: number) => split.ref.slice([], [], [from, to]);
  const [c, s] = [cos.reshape([rows, 1, half]), sin.reshape([rows, 1, half])];
  const [a, b] = [at(0, half), at(half, 2 * half)];
  const turned = [a.ref.mul(c.ref).sub(b.ref.mul(s.ref)), b.mul(c).add(a.mul(s))];
  if (2 * half < all) turned.push(at(2 * half, all));
  split.dispose();
  return np.concatenate(turned, 2).reshape([rows, cols]);
}

/**
 * Attention of a window: queries tokens x heads size, keys and values tokens x keyHeads size. A token sees itself and what is
 * before it, within the window. Queries are taken `block` at a time, each with the keys that it may see.
 */
export function attend(
  queries: Tensor,
  keys: Tensor,
  values: Tensor,
  attention: Omit<Attention, "name">,
  block = queries.shape[0],
): Tensor {
  const { heads, keyHeads, size, window } = attention;
  const rows = queries.shape[0];
  const group = heads / keyHeads;
  // Four axes throughout: a view in which groups of queries were merged with tokens is read a value at a time.
  const q = np.transpose(queries.reshape([rows, keyHeads, group, size]), [1, 2, 0, 3]);
  const k = np.transpose(keys.reshape([rows, keyHeads, 1, size]), [1, 2, 3, 0]);
  const v = np.transpose(values.reshape([rows, keyHeads, 1, size]), [1, 2, 0, 3]);
  const blocks: Tensor[] = [];
  for (let to = block; to - block < rows; to += block) {
    const [first, last] = [to - block, Math.min(to, rows)];
    const from = window === null ? 0 : Math.max(0, first - window + 1);
    blocks.push(
      attendBlock(
        q.ref.slice([], [], [first, last], []),
        k.ref.slice([], [], [], [from, last]),
        v.ref.slice([], [], [from, last], []),
        attention,
        first,
        from,
      ),
    );
  }
  for (const one of [q, k, v]) one.dispose();
  const mixed = blocks.length === 1 ? blocks[0] : np.concatenate(blocks, 0);
  return mixed.reshape([rows, heads * size]);
}

/** Queries from token `first` on over keys and values from token `from` on; tokens x keyHeads x group x size. */
function attendBlock(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  { scale, cap, window }: Omit<Attention, "name">,
  first: number,
  from: number,
): Tensor {
  const [rows, seenRows] = [q.shape[2], k.shape[3]];
  let scores = np.matmul(q, k).mul(scale);
  if (cap !== null) scores = np.tanh(scores.div(cap)).mul(cap);
  const at = np.arange(rows).add(first).reshape([rows, 1]);
  const other = np.arange(seenRows).add(from).reshape([1, seenRows]);
  let seen = np.lessEqual(other.ref, at.ref);
  if (window !== null && first + rows - from > window) {
    seen = np.logicalAnd(seen, np.greater(other.ref.add(window), at.ref));
  }
  at.dispose();
  other.dispose();
  const masked = np.where(seen, scores, UNSEEN);
  const most = lax.stopGradient(np.max(masked.ref, -1, { keepdims: true }));
  const weights = np.exp(masked.sub(most));
  // Divided by their sum behind the product, and behind the turn to tokens: so that what the next matrix reads lies in a row.
  const total = np.transpose(weights.ref.sum(-1, { keepdims: true }), [2, 0, 1, 3]);
  const mixed = np.transpose(np.matmul(weights, v), [2, 0, 1, 3]);
  return mixed.div(total);
}
