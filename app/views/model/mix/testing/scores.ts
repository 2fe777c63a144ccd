/** Scores as a file holds them, for tests of what reads them. */
import { SCORES_KIND, SCORES_VERSION, type ScoreFile, type SignalScores } from "../../../../../workers/scores/types.ts";

/** Tensors of 64 x 64 in layers of their own, read whole, every recipe at four bits. */
export function scoresForTest(
  names: readonly string[],
  recipes: readonly string[],
  signals: Record<string, Omit<SignalScores, "about">>,
): ScoreFile {
  return {
    ...{ kind: SCORES_KIND, version: SCORES_VERSION, numbers: 2, seed: 0, share: 1, source: "m" },
    fingerprint: { name: "m", size: 1, digest: "00" },
    ...{ recipes: [...recipes], definitions: [], calibration: null, notes: [] },
    tensors: names.map((name, layer) => ({
      ...{ name, shape: [64, 64], layer, role: "q_proj", expert: null, elements: 4096, storedBits: 65536 },
      ...{ rows: 64, rowsRead: 64, energy: 1 },
      bits: recipes.map(() => 4 * 4096),
      refused: recipes.map(() => null),
      exact: recipes.map(() => true),
    })),
    signals: Object.fromEntries(Object.entries(signals).map(([name, of]) => [name, { about: name, ...of }])),
  };
}
