import type { StepProgram } from "../program.ts";
import { storeInPython } from "../program.ts";
import type { OutlierParams } from "./index.ts";

/** The split in a NumPy program. */
export const outliersProgram = ({ frac, values }: OutlierParams, at: number): StepProgram => ({
  functions: [],
  forward: `
finite${at} = np.isfinite(x.ravel())
count${at} = min(int(np.sum(finite${at})), int(np.floor(${frac} * x.size + 0.5)))
places${at} = np.argsort(-np.where(finite${at}, np.abs(x.ravel()), -1), kind="stable")[:count${at}]
kept${at} = x.ravel()[places${at}]
kept${at} = ${storeInPython(`kept${at}`, values)}
x = np.where(np.isin(np.arange(x.size), places${at}), np.float32(0), x.ravel()).reshape(rows, cols)`.trim(),
  back: `
result = np.ascontiguousarray(result)
result.ravel()[places${at}] += kept${at}`.trim(),
});
