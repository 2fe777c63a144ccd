import type { StepProgram } from "../program.ts";

/** The permutation in a NumPy program. */
export const permProgram = (_: unknown, at: number): StepProgram => ({
  functions: [],
  moves: true,
  forward: `
order${at} = np.argsort(-np.max(np.where(np.isfinite(x), np.abs(x), 0), axis=0), kind="stable")
x, places = x[:, order${at}], places[:, order${at}]`.trim(),
  back: `
result[:, order${at}] = result.copy()
if codes is not None:
    codes[:, order${at}] = codes.copy()`.trim(),
});
