/** The points of the grid codebooks as coordinates, unpacked when first used. */
import { IQ1S, IQ2S, IQ2XS, IQ2XXS, IQ3S, IQ3XXS } from "./grid-data.ts";

/** All coordinates, point after point. */
type Grid = () => Int8Array;

const grid = (packed: string, coordinates: 4 | 8, levels: readonly number[]): Grid => {
  let points: Int8Array | null = null;
  return () => {
    points ??= unpack(packed, coordinates, levels);
    return points;
  };
};

function unpack(packed: string, coordinates: 4 | 8, levels: readonly number[]): Int8Array {
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  const width = 16 / coordinates;
  const points = new Int8Array((bytes.length / 2) * coordinates);
  for (let i = 0; i < points.length; i++) {
    const point = 2 * Math.floor(i / coordinates);
    const code = ((bytes[point] | (bytes[point + 1] << 8)) >> (width * (i % coordinates))) & (2 ** width - 1);
    points[i] = levels[code];
  }
  return points;
}

const TWO_BIT = [8, 25, 43];
export const iq2xxsGrid = grid(IQ2XXS, 8, TWO_BIT);
export const iq2xsGrid = grid(IQ2XS, 8, TWO_BIT);
export const iq2sGrid = grid(IQ2S, 8, TWO_BIT);
export const iq3xxsGrid = grid(IQ3XXS, 4, [4, 12, 20, 28, 36, 44, 52, 62]);
export const iq3sGrid = grid(IQ3S, 4, [1, 3, 5, 7, 9, 11, 13, 15]);
export const iq1sGrid = grid(IQ1S, 8, [-1, 0, 1]);

/** Eight signs from seven stored bits: the eighth makes their number of ones even. */
export const evenSigns = Uint8Array.from({ length: 128 }, (_, stored) => {
  let parity = 0;
  for (let rest = stored; rest !== 0; rest >>= 1) parity ^= rest & 1;
  return stored | (parity << 7);
});
