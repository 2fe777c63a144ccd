import type { Quantizer } from "../../grammar/ast.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Matrix } from "../../steps/step.ts";
import type { Scales } from "../resolve.ts";

/** What a rule made of the whole matrix: the quantizer that its values settle on, or scales for the one that there is. */
export interface FittedScales {
  quantizer?: Quantizer;
  scales?: Scales;
  notes: string[];
}

/** Looks at the whole matrix. `pace` is awaited often: it yields, and rejects where the work was cancelled. Throws RecipeError. */
export type Fit = (plan: Plan, operand: Matrix, pace: () => Promise<void>) => Promise<FittedScales>;
