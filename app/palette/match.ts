/** Finding names by a few typed letters: every word of the query somewhere in the name, its letters in order. */

/** A word found as it is, at the start of a part of the name or inside it, and its letters with others between. */
const AT_START = 400;
const INSIDE = 300;
const SCATTERED = 100;

const isBoundary = (text: string, at: number): boolean => at === 0 || /[^a-z0-9]/.test(text[at - 1]);

/** Length of the shortest stretch from the first match on that has the letters of `word` in order; -1 for none. */
function spread(text: string, word: string, from = 0): number {
  const first = text.indexOf(word[0], from);
  let at = first;
  for (let i = 1; i < word.length; i++) {
    at = text.indexOf(word[i], at + 1);
    if (at < 0) return -1;
  }
  return first < 0 ? -1 : at - first + 1;
}

function wordScore(text: string, word: string): number {
  let at = text.indexOf(word);
  if (at >= 0) {
    while (at >= 0 && !isBoundary(text, at)) at = text.indexOf(word, at + 1);
    return at >= 0 ? AT_START + (at === 0 ? 50 : 0) : INSIDE;
  }
  const length = spread(text, word);
  // Letters that are strewn over a long name say nothing.
  return length < 0 || length > 3 * word.length + 4 ? -1 : SCATTERED - (length - word.length);
}

/** The words of a query, in small letters. */
export const wordsOf = (query: string): string[] =>
  query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");

/** How well a text in small letters fits; -1 where a word is not in it. Of equal ones the shorter fits better. */
export function score(text: string, words: readonly string[]): number {
  let sum = 0;
  for (const word of words) {
    const one = wordScore(text, word);
    if (one < 0) return -1;
    sum += one;
  }
  return sum - Math.min(text.length, 200) * 0.1;
}

export interface Found<T> {
  /** The best, at most `most`, in order; equals keep the order they came in. */
  best: T[];
  /** How many fit. */
  count: number;
}

/** The best fits of a list, for lists of hundreds of thousands too. */
export function find<T>(items: readonly T[], textOf: (item: T) => string, query: string, most: number): Found<T> {
  const words = wordsOf(query);
  if (words.length === 0) return { best: items.slice(0, most), count: items.length };
  const kept: { item: T; score: number }[] = [];
  let count = 0;
  for (const item of items) {
    const fit = score(textOf(item), words);
    if (fit < 0) continue;
    count++;
    if (kept.length === most && fit <= kept[most - 1].score) continue;
    let at = kept.length;
    while (at > 0 && kept[at - 1].score < fit) at--;
    kept.splice(at, 0, { item, score: fit });
    if (kept.length > most) kept.pop();
  }
  return { best: kept.map((k) => k.item), count };
}
