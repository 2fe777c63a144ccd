import { numpy as np } from "@jax-js/jax";
import { hasExperts } from "../families/build.ts";
import type { Architecture, Divergence, GradientTaps, Hidden, Loaded, Loss, Network, Site, Taps } from "../types.ts";
import { backwardOfLayer } from "./backward.ts";
import type { Device } from "./device.ts";
import { Ends } from "./ends.ts";
import { ExpertPrograms, type ExpertsHost, runExperts } from "./experts.ts";
import { paddedLength, padRows } from "./lengths.ts";
import { type LoadedParts, loadParts } from "./loaded.ts";
import type { Order, Tensor } from "./math.ts";
import { rotationTable } from "./positions.ts";
import { type Chain, chainOf, Segments, turnsIn, usesOf } from "./segments.ts";
import { Window } from "./window.ts";

/** Layers that a GPU is given at once, of windows up to so many rows. */
const AT_ONCE = 4;
const MANY_ROWS = 1024;

/** Shows values, and gives back what is to be used: themselves, or what was put in their place, for each of `readers` perhaps. */
async function shownOf(taps: Taps, site: Site, values: Float32Array, rows: number, tokens?: Uint32Array, readers = 1) {
  const other = await taps.at(site, values, rows, site.cols, tokens);
  if (!other) return values;
  if (other.length !== rows * site.cols && other.length !== readers * rows * site.cols) {
    throw new RangeError(`${other.length} values cannot stand for the ${rows} x ${site.cols} of ${site.name}.`);
  }
  return other;
}

/** A network on jax-js. */
export class JaxNetwork implements Network {
  readonly architecture: Architecture;
  readonly device: "wasm" | "webgpu";
  readonly about: string;
  readonly #device: Device;
  readonly #order: Order;
  readonly #ends: Ends;
  readonly #segments = new Segments();
  readonly #experts = new ExpertPrograms();
  readonly #chains = new Map<number, Chain>();
  readonly #tables = new Map<string, Tensor[]>();
  readonly #live = new Set<LoadedParts | Window>();

  constructor(architecture: Architecture, device: Device, order: Order) {
    this.architecture = architecture;
    this.device = device.kind;
    this.about = device.about;
    this.#device = device;
    this.#order = order;
    this.#ends = new Ends(architecture, device.kind, order);
  }

  load(of: number | "ends", weights: ReadonlyMap<string, Float32Array>, rest?: Loaded): Promise<Loaded> {
    return this.#device.guard(async () =>
      this.#keep(loadParts(this.architecture, of, weights, (rest as LoadedParts) ?? null, this.#device)),
    );
  }

  async embed(ends: Loaded, tokens: Uint32Array): Promise<Hidden> {
    const { vocabulary, positions, ends: design } = this.architecture;
    if (tokens.length === 0) throw new RangeError("A window needs a token at least.");
    const strange = tokens.find((id) => id >= vocabulary);
    if (strange !== undefined) {
      throw new RangeError(`The token ${strange} is beyond the vocabulary of ${vocabulary}.`);
    }
    if (positions !== null && tokens.length > positions) {
      throw new RangeError(
        `A window of ${tokens.length} tokens is longer than the ${positions} positions of this model.`,
      );
    }
    return this.#device.guard(async () => {
      const rows = paddedLength(tokens.length);
      const parts = ends as LoadedParts;
      const ids = new Int32Array(rows);
      ids.set(tokens);
      const learned = design.positions;
      const places = learned
        ? Int32Array.from({ length: rows }, (_, t) => Math.min(t + learned.offset, learned.rows - 1))
        : null;
      const h = this.#ends.embed(
        this.#ints(ids),
        parts.get(design.embedding),
        learned && places ? [parts.get(learned.name), this.#ints(places)] : [],
      );
      return this.#window(tokens.length, h);
    });
  }

  layer(index: number, weights: Loaded, hidden: Hidden, taps?: Taps): Promise<Hidden> {
    return this.#device.guard(async () => {
      const chain = this.#chain(index);
      const { steps } = chain;
      const sites = taps ? this.architecture.sites(index).filter((site) => taps.wants(site)) : [];
      /** Behind each step, what is to be shown of it. */
      const shown = steps.map(({ shows }) =>
        shows.flatMap(({ value, kind, reader }) => {
          const site = sites.find((one) => one.kind === kind && (reader === undefined || one.readers[0] === reader));
          return site ? [{ value, site }] : [];
        }),
      );
      const window = hidden as Window;
      let values = [window.array];
      let from = 0;
      for (let to = 1; to <= steps.length; to++) {
        if (to < steps.length && shown[to - 1].length === 0) continue;
        values = await this.#run(chain, index, weights as LoadedParts, from, to, values, window.tokens);
        try {
          for (const { value, site } of shown[to - 1]) {
            const at = chain.alive[to].indexOf(value);
            values[at] = await this.#show(taps!, site, values[at], window.tokens);
          }
        } catch (error) {
          // Whoever looks may have been cancelled.
          for (const one of values) one.dispose();
          throw error;
        }
        from = to;
      }
      const design = this.architecture.design(index);
      if (!hasExperts(design.feed)) return this.#window(window.tokens, values[0]);
      const host: ExpertsHost = {
        order: this.#order,
        weights: weights as LoadedParts,
        tokens: window.tokens,
        floats: (own, rows, cols) => this.#floats(own, rows, cols),
        site: (reader) => sites.find((site) => site.kind === "input" && site.readers.includes(reader)),
        show: (site, own, rows, tokens) => shownOf(taps!, site, own, rows, tokens),
      };
      return this.#window(window.tokens, await runExperts(this.#experts, design, host, values[0], values[1]));
    });
  }

  async logits(ends: Loaded, hidden: Hidden, from: number, to: number, taps?: Taps): Promise<Float32Array> {
    if (!(from >= 0 && from <= to && to <= hidden.tokens)) {
      throw new RangeError(`A window of ${hidden.tokens} tokens has no tokens ${from} to ${to}.`);
    }
    return this.#device.guard(async () => {
      const parts = ends as LoadedParts;
      const window = hidden as Window;
      const { vocabulary } = this.architecture;
      const [site] = taps ? this.architecture.sites("ends").filter((one) => taps.wants(one)) : [];
      const all = new Float32Array((to - from) * vocabulary);
      const most = this.#ends.rows;
      const piece = async (at: number): Promise<void> => {
        const end = Math.min(to, at + most);
        const rows = Math.min(most, paddedLength(end - at));
        const ids = this.#ends.ids(at, end, rows);
        let values: Tensor;
        if (site) {
          const x = this.#ends.normed(window.array, ids, this.#ends.norm(parts));
          values = this.#ends.headed(await this.#show(taps!, site, x, end - at), this.#ends.head(parts));
        } else values = this.#ends.logits(window.array, ids, this.#ends.norm(parts), this.#ends.head(parts));
        const read = (await values.data()) as Float32Array;
        all.set(read.subarray(0, (end - at) * vocabulary), (at - from) * vocabulary);
      };
      // On a GPU the next piece is computed while one is read; who looks sees them one after the other.
      const together = this.device === "webgpu" && !site ? 2 : 1;
      for (let at = from; at < to; at += together * most) {
        const starts = Array.from({ length: together }, (_, i) => at + i * most).filter((start) => start < to);
        await Promise.all(starts.map(piece));
      }
      return all;
    });
  }

  loss(ends: Loaded, hidden: Hidden, targets: Uint32Array): Promise<Loss> {
    return this.#device.guard(async () => {
      const parts = ends as LoadedParts;
      const window = hidden as Window;
      const { tokens } = window;
      const { width } = this.architecture;
      const nll = new Float32Array(tokens);
      const gradient = new Float32Array(tokens * width);
      const most = this.#ends.rows;
      for (let at = 0; at < tokens; at += most) {
        const end = Math.min(tokens, at + most);
        const rows = Math.min(most, paddedLength(end - at));
        const [ids, counts] = this.#ends.targets(targets, at, end, rows);
        const [losses, rowsGradient] = this.#ends.loss(
          window.array,
          this.#ends.ids(at, end, rows),
          ids,
          counts,
          this.#ends.norm(parts),
          this.#ends.head(parts),
        );
        nll.set(((await losses.data()) as Float32Array).subarray(0, end - at), at);
        gradient.set(((await rowsGradient.data()) as Float32Array).subarray(0, (end - at) * width), at * width);
      }
      return { nll, gradient: await this.write(gradient, tokens) };
    });
  }

  divergence(ends: Loaded, hidden: Hidden, base: Hidden, counts: Float32Array): Promise<Divergence> {
    return this.#device.guard(async () => {
      const parts = ends as LoadedParts;
      const { tokens } = hidden;
      const { width } = this.architecture;
      const kl = new Float32Array(tokens);
      const gradient = new Float32Array(tokens * width);
      const most = this.#ends.rows;
      for (let at = 0; at < tokens; at += most) {
        const end = Math.min(tokens, at + most);
        const rows = Math.min(most, paddedLength(end - at));
        const own = new Float32Array(rows);
        own.set(counts.subarray(at, end));
        const [by, rowsGradient] = this.#ends.divergence(
          (hidden as Window).array,
          (base as Window).array,
          this.#ends.ids(at, end, rows),
          np.array(own, { shape: [rows], device: this.device }),
          this.#ends.norm(parts),
          this.#ends.head(parts),
        );
        kl.set(((await by.data()) as Float32Array).subarray(0, end - at), at);
        gradient.set(((await rowsGradient.data()) as Float32Array).subarray(0, (end - at) * width), at * width);
      }
      return { kl, gradient: await this.write(gradient, tokens) };
    });
  }

  backward(index: number, weights: Loaded, hidden: Hidden, gradient: Hidden, taps?: GradientTaps): Promise<Hidden> {
    return this.#device.guard(async () => {
      const window = hidden as Window;
      const chain = this.#chain(index);
      const result = await backwardOfLayer({
        architecture: this.architecture,
        index,
        order: this.#order,
        weights: weights as LoadedParts,
        chain,
        segments: this.#segments,
        window,
        gradient: gradient as Window,
        taps,
        floats: (values, rows, cols) => this.#floats(values, rows, cols),
        tables: (rows) => this.#table(index, rows, window.tokens),
        forward: () =>
          this.#run(chain, index, weights as LoadedParts, 0, chain.steps.length, [window.array], window.tokens),
      });
      return this.#window(window.tokens, result);
    });
  }

  read(hidden: Hidden): Promise<Float32Array> {
    return this.#device.guard(async () => {
      const values = (await (hidden as Window).array.data()) as Float32Array;
      return values.slice(0, hidden.tokens * this.architecture.width);
    });
  }

  async write(values: Float32Array, tokens: number): Promise<Hidden> {
    const { width } = this.architecture;
    if (values.length !== tokens * width) {
      throw new RangeError(`${values.length} values are not ${tokens} tokens of width ${width}.`);
    }
    return this.#device.guard(async () => this.#window(tokens, this.#floats(values, paddedLength(tokens), width)));
  }

  release(one: Loaded | Hidden): void {
    const own = one as LoadedParts | Window;
    own.release();
    this.#live.delete(own);
  }

  end(): void {
    for (const one of this.#live) one.release();
    this.#live.clear();
    for (const tables of this.#tables.values()) for (const one of tables) one.dispose();
    this.#tables.clear();
    this.#segments.dispose();
    this.#experts.dispose();
    this.#ends.dispose();
  }

  /** Runs steps of a layer to their end, so that a window holds the memory of one layer, or of a few small ones. */
  async #run(
    chain: Chain,
    index: number,
    weights: LoadedParts,
    from: number,
    to: number,
    values: Tensor[],
    tokens: number,
  ): Promise<Tensor[]> {
    const rows = values[0].shape[0];
    const tables = turnsIn(chain.steps, from, to) ? this.#table(index, rows, tokens) : [];
    const uses = usesOf(chain.steps, from, to).map((name) => weights.get(name));
    const results = this.#segments.of(chain, from, to)(values, uses, tables);
    // Waiting for a GPU costs as much as a small layer: it is given some at once, as long as what they hold is little.
    const wait =
      this.device === "wasm" || rows > MANY_ROWS || index % AT_ONCE === AT_ONCE - 1 || to < chain.steps.length;
    if (wait) for (const one of results) await one.blockUntilReady();
    return results;
  }

  /** Shows values of true tokens, and takes what is given back in their place. */
  async #show(taps: Taps, site: Site, array: Tensor, tokens: number): Promise<Tensor> {
    const [rows, cols] = array.shape;
    const values = (await array.ref.data()) as Float32Array;
    const own = tokens === rows ? values : values.slice(0, tokens * cols);
    const other = await shownOf(taps, site, own, tokens, undefined, site.readers.length);
    if (other === own) return array;
    array.dispose();
    return this.#floats(other, rows, other.length === own.length ? cols : cols * site.readers.length);
  }

  #chain(index: number): Chain {
    let chain = this.#chains.get(index);
    if (!chain) {
      chain = chainOf(this.architecture.design(index), { order: this.#order, device: this.device });
      this.#chains.set(index, chain);
    }
    return chain;
  }

  #table(index: number, rows: number, tokens: number): Tensor[] {
    const { rotation } = this.architecture.design(index).attention;
    if (!rotation) return [];
    const long = rotation.beyond !== undefined && tokens > rotation.beyond.tokens;
    const key = `${rows} ${long} ${JSON.stringify(rotation)}`;
    let tables = this.#tables.get(key);
    if (!tables) {
      const { cos, sin } = rotationTable(rotation, rows, tokens);
      const half = cos.length / rows;
      tables = [this.#floats(cos, rows, half), this.#floats(sin, rows, half)];
      this.#tables.set(key, tables);
    }
    return tables.map((one) => one.ref);
  }

  #ints(values: Int32Array): Tensor {
    return np.array(values as Int32Array<ArrayBuffer>, { dtype: np.int32, device: this.device });
  }

  #floats(values: Float32Array, rows: number, cols: number): Tensor {
    const padded = padRows(values, rows, cols) as Float32Array<ArrayBuffer>;
    return np.array(padded, { shape: [rows, cols], device: this.device });
  }

  #window(tokens: number, array: Tensor): Window {
    return this.#keep(new Window(tokens, array));
  }

  #keep<T extends LoadedParts | Window>(one: T): T {
    this.#live.add(one);
    return one;
  }
}
