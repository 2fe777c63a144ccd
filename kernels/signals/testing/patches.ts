/** Claims of value-driven patches (arXiv 2401.13714), on Gaussian maps with a twentieth of the patches ten times as loud. */
import { normalValues } from "../../testing/matrix.ts";
import { entropyAt, outlierPatches, planPatches, type ValueMap, WIDTHS } from "../outlierBlocks/patches.ts";

const SIZE = 8;
const SIDE = 160;
const PATCHES = (SIDE / SIZE) ** 2;
const PLANTED = PATCHES / 20;

/** A map, and which of its patches are loud: every twentieth, from some on. */
export function planted(seed: number): ValueMap & { marks: Uint8Array } {
  const marks = Uint8Array.from({ length: PATCHES }, (_, p) => (p % 20 === seed % 20 ? 1 : 0));
  const wide = SIDE / SIZE;
  const values = normalValues(SIDE * SIDE, seed).map((x, i) => {
    const [r, c] = [Math.floor(i / SIDE), i % SIDE];
    return marks[Math.floor(r / SIZE) * wide + Math.floor(c / SIZE)] ? 10 * x : x;
  });
  return { values, rows: SIDE, cols: SIDE, marks };
}

/** The share of patches of class A over the share planted. */
export const outlierShare = (): number =>
  outlierPatches(planted(3), SIZE).reduce((sum, mark) => sum + mark, 0) / PLANTED;

/** The largest entropy over its width. */
export const entropyOverBits = (): number => Math.max(...WIDTHS.map((b) => entropyAt(planted(3).values, b) / b));

/** The least step of entropy from a width to the next. */
export function entropySteps(): number {
  const found = [1, 2, 3, 4, 5, 6, 7, 8].map((b) => entropyAt(planted(3).values, b));
  return Math.min(...found.slice(1).map((h, i) => h - found[i]));
}

/** Bit operations in 8 bits over those of a plan whose memory is that of 4 bits in all patches without outliers. */
export function operationsSaved(): number {
  const maps = Array.from({ length: 6 }, (_, i) => ({ ...planted(i + 1), operations: 1 }));
  const memory = 2 * SIDE * SIDE * (8 * 0.05 + 4 * 0.95) * (1 + 1e-9);
  const plan = planPatches(maps, SIZE, { lambda: 0.6, memory });
  return plan.fits ? plan.saved : Number.NaN;
}
