/** What stands before the first layer and behind the last: embedding, final norm, head, loss. */
import { jit, nn, numpy as np, vjp } from "@jax-js/jax";
import type { Architecture } from "../types.ts";
import { NO_TARGET } from "../types.ts";
import type { LoadedParts } from "./loaded.ts";
import type { Order, Tensor } from "./math.ts";
import * as math from "./math.ts";

/** Values of one piece of logits: 32 MB. */
const PIECE = 2 ** 23;

/** A function that jax-js compiled; what is passed is used up. */
type Compiled<F> = F & { dispose(): void };

export class Ends {
  readonly #architecture: Architecture;
  readonly #kind: "wasm" | "webgpu";
  readonly embed: Compiled<(ids: Tensor, embedding: Tensor, positions: Tensor[]) => Tensor>;
  readonly normed: Compiled<(h: Tensor, ids: Tensor, norm: Tensor[]) => Tensor>;
  readonly headed: Compiled<(x: Tensor, head: Tensor[]) => Tensor>;
  readonly logits: Compiled<(h: Tensor, ids: Tensor, norm: Tensor[], head: Tensor[]) => Tensor>;
  readonly loss: Compiled<
    (h: Tensor, ids: Tensor, targets: Tensor, counts: Tensor, norm: Tensor[], head: Tensor[]) => Tensor[]
  >;
  readonly divergence: Compiled<
    (h: Tensor, base: Tensor, ids: Tensor, counts: Tensor, norm: Tensor[], head: Tensor[]) => Tensor[]
  >;

  constructor(architecture: Architecture, kind: "wasm" | "webgpu", order: Order) {
    this.#architecture = architecture;
    this.#kind = kind;
    const { embeddingScale, norm, logitScale, logitCap } = architecture.ends;
    const compiled = <F>(f: F) => jit(f as never) as unknown as Compiled<F>;

    this.embed = compiled((ids: Tensor, embedding: Tensor, positions: Tensor[]) => {
      const rows = np.take(embedding, ids, 0);
      const scaled = embeddingScale === 1 ? rows : rows.mul(embeddingScale);
      return positions.length === 0 ? scaled : scaled.add(np.take(positions[0], positions[1], 0));
    });

    const normalized = (x: Tensor, parts: Tensor[]) => {
      if (!norm) return x;
      const [gain, bias] = norm.weight ? [parts[0], norm.bias ? parts[1] : null] : [null, null];
      return math.normalize(x, norm, gain, bias);
    };
    const head = (x: Tensor, parts: Tensor[]) => {
      let y = math.linear(x, parts[0], parts[1] ?? null, order);
      if (logitScale !== 1) y = y.mul(logitScale);
      return logitCap === null ? y : np.tanh(y.div(logitCap)).mul(logitCap);
    };
    this.normed = compiled((h: Tensor, ids: Tensor, parts: Tensor[]) => normalized(np.take(h, ids, 0), parts));
    this.headed = compiled(head);
    this.logits = compiled((h: Tensor, ids: Tensor, normParts: Tensor[], headParts: Tensor[]) =>
      head(normalized(np.take(h, ids, 0), normParts), headParts),
    );
    this.loss = compiled(
      (h: Tensor, ids: Tensor, targets: Tensor, counts: Tensor, normParts: Tensor[], headParts: Tensor[]) => {
        const of = (x: Tensor) => {
          const all = head(normalized(x, tree(normParts)), tree(headParts));
          const [rows, vocabulary] = all.shape;
          const right = np.equal(np.arange(vocabulary).reshape([1, vocabulary]), targets.ref.reshape([rows, 1]));
          const own = np.where(right, all.ref, 0).sum(-1);
          return nn.logsumexp(all, -1).sub(own).mul(counts.ref);
        };
        const [nll, back] = vjp(of, [np.take(h, ids, 0)]);
        const [gradient] = back(np.ones(nll.shape)) as [Tensor];
        back.dispose();
        for (const one of [targets, counts, ...normParts, ...headParts]) one.dispose();
        return [nll, gradient];
      },
    );
    this.divergence = compiled(
      (h: Tensor, base: Tensor, ids: Tensor, counts: Tensor, normParts: Tensor[], headParts: Tensor[]) => {
        const logs = (x: Tensor) => nn.logSoftmax(head(normalized(x, tree(normParts)), tree(headParts)), -1);
        const p = logs(np.take(base, ids.ref, 0));
        const of = (x: Tensor) =>
          np
            .exp(p.ref)
            .mul(p.ref.sub(logs(x)))
            .sum(-1)
            .mul(counts.ref);
        const [kl, back] = vjp(of, [np.take(h, ids, 0)]);
        const [gradient] = back(np.ones(kl.shape)) as [Tensor];
        back.dispose();
        for (const one of [p, counts, ...normParts, ...headParts]) one.dispose();
        return [kl, gradient];
      },
    );
  }

  dispose(): void {
    for (const one of [this.embed, this.normed, this.headed, this.logits, this.loss, this.divergence]) one.dispose();
  }

  /** Rows of logits that are made at a time. */
  get rows(): number {
    const most = 2 ** Math.floor(Math.log2(PIECE / this.#architecture.vocabulary));
    return Math.min(512, Math.max(16, most));
  }

  /** Numbers of rows of a piece, the last one repeated so that there are as many as `rows`. */
  ids(from: number, to: number, rows: number): Tensor {
    const ids = Int32Array.from({ length: rows }, (_, i) => Math.min(from + i, to - 1));
    return np.array(ids, { dtype: np.int32, device: this.#kind });
  }

  norm(ends: LoadedParts): Tensor[] {
    const { norm } = this.#architecture.ends;
    return [norm?.weight, norm?.bias].flatMap((name) => (name ? [ends.get(name)] : []));
  }

  /** The head's arrays; the embedding's where there is none. */
  head(ends: LoadedParts): Tensor[] {
    const { head, embedding } = this.#architecture.ends;
    const weight = ends.arrays.has(head.weight) ? head.weight : embedding;
    return [ends.get(weight), ...(head.bias ? [ends.get(head.bias)] : [])];
  }

  /** Targets of a piece, and 1 where one counts. */
  targets(all: Uint32Array, from: number, to: number, rows: number): [Tensor, Tensor] {
    const [ids, counts] = [new Int32Array(rows), new Float32Array(rows)];
    for (let i = from; i < to; i++) {
      if (all[i] === NO_TARGET) continue;
      ids[i - from] = all[i];
      counts[i - from] = 1;
    }
    return [
      np.array(ids, { dtype: np.int32, device: this.#kind }),
      np.array(counts, { shape: [rows], device: this.#kind }),
    ];
  }
}

/** References to arrays that are used again. */
const tree = (all: Tensor[]): Tensor[] => all.map((one) => one.ref);
