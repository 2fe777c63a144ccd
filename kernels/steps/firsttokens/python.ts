import type { StepProgram } from "../program.ts";
import { storeInPython } from "../program.ts";
import type { FirstTokensParams } from "./index.ts";

/** The split in a NumPy program. */
export const firstTokensProgram = ({ n, every, values }: FirstTokensParams, at: number): StepProgram => ({
  functions: [],
  forward: `
first${at} = np.arange(rows)${every > 0 ? ` % ${every}` : ""} < ${n}
kept${at} = x[first${at}]
kept${at} = ${storeInPython(`kept${at}`, values)}
x = np.where(first${at}[:, None], np.float32(0), x)`.trim(),
  back: `
result = np.array(result)
result[first${at}] = kept${at}`.trim(),
});
