/** From a text to tokens, a piece at a time: long texts take seconds, in which a cancel has to be seen. */
import { pacer } from "../../pace/pace.ts";
import type { Tokenizer } from "../model.ts";

/** Characters encoded at a time: some 20 ms. */
const PIECE = 2 ** 14;
/** Characters on both sides of a cut that have to give the same tokens with it and without. */
const CONTEXT = 64;
/** How far a place to cut is looked for before more is encoded at a time. */
const REACH = 2 ** 12;

/** A word behind a space behind something else: where tokenizers that cut at words do. */
const BETWEEN_WORDS = /[^\s] (?=\p{L})/gu;

/**
 * The tokens of a text as a model takes it: with the token that a text begins with, where there is one. A long text is cut between words,
 * where its tokens are those of both sides; without such a place all of it is encoded at once. Rejects with UserError or AbortError.
 */
export async function tokensOf(
  tokenizer: Tokenizer,
  text: string,
  signal: AbortSignal,
  piece = PIECE,
): Promise<Uint32Array> {
  const parts: Uint32Array[] = tokenizer.start === null ? [] : [Uint32Array.of(tokenizer.start)];
  const pace = pacer(signal);
  let begin = 0;
  for (let cut = nextCut(tokenizer, text, begin, piece); cut !== null; cut = nextCut(tokenizer, text, begin, piece)) {
    parts.push(tokenizer.encode(text.slice(begin, cut)));
    begin = behind(tokenizer, cut);
    await pace();
  }
  parts.push(tokenizer.encode(text.slice(begin)));
  const all = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Where the text goes on: a space that the tokenizer puts before every text is not given to it. */
const behind = ({ spaceBefore }: Tokenizer, cut: number): number => (spaceBefore ? cut + 1 : cut);

/** The place of the space before which the next piece ends; null where the rest is short, or has none. */
function nextCut(tokenizer: Tokenizer, text: string, begin: number, piece: number): number | null {
  if (tokenizer.spelling === "other") return null;
  for (let from = begin + piece; text.length - from > piece; from += REACH) {
    const stretch = text.slice(from, from + REACH);
    for (const { index } of stretch.matchAll(BETWEEN_WORDS)) {
      const cut = from + index + 1;
      if (isCut(tokenizer, text, cut)) return cut;
    }
  }
  return null;
}

/** Whether the tokens around a place are those of its two sides. */
function isCut(tokenizer: Tokenizer, text: string, cut: number): boolean {
  // A word, not a character's half, begins on the left.
  const start = text.lastIndexOf(" ", Math.max(0, cut - CONTEXT)) + 1;
  if (cut - start > 4 * CONTEXT) return false;
  const right = text.slice(behind(tokenizer, cut), cut + CONTEXT).replace(/[\ud800-\udbff]$/, "");
  const left = text.slice(start, cut);
  const both = tokenizer.encode(text.slice(start, behind(tokenizer, cut) + right.length));
  return both.join() === [...tokenizer.encode(left), ...tokenizer.encode(right)].join();
}
