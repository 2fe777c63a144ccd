/**
 * A part of an experiment that belongs to one view or panel: what it is looked at through. The state keeps such parts and
 * knows neither their names nor what is in them.
 */
import { type Experiment, type Lasting, type Lifetime, lifetimes, same } from "./experiment.ts";

/** Writes a recipe, or a text that holds several, anew; `what` names it to a person, and is null for what need not be told. */
export type Rewrite = (what: string | null, text: string) => string;

/** What is done to the texts in a part from outside. */
export interface PartTexts<T> {
  /** The part with its recipes written anew. */
  rewritten?(state: T, rewrite: Rewrite): Partial<T>;
  /** The part without the checkpoint at `index` beside the source; those after it move up. */
  withoutOther?(state: T, index: number, definitions: readonly string[]): Partial<T>;
}

export interface Part<T extends object = object> extends PartTexts<T> {
  /** Its name in the experiment. */
  readonly id: string;
  /** What a newcomer sees. */
  readonly initial: Readonly<T>;
  /** The part of an experiment: the same object for the same experiment, and from one to the next where nothing of it changed. */
  of(experiment: Pick<Experiment, "kept">): T;
  /** The experiment with some of the part changed. What is as in the beginning takes no place in it. */
  with(experiment: Experiment, some: Partial<T>): Experiment;
}

/**
 * @param lasts fields that hold only as long as the source, the matrix or the values stay; others hold for good
 */
export function createPart<T extends object>(
  id: string,
  initial: Readonly<T>,
  lasts: Partial<Record<keyof NoInfer<T>, Lifetime>> = {},
  texts: PartTexts<T> = {},
): Part<T> {
  const read = new WeakMap<Lasting, T>();
  let last: { own: readonly unknown[]; state: T } | null = null;
  const lifetimeOf = (key: keyof T): Lifetime => lasts[key] ?? "always";
  return {
    ...texts,
    id,
    initial,
    of({ kept }) {
      const known = read.get(kept);
      if (known) return known;
      const own = lifetimes.map((lifetime) => kept[lifetime][id]);
      if (!last || last.own.some((one, i) => one !== own[i])) last = { own, state: Object.assign({}, initial, ...own) };
      read.set(kept, last.state);
      return last.state;
    },
    with(experiment, some) {
      const kept = { ...experiment.kept };
      for (const key of Object.keys(some) as (keyof T & string)[]) {
        const lifetime = lifetimeOf(key);
        const { [key]: _, ...rest } = (kept[lifetime][id] ?? {}) as Record<string, unknown>;
        const own = same(some[key], initial[key]) ? rest : { ...rest, [key]: some[key] };
        const { [id]: __, ...others } = kept[lifetime];
        kept[lifetime] = Object.keys(own).length === 0 ? others : { ...others, [id]: own };
      }
      return { ...experiment, kept };
    },
  };
}
