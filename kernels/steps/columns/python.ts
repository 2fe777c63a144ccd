import { RecipeError } from "../../grammar/errors.ts";
import type { StepProgram } from "../program.ts";
import { storeInPython } from "../program.ts";
import type { ColumnsParams } from "./index.ts";

/** The split in a NumPy program, where columns go by their own values. */
export function columnsProgram({ over, unit, by, block, values }: ColumnsParams, at: number): StepProgram {
  if (by !== "own") throw new RecipeError("columns is written as Python where it goes by its own values (by=own)");
  return {
    functions: [],
    forward: `
reach${at} = np.max(np.where(np.isfinite(x), np.abs(x), 0), axis=0).astype(np.float64)
over${at} = np.flatnonzero(reach${at} >= ${unit === "median" ? `${over} * np.median(reach${at})` : over})
apart${at} = np.isin(np.arange(cols) // ${block}, over${at} // ${block})
kept${at} = x[:, apart${at}]
kept${at} = ${storeInPython(`kept${at}`, values)}
x = np.where(apart${at}, np.float32(0), x)`.trim(),
    back: `
result = np.array(result)
result[:, apart${at}] = kept${at}`.trim(),
  };
}
