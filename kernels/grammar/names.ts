import type { Definition } from "./ast.ts";
import type { Entry, Vocabulary } from "./signature.ts";

export type NameKind = "format" | "alias" | "definition" | "step" | "rounding" | "rule";

/** "a rounding", for messages. */
export const article: Record<NameKind, string> = {
  format: "a format",
  alias: "an alias",
  definition: "a definition",
  step: "a step",
  rounding: "a rounding",
  rule: "a scale rule",
};

/** A name as messages show it: in quotes, and cut where it is very long. */
export const quote = (name: string): string => `"${name.length > 40 ? `${name.slice(0, 39)}…` : name}"`;

/** Joins words as a sentence does: "a, b or c". */
export function either(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} or ${words[words.length - 1]}`;
}

/** The registered names together with the names that a link or a file defined. */
export class Names {
  readonly vocabulary: Vocabulary;
  readonly definitions: readonly Definition[];

  constructor(vocabulary: Vocabulary, definitions: readonly Definition[] = []) {
    this.vocabulary = vocabulary;
    this.definitions = definitions;
  }

  kind(name: string): NameKind | null {
    const { aliases, steps, roundings, rules } = this.vocabulary;
    const has = (list: readonly { name: string }[]) => list.some((e) => e.name === name);
    if (this.vocabulary.format(name)) return "format";
    if (has(aliases)) return "alias";
    if (has(this.definitions)) return "definition";
    if (has(steps)) return "step";
    if (has(roundings)) return "rounding";
    return has(rules) ? "rule" : null;
  }

  /** The signature of a format, step, rounding or rule. */
  entry(kind: NameKind, name: string): Entry | undefined {
    return kind === "format" ? this.vocabulary.format(name) : this.list(kind).find((e) => e.name === name);
  }

  place(step: string): "before" | "after" {
    return this.vocabulary.steps.find((s) => s.name === step)?.place ?? "before";
  }

  definition(name: string): Definition | undefined {
    return this.definitions.find((d) => d.name === name);
  }

  /** The names of a kind with their signatures; aliases and definitions have none and give an empty list. */
  list(kind: NameKind): readonly Entry[] {
    if (kind === "format") return this.vocabulary.formats;
    if (kind === "step") return this.vocabulary.steps;
    if (kind === "rounding") return this.vocabulary.roundings;
    return kind === "rule" ? this.vocabulary.rules : [];
  }

  /** Every listed name of the kinds given. */
  all(kinds: readonly NameKind[]): string[] {
    return kinds.flatMap((kind) => {
      if (kind === "alias") return this.vocabulary.aliases.map((a) => a.name);
      if (kind === "definition") return this.definitions.map((d) => d.name);
      return this.list(kind).map((e) => e.name);
    });
  }
}

/** `; did you mean "x"?` for the nearest of `candidates`, or nothing where none is near. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const best = nearestName(name, candidates);
  return best === null ? "" : `; did you mean ${quote(best)}?`;
}

/**
 * What other tools call by another name, which is near to the name of something else here: `max` is no `mx`, and `rna` no
 * `rne`. Of several the first that can stand there.
 */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  max: ["absmax"],
  amax: ["absmax"],
  range: ["minmax"],
  percentile: ["pct"],
  l2: ["mse"],
  mean: ["absmean"],
  rn: ["rne"],
  rtne: ["rne"],
  nearest: ["rne"],
  rna: ["away"],
  rz: ["trunc"],
  rtz: ["trunc"],
  ru: ["up"],
  rd: ["down"],
  ceil: ["mx(ceil)", "up"],
  floor: ["mx(floor)", "down"],
  even: ["mx(even)"],
  stochastic: ["sr"],
};

/** The nearest of `candidates` to a name that is none of them, or null where none is near. */
export function nearestName(name: string, candidates: readonly string[]): string | null {
  const lower = name.toLowerCase().slice(0, 64);
  const known = Object.hasOwn(ELSEWHERE, lower) ? ELSEWHERE[lower] : [];
  const other = known.find((text) => candidates.includes(text.replace(/\(.*/, "")));
  if (other) return other;
  const limit = lower.length <= 3 ? 1 : 2;
  let best: string | null = null;
  let least = limit + 1;
  for (const candidate of candidates) {
    const distance = editDistance(lower, candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/**
 * Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string alignment). A
 * replacement counts a little more the further the characters are apart, so that int9 is nearer to int8 than to int1.
 */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const apart = Math.abs(a.charCodeAt(i - 1) - b.charCodeAt(j - 1));
      row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (apart === 0 ? 0 : 1 + apart / 1000));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, above] = [above, row];
  }
  return above[b.length];
}
