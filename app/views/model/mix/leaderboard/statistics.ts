/** Figures of tensors as they are, beside the signals: what llama-imatrix prints with `--show-statistics`, and others that know no recipe. */
import { signalNamed } from "../../../../../kernels/signals/index.ts";
import type { ScoreFile } from "../../../../../workers/scores/types.ts";
import type { TableData } from "../../../../charts/DataTable.tsx";

/** A column for each such signal of the scores, a row for each tensor; null where the scores have none. */
export function statisticsOf({ signals, tensors }: ScoreFile): TableData | null {
  const names = Object.keys(signals).filter((name) => signalNamed(name)?.byRecipe === false);
  if (names.length === 0) return null;
  const titles = names.map((name) => signalNamed(name)!.title);
  return {
    caption: "Figures of the tensors as they are",
    columns: ["tensor", "layer", "role", ...titles],
    rows: tensors.map(({ name, layer, role }, t) => [
      ...[name, layer, role],
      ...names.map((signal) => signals[signal].values[t][0] ?? null),
    ]),
  };
}
