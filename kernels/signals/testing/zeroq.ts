/** What ZeroQ claims of distilled rows, on channels whose statistics are stated. */
import type { Calibration } from "../../calibration/types.ts";
import { normalDraw } from "../../random/normal.ts";
import { type Distilled, distil } from "../distilled/distil.ts";
import { work } from "../distilled/work.ts";

const [COLS, TOKENS] = [48, 128];
const mean = Float64Array.from({ length: COLS }, (_, j) => normalDraw(1, 0, j));
const std = Float64Array.from({ length: COLS }, (_, j) => Math.exp(normalDraw(2, 0, j)));

let distilling: Promise<Distilled> | null = null;
const distilled = (): Promise<Distilled> => {
  distilling ??= distil({ mean, std, unitRows: true }, { tokens: TOKENS, seed: 3 });
  return distilling;
};

/** The largest distance of a channel's mean or deviation from its target, in deviations. */
export async function distance(): Promise<number> {
  const { error } = await distilled();
  return Math.max(error.mean, error.std);
}

/** How far ranges are from those of real rows (mean distance of their logarithms), over the same of standard normal rows. */
export async function ranges(): Promise<number> {
  const { rows } = await distilled();
  const top = (value: (t: number, j: number) => number, j: number) =>
    Math.log(Array.from({ length: TOKENS }, (_, t) => Math.abs(value(t, j))).reduce((a, b) => Math.max(a, b)));
  let [ours, drawn] = [0, 0];
  for (let j = 0; j < COLS; j++) {
    const real = top((t, c) => mean[c] + std[c] * normalDraw(9, 0, t * COLS + c), j);
    ours += Math.abs(top((t, c) => rows[t * COLS + c], j) - real);
    drawn += Math.abs(top((t, c) => normalDraw(5, 0, t * COLS + c), j) - real);
  }
  return ours / drawn;
}

/** The largest of the divergences at 3, 4, 5, 6 and 8 bits over that at a bit less: below 1 where none rises. */
export async function rise(): Promise<number> {
  const { rows } = await distilled();
  const weight = Float32Array.from({ length: 32 * COLS }, (_, i) => 0.1 * normalDraw(6, 0, i));
  const top = weight.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const omega: number[] = [];
  for (const bits of [2, 3, 4, 5, 6, 8]) {
    const step = top / (2 ** (bits - 1) - 1);
    const results = weight.map((w) => Math.round(w / step) * step);
    const given = { row0: 0, rows: 32, cols: COLS, values: weight, results };
    omega.push((await work.value({ ...given, calibration: { cols: COLS, rows } as Calibration }))!);
  }
  return Math.max(...omega.slice(1).map((value, i) => value / omega[i]));
}
