/** A table of the cache's scores: a row for each layer and recipe. */
import type { CacheScores } from "../../../../../workers/scores/types.ts";
import type { TableData } from "../../../../charts/DataTable.tsx";
import { formatNumber } from "../../../../charts/numbers.ts";

export function cacheRows({ context, recipes, layers, signals }: CacheScores, signal: string): TableData {
  const { values, error } = signals[signal];
  return {
    caption: `Keys and values of ${context} tokens, each layer alone quantized`,
    columns: ["layer", "recipe", "bits a value", signal, "standard error", "why not"],
    rows: layers.flatMap(({ layer, elements, bits, refused }, l) =>
      recipes.map((recipe, r) => [
        ...[layer, recipe, figure(bits[r] === null ? null : bits[r] / elements)],
        ...[figure(values[l][r]), figure(error?.[l][r] ?? null), refused[r] ?? ""],
      ]),
    ),
  };
}

const figure = (value: number | null): string => (value === null ? "–" : formatNumber(value));
