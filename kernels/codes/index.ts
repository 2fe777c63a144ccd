/** Every code that is found for a whole matrix, by the name of its format. */
import { type CodeName, codeEntries } from "../formats/known/codes.ts";
import { formatArgs } from "../formats/registry.ts";
import type { Call } from "../grammar/ast.ts";
import type { PlannedCode } from "../plan/code.ts";
import { aqlm } from "./additive/plan.ts";
import type { coded } from "./code.ts";
import { e8p } from "./e8p/plan.ts";
import { ecsq, watersic } from "./entropy/plan.ts";
import { hif4 } from "./hif4/plan.ts";
import { kmeans } from "./kmeans/plan.ts";
import { exl3, qtip } from "./trellis/plan.ts";
import { turboquant } from "./turboquant/plan.ts";
import { vq } from "./vector/plan.ts";

const codes: Record<CodeName, ReturnType<typeof coded>> = {
  vq,
  aqlm,
  kmeans,
  e8p,
  qtip,
  exl3,
  turboquant,
  ecsq,
  watersic,
  hif4,
};

const isCode = (name: string): name is CodeName => Object.hasOwn(codeEntries, name);

/** The code that a base call names, for a matrix of this shape; null where it names none. Throws RecipeError where it does not fit. */
export const planCode = (base: Call, rows: number, cols: number): PlannedCode | null =>
  isCode(base.name) ? codes[base.name].plan(base.name, formatArgs(base), { rows, cols }) : null;
