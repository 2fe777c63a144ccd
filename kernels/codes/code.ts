import type { Calibration, CalibrationNeed } from "../calibration/types.ts";
import type { Args } from "../grammar/args.ts";
import { RecipeError } from "../grammar/errors.ts";
import type { CodedMatrix, CodeJob, CodeWork, ColumnCoder, PlannedCode } from "../plan/code.ts";
import type { Bits, Matrix } from "../steps/step.ts";

/** A code of one's own folder: its entry is a line in `kernels/formats/known/whole.ts`. */
export interface Code<Params> {
  /** Reads the call for a matrix of this shape; no values yet. Throws RecipeError for what makes no sense or does not fit. */
  plan(args: Args, of: { rows: number; cols: number }): PlannedParams<Params>;
  work(): Promise<WorkOf<Params>>;
}

export interface PlannedParams<Params> extends Pick<PlannedCode, "operations" | "columns"> {
  params: Params;
  bits: Bits[];
  uses?: CalibrationNeed;
}

/** `CodeWork` with the code's own parameters. */
export interface WorkOf<Params> {
  encode(params: Params, operand: Matrix, calibration: Calibration | null, job: CodeJob): Promise<CodedMatrix>;
  begin?(params: Params, operand: Matrix, calibration: Calibration | null, job: CodeJob): Promise<ColumnCoder>;
}

/** A code for lists of them all, in which parameters differ. */
export const coded = <Params>({ plan, work }: Code<Params>) => ({
  plan: (name: string, args: Args, of: { rows: number; cols: number }): PlannedCode => ({
    name,
    ...plan(args, of),
    work: work as () => Promise<CodeWork>,
  }),
});

/** Throws RecipeError where vectors of `dim` values do not divide rows. */
export function checkVectors(dim: number, cols: number): void {
  if (cols % dim === 0) return;
  const fits = [16, 8, 6, 5, 4, 3, 2].find((d) => cols % d === 0);
  throw new RecipeError(`vectors of ${dim} do not divide the rows of ${cols} elements${fits ? `; ${fits} does` : ""}`);
}
