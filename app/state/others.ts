/** The checkpoints beside the source: opened as the experiment names them, paired with the source's tensors by name. */
import { createStore } from "zustand/vanilla";
import { GIVEN, MOST_GIVEN } from "../../kernels/formats/registry.ts";
import type { Arg, Recipe } from "../../kernels/grammar/ast.ts";
import { givenIndex } from "../../kernels/notation/given.ts";
import { argOf, parseRecipe, printRecipe } from "../../kernels/notation/index.ts";
import type { WorkbenchClient } from "../../workers/client/index.ts";
import { notLoaded } from "../../workers/errors/not-loaded.ts";
import type { Pairing, Partner, pairTensors } from "../../workers/pairing/pair.ts";
import type { GivenTensor } from "../../workers/runs/target.ts";
import type { SourceInfo } from "../../workers/sources/info.ts";
import type { TensorInfo } from "../../workers/tensors/info.ts";
import { track } from "./busy.ts";
import { type Experiment, type Other, type SourceRef, same, withRecipe } from "./experiment.ts";
import { isAbort, messageOf, notify } from "./notices.ts";
import type { Part } from "./part.ts";
import { fingerprintsMatch, type SourceKeeper } from "./source.ts";
import type { Timeline } from "./timeline.ts";

export interface OtherState {
  ref: SourceRef;
  status: "opening" | "open" | "asked" | "failed";
  info: SourceInfo | null;
  problem: string | null;
}

/** `given`, `given(2)` ...: which of the other checkpoints a recipe's text speaks of, counted from 0; null for others. */
export function givenOf(recipe: string): number | null {
  // Sweeps ask this of thousands of recipes.
  if (!recipe.includes(GIVEN)) return null;
  try {
    return givenIndex(parseRecipe(recipe.trim()));
  } catch {
    // What cannot be read speaks of nothing; the recipe's field says why.
    return null;
  }
}

/** The recipe that takes its results from the checkpoint at `index`. */
export const givenText = (index: number): string => (index === 0 ? GIVEN : `${GIVEN}(${index + 1})`);

/** The recipe as it speaks of the checkpoint at `index`: what else it says stays. */
export function speakingOf({ quantizer, ...steps }: Recipe, index: number): Recipe {
  const bits = argOf(quantizer.base, "bits");
  const of: Arg = { key: null, value: { type: "number", value: index + 1 } };
  const args = [...(index > 0 ? [of] : []), ...(bits ? [bits] : [])];
  return { ...steps, quantizer: { ...quantizer, base: { ...quantizer.base, args } } };
}

/**
 * Leaves out the checkpoint at `index`: recipes that speak of it take `instead`, those of later ones move up.
 * @param parts what views and panels keep, in which it may be spoken of
 */
export function withoutOther(
  experiment: Experiment,
  index: number,
  instead: string,
  parts: readonly Part[] = [],
): Experiment {
  const rename = (recipe: string): string => {
    const at = givenOf(recipe);
    if (at === null || at < index) return recipe;
    return at === index ? instead : printRecipe(speakingOf(parseRecipe(recipe.trim()), at - 1));
  };
  const others = experiment.others.filter((_, i) => i !== index);
  const renamed = { ...experiment, others, a: rename(experiment.a), b: rename(experiment.b) };
  return parts.reduce(
    (e, part) => (part.withoutOther ? part.with(e, part.withoutOther(part.of(e), index, e.definitions)) : e),
    renamed,
  );
}

/** Takes `name` of the checkpoint at `index` for a tensor; null goes back to pairing by name. */
export function withChosen(experiment: Experiment, index: number, tensor: string, name: string | null): Experiment {
  const others = experiment.others.map((other, i) => {
    if (i !== index) return other;
    const { [tensor]: _, ...rest } = other.chosen;
    return { ...other, chosen: name === null ? rest : { ...rest, [tensor]: name } };
  });
  return { ...experiment, others };
}

interface Opening extends OtherState {
  job: AbortController | null;
}

export class OthersKeeper {
  readonly store = createStore<{ list: readonly OtherState[] }>(() => ({ list: [] }));
  private entries: Opening[] = [];
  private ready: { ref: SourceRef; info: SourceInfo } | null = null;
  /** Pairings by the two sources' ids and the choices. */
  private pairing: { key: string; pairs: Pairing }[] = [];
  private pair: typeof pairTensors | null = null;

  constructor(
    private readonly client: WorkbenchClient,
    private readonly timeline: Timeline,
    private readonly source: SourceKeeper,
  ) {
    timeline.subscribe((state) => this.follow(state.experiment));
    this.follow(timeline.getState().experiment);
  }

  /** Opens what the experiment names and closes what it no longer does. */
  private follow({ others }: Experiment): void {
    const before = this.entries;
    if (
      same(
        others.map((other) => other.source),
        before.map((entry) => entry.ref),
      )
    )
      return;
    this.entries = others.map(({ source }) => before.find((entry) => same(entry.ref, source)) ?? this.opened(source));
    for (const entry of before) {
      if (this.entries.includes(entry)) continue;
      entry.job?.abort();
      if (entry.info) this.client.close(entry.info.id).catch(() => {});
    }
    this.tell();
  }

  private tell(): void {
    this.store.setState({
      list: this.entries.map(({ ref, status, info, problem }) => ({ ref, status, info, problem })),
    });
  }

  private opened(ref: SourceRef): Opening {
    const { ready } = this;
    if (ready && same(ready.ref, ref)) {
      this.ready = null;
      return { ref, status: "open", info: ready.info, problem: null, job: null };
    }
    this.closeReady();
    const spec = this.source.specOf(ref);
    if (!spec) return { ref, status: "asked", info: null, problem: null, job: null };
    const job = new AbortController();
    const entry: Opening = { ref, status: "opening", info: null, problem: null, job };
    track(this.open(spec, { signal: job.signal })).then(
      (info) => {
        if (!this.entries.includes(entry)) return void this.client.close(info.id).catch(() => {});
        Object.assign(entry, { status: "open", info, job: null });
        this.tell();
      },
      (error) => {
        if (isAbort(error)) return;
        Object.assign(entry, { status: "failed", problem: messageOf(error), job: null });
        this.tell();
      },
    );
    return entry;
  }

  /** What pairs tensors is loaded with the first checkpoint: few pages have another. */
  private async open(...request: Parameters<WorkbenchClient["open"]>): Promise<SourceInfo> {
    const pairing = import("../../workers/pairing/pair.ts").catch((error) => Promise.reject(notLoaded(error)));
    const [{ pairTensors }, info] = await Promise.all([pairing, this.client.open(...request)]);
    this.pair = pairTensors;
    return info;
  }

  /** Closes what was opened and nobody took over. */
  private closeReady(): void {
    const { ready } = this;
    this.ready = null;
    if (ready) this.client.close(ready.info.id).catch(() => {});
  }

  private replace(index: number, entry: Opening): void {
    this.entries[index] = entry;
    this.tell();
  }

  /** Reads the address that a link asks for, or tries again what failed. */
  readAsked(index: number): void {
    const { ref, status } = this.entries[index] ?? {};
    if (ref?.kind !== "url" || (status !== "asked" && status !== "failed")) return;
    this.source.allow(ref.url);
    this.replace(index, this.opened(ref));
  }

  private pairs(index: number): Pairing | null {
    const info = this.source.store.getState().info;
    const other = this.entries[index]?.info;
    const chosen = this.timeline.getState().experiment.others[index]?.chosen;
    if (!info || !other || !chosen || !this.pair) return null;
    const key = JSON.stringify([info.id, other.id, chosen]);
    const known = this.pairing.find((p) => p.key === key);
    if (known) return known.pairs;
    const pairs = this.pair(info, other, chosen);
    this.pairing = [{ key, pairs }, ...this.pairing].slice(0, MOST_GIVEN);
    return pairs;
  }

  /** What the checkpoint at `index` has for a tensor of the source; null where it has nothing, or is not open. */
  partner(index: number, tensor: TensorInfo): Partner | null {
    return this.pairs(index)?.partner(tensor) ?? null;
  }

  /** What `given(1)`, `given(2)` ... are for a tensor. */
  given(tensor: TensorInfo): (GivenTensor | null)[] {
    return this.entries.map((_, i) => this.partner(i, tensor)?.given ?? null);
  }

  /**
   * Opens files as another checkpoint: the one that stands beside the source already where they are that (a link asks for
   * it, or it could not be opened), else a new one. B takes its results from it, where no link says what does.
   */
  async openFiles(files: File[]): Promise<void> {
    if (files.length === 0) return;
    try {
      const info = await track(this.open({ kind: "files", files }));
      const { fingerprints } = info;
      this.source.hold(fingerprints, files);
      const there = this.entries.findIndex(
        ({ ref }) => ref.kind === "files" && fingerprintsMatch(ref.fingerprints, fingerprints),
      );
      const entry = this.entries[there];
      const ref: SourceRef = entry?.ref ?? { kind: "files", fingerprints };
      // Open already: whoever is asked to open it next takes it over.
      this.ready = { ref, info };
      if (entry && !entry.info && !entry.job) return this.replace(there, this.opened(ref));
      this.add(ref);
      this.closeReady();
    } catch (error) {
      if (!isAbort(error)) notify(messageOf(error), "error");
    }
  }

  /** Puts a checkpoint beside the source; B shows it. */
  add(source: SourceRef): void {
    const { others } = this.timeline.getState().experiment;
    const there = others.findIndex((other) => same(other.source, source));
    if (there < 0 && others.length === MOST_GIVEN) {
      notify(`${MOST_GIVEN} checkpoints stand beside the source already: remove one first.`, "error");
      return;
    }
    const other: Other = { source, chosen: {} };
    const index = there < 0 ? others.length : there;
    this.timeline.change((e) =>
      withRecipe({ ...e, others: there < 0 ? [...e.others, other] : e.others }, "b", givenText(index)),
    );
  }
}
