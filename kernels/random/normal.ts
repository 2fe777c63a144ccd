import { normalQuantile } from "../exact/elementary.ts";
import { threefry2x32 } from "./threefry.ts";

const words = new Uint32Array(2);

/** Uniform in (0, 1): one of 2^52 equally spaced numbers, the middles of as many equal cells. Never 0, 1/2 or 1. */
export function uniformDraw(seed: number, stream: number, index: number): number {
  threefry2x32(seed, stream, index >>> 0, Math.floor(index / 2 ** 32), words);
  return (words[0] * 2 ** 20 + (words[1] >>> 12) + 0.5) * 2 ** -52;
}

/** Standard normal, the same bits on every engine. */
export const normalDraw = (seed: number, stream: number, index: number): number =>
  normalQuantile(uniformDraw(seed, stream, index));
