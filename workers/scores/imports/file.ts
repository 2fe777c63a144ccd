/** Scores of another program in the shape that all scores have. */
import { NUMBERS_VERSION } from "../../../kernels/report/report.ts";
import type { SourceInfo } from "../../sources/info.ts";
import { fingerprintOf } from "../fingerprint.ts";
import { fitsFor, type Grid } from "../grid.ts";
import type { ScoredMatrix } from "../tensors.ts";
import { SCORES_KIND, SCORES_VERSION, type ScoredTensor, type ScoreFile, type SignalScores } from "../types.ts";

/** What the project itself says of a tensor: nothing of its values was read. */
export function unreadTensor(matrix: ScoredMatrix, grid: Grid | null): ScoredTensor {
  const { name, shape, layer, role, expert, elements, storedBits, rows, cols } = matrix;
  const fits = grid ? fitsFor(grid, rows, cols) : [];
  return {
    ...{ name, shape: [...shape], layer, role, expert, elements, storedBits, rows, rowsRead: 0, energy: null },
    bits: fits.map(({ plan, bits }) => bits ?? (plan ? countedBits(plan.bits, rows * cols) : null)),
    refused: fits.map(({ refused }) => refused),
    exact: fits.map(() => false),
  };
}

const countedBits = (parts: readonly { bitsPerWeight: number }[], elements: number): number =>
  parts.reduce((sum, { bitsPerWeight }) => sum + Math.round(bitsPerWeight * elements), 0);

export function importedFile(
  info: SourceInfo,
  recipes: readonly string[],
  tensors: ScoredTensor[],
  signals: Record<string, SignalScores>,
  notes: string[],
): ScoreFile {
  return {
    ...{ kind: SCORES_KIND, version: SCORES_VERSION, numbers: NUMBERS_VERSION },
    ...{ fingerprint: fingerprintOf(info), source: info.label, seed: 0, share: 1 },
    ...{ recipes: [...recipes], definitions: [], calibration: null, tensors, signals, notes },
  };
}
