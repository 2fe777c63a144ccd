/** From samples to pixels. */
import { type ColorTable, colorize, signedScale } from "../../../charts/colormap.ts";

const byte = (v: number): number => Math.round(255 * v);

/** Samples from 0 to 1 of a picture's channels as RGBA; what a recipe pushed beyond is clamped, as a screen does. */
export function pictureColours(channels: readonly Float32Array[]): Uint8ClampedArray<ArrayBuffer> {
  const [first, second, third] = channels;
  const coloured = channels.length >= 3;
  const out = new Uint8ClampedArray(4 * first.length);
  for (let i = 0; i < first.length; i++) {
    out[4 * i] = byte(first[i]);
    out[4 * i + 1] = byte(coloured ? second[i] : first[i]);
    out[4 * i + 2] = byte(coloured ? third[i] : first[i]);
    out[4 * i + 3] = 255;
  }
  return out;
}

/** Values of any matrix, signs apart; `before` gives the range, so that all pictures of one tensor share it. */
export function valueColours(
  values: Float32Array,
  before: Float32Array,
  table: ColorTable,
): Uint8ClampedArray<ArrayBuffer> {
  return colorize(values, signedScale([before]), table);
}
