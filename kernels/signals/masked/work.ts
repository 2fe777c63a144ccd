/**
 * OHQ's masked sensitivity: only a random share of a weight's values is quantized, and the outputs on made-up inputs are compared. On
 * independent inputs of one variance an output's expected squared error is the share times that of all values quantized: cross terms
 * of different inputs vanish, and each value is in the mask with the share's chance. So the error over the share estimates the whole.
 */
import { normalDraw } from "../../random/normal.ts";
import { threefry2x32 } from "../../random/threefry.ts";
import type { RowSignal, RowTerms, SignalRows } from "../signal.ts";

export const SHARE = 0.25;
/** Both masks of a value come of one draw. */
const MASKS = 2;
const TOKENS = 16;
const SEED = 1;
/** Apart from the streams of roundings and steps. */
const [INPUTS, CHOICES] = [0x6d61736b, 0x6d61736c];

let made: { cols: number; seed: number; tokens: Float64Array } | null = null;

/** cols x TOKENS standard normal inputs: the tokens of a column lie together. */
function inputsOf(cols: number, seed: number): Float64Array {
  if (made?.cols !== cols || made.seed !== seed) {
    made = { cols, seed, tokens: Float64Array.from({ length: cols * TOKENS }, (_, i) => normalDraw(seed, INPUTS, i)) };
  }
  return made.tokens;
}

/**
 * By row the squared error of its output a token, over the share and the mean of two masks, and the square of the output itself. A share of
 * 1 quantizes all.
 */
export function maskedTerms(rows: Omit<SignalRows, "calibration">, { share = SHARE, seed = SEED } = {}): RowTerms {
  const { values, results, cols, row0 } = rows;
  const count = cols === 0 ? 0 : values.length / cols;
  const terms: RowTerms = { error: new Float64Array(count), signal: new Float64Array(count), broken: 0 };
  const inputs = inputsOf(cols, seed);
  const most = Math.min(2 ** 32, share * 2 ** 32);
  const words = new Uint32Array(MASKS);
  const outputs = [new Float64Array(TOKENS), new Float64Array(TOKENS), new Float64Array(TOKENS)];
  const add = (to: Float64Array, by: number, col: number): void => {
    for (let t = 0; t < TOKENS; t++) to[t] += by * inputs[col * TOKENS + t];
  };
  for (let r = 0; r < count; r++) {
    for (const output of outputs) output.fill(0);
    for (let j = 0; j < cols; j++) {
      const [value, result] = [values[r * cols + j], results[r * cols + j]];
      if (!Number.isFinite(value)) continue;
      if (!Number.isFinite(result)) {
        terms.broken++;
        continue;
      }
      add(outputs[MASKS], value, j);
      if (result === value) continue;
      const index = (row0 + r) * cols + j;
      threefry2x32(seed, CHOICES, index >>> 0, Math.floor(index / 2 ** 32), words);
      for (let m = 0; m < MASKS; m++) if (words[m] < most) add(outputs[m], result - value, j);
    }
    const energy = (output: Float64Array): number => output.reduce((a, b) => a + b * b, 0) / TOKENS;
    terms.signal[r] = energy(outputs[MASKS]);
    for (let m = 0; m < MASKS; m++) terms.error[r] += energy(outputs[m]) / (MASKS * share);
  }
  return terms;
}

export const work: RowSignal = {
  of: "rows",
  terms: async (rows) => maskedTerms(rows),
  value: ({ error, elements }) => (elements > 0 ? error : null),
};
