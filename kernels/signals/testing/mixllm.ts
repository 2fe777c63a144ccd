/** MixLLM's claims (arXiv 2412.14590), on log-normal losses of rows and on all integers that its conversion takes. */
import { normalValues } from "../../testing/matrix.ts";
import { chooseByLayer, chooseGlobally, fastFloat, type RankedLayer } from "../rowLoss/rows.ts";

/** Layers of equal columns whose losses spread and differ from layer to layer. */
export const layersOf = (seed: number): RankedLayer[] =>
  Array.from({ length: 6 }, (_, l) => ({
    cols: 128,
    loss: Float64Array.from(normalValues(100 * (1 + (l % 3)), seed + l), (x) => Math.exp(2 * x + l / 2)),
  }));

/** The largest loss of a global choice over that of a choice in each layer, of 50 draws. */
export const globalOverByLayer = (): number =>
  Math.max(
    ...Array.from({ length: 50 }, (_, seed) => {
      const layers = layersOf(97 * seed);
      return chooseGlobally(layers, 0.1).loss / chooseByLayer(layers, 0.1).loss;
    }),
  );

/** The same of 50 draws at the least: what a global choice gains. */
export const bestGain = (): number =>
  Math.min(
    ...Array.from({ length: 50 }, (_, seed) => {
      const layers = layersOf(97 * seed);
      return chooseGlobally(layers, 0.1).loss / chooseByLayer(layers, 0.1).loss;
    }),
  );

export const bitsAtTenth = (): number => chooseGlobally(layersOf(1), 0.1).bitsPerWeight;

/** The largest |q - z| of codes and zero points of four bits, which the product takes in INT8. */
export function largestDifference(): number {
  let most = 0;
  for (let q = 0; q < 16; q++) for (let z = 0; z < 16; z++) most = Math.max(most, Math.abs(q - z));
  return most;
}

/** Integers below 2^22 in magnitude that the conversion gets wrong, of every 61st and the ends. */
export function wrongConversions(): number {
  let wrong = 0;
  const end = 2 ** 22;
  for (let v = 1 - end; v < end; v += 61) if (fastFloat(v) !== v) wrong++;
  for (const v of [1 - end, -1, 0, 1, end - 1]) if (fastFloat(v) !== v) wrong++;
  return wrong;
}
