/**
 * What MLX's `mlx_lm.dynamic_quant` writes as `MODEL_sensitivities.json` (ml-explore/mlx-lm, `mlx_lm/quant/dynamic_quant.py`): a list
 * of [module, number]. The number is the gradient of the divergence, of the model quantized low, times what the higher bits would change
 * of the weight, summed and divided by the millions of its parameters. Which bits are low and high it does not say.
 */
import { UserError } from "../../errors/user-error.ts";
import type { SourceInfo } from "../../sources/info.ts";
import type { ScoreFile } from "../types.ts";
import { importedFile, unreadTensor } from "./file.ts";
import { checkMatch, matchesOf } from "./match.ts";

export const MLX_SIGNAL = "mlx";

export const isMlx = (json: unknown): json is [string, number][] =>
  Array.isArray(json) &&
  json.length > 0 &&
  json.every((one) => Array.isArray(one) && one.length === 2 && typeof one[0] === "string");

export function importMlx(json: [string, unknown][], label: string, info: SourceInfo): ScoreFile {
  const matches = matchesOf(info);
  const values = new Map<string, number | null>();
  const [unknown, bad]: string[][] = [[], []];
  for (const [name, value] of json) {
    // Python writes NaN and infinities, which JSON does not have, as words; `readJson` gives null for them.
    if (value !== null && (typeof value !== "number" || !Number.isFinite(value))) {
      throw new UserError(`${label}: the sensitivity of ${name} is ${JSON.stringify(value)}, which is no number.`);
    }
    const matrix = matches.find(name);
    if (!matrix) unknown.push(name);
    else {
      values.set(matrix.name, value as number | null);
      if (value === null) bad.push(name);
    }
  }
  const fitting = [...values.keys()];
  const notes = checkMatch(label, info.label, { fitting, unknown, misfits: [] }, matches);
  if (bad.length > 0) notes.push(`${label}: ${bad.length} sensitivities are not finite, as that of ${bad[0]}`);
  const matrices = matches.matrices.filter(({ name }) => values.has(name));
  return importedFile(
    info,
    [],
    matrices.map((matrix) => unreadTensor(matrix, null)),
    {
      [MLX_SIGNAL]: {
        values: matrices.map(({ name }) => [values.get(name) ?? null]),
        about: `MLX's sensitivities (${label}): gradient times change between two widths, a million parameters; larger: more would be lost by the lower one`,
      },
    },
    notes,
  );
}
