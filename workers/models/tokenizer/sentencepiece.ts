/**
 * The BPE of SentencePiece (Kudo and Richardson, 2018), as llama.cpp and llama2.c have it: a text begins as its characters, and of all
 * neighbours whose union is a token the one with the best score is joined first, the leftmost of equals. Characters that are
 * no token become their bytes.
 */
import { UserError } from "../../errors/user-error.ts";
import { fallbackByte, utf8 } from "./bytes.ts";

export interface ScoredTokens {
  /** For messages. */
  file: string;
  tokens: readonly string[];
  scores: ArrayLike<number>;
  /** Tokens that text never becomes: control tokens, unused ones. */
  without(id: number): boolean;
  /** What a character becomes that is neither a token nor bytes. */
  unknown: number | null;
}

/** Encodes text whose spaces are spelled as the tokens spell them. */
export function scoredEncoder({ file, tokens, scores, without, unknown }: ScoredTokens): (text: string) => number[] {
  const ids = new Map<string, number>();
  const byteIds = new Map<number, number>();
  tokens.forEach((token, id) => {
    const byte = fallbackByte(token);
    if (byte !== null) byteIds.set(byte, id);
    // Of two that are alike the first is meant.
    else if (!without(id) && !ids.has(token)) ids.set(token, id);
  });
  const single = (character: string): number[] => {
    const bytes = Array.from(utf8(character), (byte) => byteIds.get(byte));
    if (bytes.every((id) => id !== undefined)) return bytes;
    if (unknown !== null) return [unknown];
    throw new UserError(
      `${file}: the tokenizer has no token for ${JSON.stringify(character)}, and none for its bytes.`,
    );
  };
  return (text) => {
    const words: string[] = Array.from(text);
    const count = words.length;
    const next = Int32Array.from({ length: count }, (_, i) => i + 1);
    const previous = Int32Array.from({ length: count }, (_, i) => i - 1);
    const queue = new Queue();
    const offer = (left: number) => {
      const right = left < 0 ? count : next[left];
      if (right >= count) return;
      const id = ids.get(words[left] + words[right]);
      if (id !== undefined) queue.add({ left, length: words[left].length + words[right].length, score: scores[id] });
    };
    for (let i = 0; i < count - 1; i++) offer(i);
    for (let best = queue.take(); best; best = queue.take()) {
      const { left, length } = best;
      const right = next[left];
      // One of the two was joined with another since.
      if (words[left] === "" || right >= count || words[left].length + words[right].length !== length) continue;
      words[left] += words[right];
      words[right] = "";
      next[left] = next[right];
      if (next[right] < count) previous[next[right]] = left;
      offer(previous[left]);
      offer(left);
    }
    const out: number[] = [];
    for (let i = 0; i < count; i = next[i]) {
      const id = ids.get(words[i]);
      if (id === undefined) out.push(...single(words[i]));
      else out.push(id);
    }
    return out;
  };
}

interface Pair {
  left: number;
  length: number;
  score: number;
}

/** Whether a is joined before b. */
const before = (a: Pair, b: Pair): boolean => a.score > b.score || (a.score === b.score && a.left < b.left);

/** A binary heap, the pair to be joined next on top. */
class Queue {
  readonly #pairs: Pair[] = [];

  add(pair: Pair): void {
    const pairs = this.#pairs;
    let at = pairs.push(pair) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!before(pair, pairs[above])) break;
      pairs[at] = pairs[above];
      at = above;
    }
    pairs[at] = pair;
  }

  take(): Pair | undefined {
    const pairs = this.#pairs;
    const top = pairs[0];
    const last = pairs.pop();
    if (pairs.length === 0 || !last) return top;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= pairs.length) break;
      if (below + 1 < pairs.length && before(pairs[below + 1], pairs[below])) below++;
      if (!before(pairs[below], last)) break;
      pairs[at] = pairs[below];
      at = below;
    }
    pairs[at] = last;
    return top;
  }
}

/** Splits a text at the given tokens, the longest of those that begin at a place: pieces of text, and ids of tokens. */
export function splitAt(tokens: ReadonlyMap<string, number>): (text: string) => (string | number)[] {
  if (tokens.size === 0) return (text) => (text === "" ? [] : [text]);
  const spelled = [...tokens.keys()]
    .sort((a, b) => b.length - a.length)
    .map((token) => token.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  const pattern = new RegExp(`(${spelled.join("|")})`);
  return (text) =>
    text
      .split(pattern)
      .map((part, i) => (i % 2 === 1 ? tokens.get(part)! : part))
      .filter((part) => part !== "");
}
