import "../../notation/all.ts";
import { parseRecipe } from "../../notation/index.ts";
import type { Plan } from "../../plan/plan.ts";
import { prepareRecipe } from "../../prepare/prepare.ts";
import type { Backend } from "../backend.ts";
import { differenceAtOnce, differenceFromReference } from "../compare.ts";
import { nearTies, plainTimes, plainValues, specialValues, subnormalValues } from "../hostile-values.ts";

/** Every kind of format, scale, block and rounding once or more. */
const RECIPES = [
  "int4/32",
  "int8@away/row",
  "int4(asym)@up/24:f16",
  "int4(signmax)@sr(seed=1)/flat(56)",
  "e4m3/8x16",
  "e5m2(sat=inf)",
  "nvfp4",
  "mxfp6@sr(bits=7,seed=2)",
  "e3m10@odd",
  // Only here does a quotient's remainder decide often: eleven bits of significand against a scale of 24.
  "e3m10/row",
  "nf4/64",
  "nf4@sr(seed=3)/col",
  "codebook(-1,-0.35,0,0.35,1)@coin(seed=4)/tensor",
  // By the GPU where it was admitted to that.
  "rht(4,seed=5)+int4/32:f16",
];
/** The lean kernels leave rows of this length to the others. */
const [ROWS, COLS] = [19, 76];
/** With scales that the GPU finds itself: looked up, divided out, of blocks and of rows. */
const AT_ONCE = ["nvfp4", "int4/32:f16", "nf4/row"];
const AT_ONCE_COLS = 96;

export interface SelfCheck {
  ok: boolean;
  /** Elements that were compared. */
  cases: number;
  /** The first difference, in a sentence. */
  first?: string;
}

const planOf = (recipe: string): Plan => prepareRecipe(parseRecipe(recipe), [], ROWS, AT_ONCE_COLS);

/**
 * Compares a backend with the reference on values that only exact arithmetic gets right: ties and their neighbours,
 * subnormals, NaN, Inf, and on such as are faint or huge. Meant for start-up: a GPU that fails is not to be used.
 */
export async function selfCheck(backend: Backend): Promise<SelfCheck> {
  const count = ROWS * COLS;
  const makers = [plainValues, specialValues, subnormalValues];
  const sized: [string, (count: number) => Float32Array][] = [
    ["int4/32", plainTimes(-70)],
    ["nf4/32", plainTimes(60)],
  ];
  let cases = 0;
  // Their kernels are compiled from here on, while others are compared.
  for (const recipe of AT_ONCE) backend.measure?.(planOf(recipe), 1);
  const chosen = RECIPES.map((recipe, i) => [recipe, makers[i % makers.length]] as const);
  for (const [recipe, make] of [...chosen, ...sized]) {
    const values = nearTies(recipe, make(count), ROWS, COLS);
    const first = await differenceFromReference(backend, { recipe, rows: ROWS, cols: COLS, values });
    if (first) return { ok: false, cases, first };
    cases += count;
  }
  for (const recipe of AT_ONCE) {
    const values = nearTies(recipe, specialValues(ROWS * AT_ONCE_COLS), ROWS, AT_ONCE_COLS);
    const first = await differenceAtOnce(backend, { recipe, rows: ROWS, cols: AT_ONCE_COLS, values });
    if (first) return { ok: false, cases, first };
    cases += values.length;
  }
  return { ok: true, cases };
}
