import { threefry2x32 } from "../../../kernels/random/threefry.ts";
import { UserError } from "../../errors/user-error.ts";

/** How a text of tokens is cut. */
export interface WindowsSpec {
  /** Tokens of a window. */
  tokens: number;
  /**
   * Tokens from the beginning of a window to that of the next: `tokens` for windows that do not overlap. Of a window that overlaps the one
   * before it only the new tokens are judged.
   */
  stride: number;
  /** Most windows; of more there are as many are drawn by the seed, and run in their order. Null: all of them. */
  most: number | null;
  seed: number;
}

export interface TextWindow {
  /** Its number among all windows of the text. */
  index: number;
  /** What the network reads. */
  tokens: Uint32Array;
  /** The place of the first token of the window that a prediction is judged at. */
  from: number;
  /** The tokens that follow those from `from` on: the last one may begin the next window. */
  targets: Uint32Array;
  /** The number of `targets[0]` in the text. */
  first: number;
}

export interface CutText {
  windows: TextWindow[];
  /** Windows of the whole text. */
  inAll: number;
  /** Predictions that are judged in `windows`. */
  predictions: number;
  /** Tokens at the end of the text that fill no window. */
  leftOver: number;
}

/** The stream of the generator that draws windows. */
const STREAM = 0x71d0;

/**
 * Cuts a text of tokens. Windows of T tokens predict T tokens, the last of them the one behind the window, so that windows that do not
 * overlap predict every token but the first. A text shorter than a window is one window of its own.
 *
 * Throws UserError where there is nothing to predict, a token is beyond the vocabulary, or the window does not suit the model.
 */
export function cutText(
  ids: Uint32Array,
  { tokens, stride, most, seed }: WindowsSpec,
  { vocabulary, positions }: { vocabulary: number; positions: number | null },
): CutText {
  if (!Number.isInteger(tokens) || tokens < 1) throw new UserError(`A window has at least one token, not ${tokens}.`);
  if (!Number.isInteger(stride) || stride < 1 || stride > tokens) {
    throw new UserError(`Windows of ${tokens} tokens begin 1 to ${tokens} tokens apart, not ${stride}.`);
  }
  if (most !== null && !(Number.isInteger(most) && most >= 1)) {
    throw new UserError(`At least one window runs, not ${most}.`);
  }
  if (positions !== null && tokens > positions) {
    throw new UserError(`The model has ${positions} positions, and windows of ${tokens} tokens do not fit.`);
  }
  if (ids.length < 2) {
    throw new UserError(`The text is ${ids.length === 1 ? "one token" : "empty"}: there is nothing to predict.`);
  }
  const beyond = ids.findIndex((id) => id >= vocabulary);
  if (beyond >= 0) {
    throw new UserError(
      `Token ${ids[beyond]} at place ${beyond} is beyond the model's vocabulary of ${vocabulary}: its tokenizer is of another model.`,
    );
  }
  const length = Math.min(tokens, ids.length - 1);
  const inAll = Math.floor((ids.length - 1 - length) / stride) + 1;
  const windows = chosenOf(inAll, most, seed).map((index): TextWindow => {
    const start = index * stride;
    const from = index === 0 ? 0 : length - stride;
    return {
      index,
      tokens: ids.slice(start, start + length),
      from,
      targets: ids.slice(start + from + 1, start + length + 1),
      first: start + from + 1,
    };
  });
  return {
    windows,
    inAll,
    predictions: windows.reduce((sum, { targets }) => sum + targets.length, 0),
    leftOver: ids.length - 1 - ((inAll - 1) * stride + length),
  };
}

/** So many of `count` numbers, those of the smallest draws, ascending. */
function chosenOf(count: number, most: number | null, seed: number): number[] {
  const all = Array.from({ length: count }, (_, index) => index);
  if (most === null || most >= count) return all;
  const word = new Uint32Array(2);
  const draws = all.map((index) => {
    threefry2x32(seed, STREAM, index, 0, word);
    return word[0] * 2 ** 21 + (word[1] >>> 11);
  });
  return all
    .toSorted((x, y) => draws[x] - draws[y] || x - y)
    .slice(0, most)
    .sort((x, y) => x - y);
}
