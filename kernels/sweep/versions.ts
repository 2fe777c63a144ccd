/**
 * What differs between the versions of the numbers' definition, for texts that were written under an earlier one: links,
 * files of experiments. Each entry says which recipes it touches, and keeps their old figures where the old rule is still to be had.
 */
import { aliases } from "../notation/aliases.ts";
import { NUMBERS_VERSION } from "../report/report.ts";

export interface Difference {
  /** The last version in which it was otherwise. */
  until: number;
  /**
   * Whether it touches a recipe or grid that holds these words: names, keys and words of arguments, those of the text of
   * its aliases included.
   */
  touches(words: ReadonlySet<string>): boolean;
  /** The text under which the old figures come back; left out where they cannot be had any more. */
  rewrite?(text: string): string;
  /** A sentence for whoever opens an old link that it touches. */
  says: string;
}

/** A scale rule by another name, with the arguments that it had. */
const renamed = (from: string, to: string) => (text: string) =>
  text.replace(new RegExp(`(?<![A-Za-z0-9_.*-])${from}(?![A-Za-z0-9_=.*-])`, "g"), to);

export const differences: readonly Difference[] = [
  {
    until: 1,
    touches: (words) => words.has("mse"),
    rewrite: renamed("mse", "shrink"),
    says: "~mse only looked below the largest magnitude then: it stands here as ~shrink, the search that it was, with the same figures",
  },
  {
    until: 1,
    touches: (words) => words.has("bnb"),
    says: "bitsandbytes' arithmetic is its own now: elements are divided by the true maximum, which is compressed afterwards, and FP4 has a code for small negatives; a few codes in a thousand differ",
  },
  {
    until: 1,
    touches: (words) => words.has("dynamic8"),
    says: "72 of the 256 levels of dynamic8 moved by one unit in the last place: they are bitsandbytes' own now",
  },
  {
    until: 1,
    touches: (words) => words.has("torchao"),
    says: "torchao's scale of a tensor comes from its largest magnitude now, as there: it can differ in the last place, and a few codes with it",
  },
  {
    until: 1,
    touches: (words) => words.has("modelopt_nvfp4"),
    says: "modelopt_nvfp4 divides in float32 and keeps block scales at 2^-9 at least now, as ModelOpt does; small negatives have code 8",
  },
  {
    until: 1,
    touches: (words) => words.has("sat") || words.has("poison"),
    says: "figures are taken over one set of values now: those whose results are not finite were left out of the errors but not of the signal, and are counted as broken",
  },
  {
    until: 1,
    touches: (words) => [...words].some((word) => /^u?e8m[1-9]/.test(word)),
    says: "values beyond levels that exceed float32 count as saturated now: none did",
  },
  {
    until: 1,
    touches: (words) => words.has("sat") && [...words].some((word) => /^u?e[1-8]m1$/.test(word)),
    says: "with one mantissa bit and NaN above the largest level, values overflow from the middle of the next step on now, which is twice as wide",
  },
];

/** The words of a recipe or grid, and of the aliases in it. */
function wordsOf(text: string): Set<string> {
  const words = new Set(text.match(/[A-Za-z_][A-Za-z0-9_]*/g));
  for (const { name, text } of aliases) if (words.has(name)) for (const word of wordsOf(text)) words.add(word);
  return words;
}

/**
 * A recipe or grid that was written under an earlier version: the text to open now, and a sentence about each difference
 * that touches it.
 */
export function fromVersion(version: number, text: string): { text: string; says: string[] } {
  const says: string[] = [];
  let now = text;
  if (version >= NUMBERS_VERSION) return { text, says };
  const words = wordsOf(text);
  for (const difference of differences) {
    if (difference.until < version || !difference.touches(words)) continue;
    now = difference.rewrite?.(now) ?? now;
    says.push(difference.says);
  }
  return { text: now, says };
}
