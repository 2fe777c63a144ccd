/** Mixes of recipes measured on text: KL against the model as it is, against the mix that was chosen, and against what was foretold. */
import { RecipeError } from "../../kernels/grammar/errors.ts";
import { UserError } from "../errors/user-error.ts";
import { evaluate } from "../lm/evaluate.ts";
import { noEstimate } from "../lm/figures/estimate.ts";
import { NO_RECIPE } from "../lm/recipe.ts";
import type { ModelRecipe, NoiseFloor } from "../lm/request.ts";
import type { LmSetup } from "../lm/setup.ts";
import { prepare } from "../lm/work.ts";
import type { OriginText } from "../models/text/origin.ts";
import type { JobControl } from "../pace/pace.ts";
import type {
  Additivity,
  AgainstUniform,
  MeasureAnswer,
  MeasuredMix,
  MeasurePart,
  MeasureRequest,
  MixToMeasure,
} from "./request.ts";

/** What is asked, with the text read. */
export interface MeasureAsked extends Omit<MeasureRequest, "source" | "text" | "calibration"> {
  text: OriginText;
}

export interface MeasureControl extends JobControl {
  give(part: MeasurePart): void;
}

const recipeOf = ({ weights }: MixToMeasure): ModelRecipe => ({ ...NO_RECIPE, weights });

/**
 * Measures each mix, the chosen one first, and gives it as soon as all windows have passed it. A mix that cannot be measured says why, and
 * the others are measured all the same. What was measured of a recipe on these windows before is not measured again. Rejects with
 * UserError where nothing can be measured at all, or with AbortError.
 */
export async function measureMixes(
  setup: LmSetup,
  asked: MeasureAsked,
  control: MeasureControl,
): Promise<MeasureAnswer> {
  const start = performance.now();
  const { mixes } = asked;
  if (mixes.length === 0) throw new UserError("No mix is asked for.");
  const notes: string[] = [];
  const { plan, textKey } = await prepare(setup, { ...asked, a: null, b: null }, { ...control, give() {} });
  const { windows, windowsInAll, predictions, device, text } = plan;
  const seconds = plan.seconds === null ? null : plan.seconds * (1 + mixes.length);
  control.give({ part: "plan", plan: { windows, windowsInAll, predictions, device, text, seconds } });
  const chosen = mixes.findIndex(({ kind }) => kind === "chosen");
  const order = [...mixes.keys()].sort((x, y) => Number(y === chosen) - Number(x === chosen));
  const out: MeasuredMix[] = mixes.map(failedMix);
  let about = "";
  let noise: NoiseFloor | null = null;
  for (const [done, index] of order.entries()) {
    const mix = mixes[index];
    const beside = chosen >= 0 && index !== chosen && out[chosen].failed === null ? mixes[chosen] : null;
    try {
      const answer = await evaluate(
        setup,
        { ...asked, a: recipeOf(mix), b: beside && recipeOf(beside) },
        {
          signal: control.signal,
          progress({ done: passed, total, unit, phase }) {
            const share = unit === "windows" ? passed / Math.max(1, total) : 0;
            const all = mixes.length * windows;
            control.progress({ done: (done + share) * windows, total: all, unit: "windows", phase });
          },
          give(part) {
            if (part.part === "note") notes.push(part.note);
          },
        },
      );
      const figures = answer.figures.a!;
      about = answer.about;
      noise = answer.noise ?? noise;
      notes.push(...answer.a!.notes.map((note) => `${mix.name}: ${note}`));
      out[index] = {
        ...mix,
        ...{ recipe: answer.a!.recipe.weights, bitsPerWeight: answer.a!.bitsPerWeight, failed: null },
        ...{ kl: figures.kl, nll: figures.nll, perplexity: figures.perplexity, topOne: figures.topOne },
        ...{ against: answer.figures.difference?.kl ?? null, broken: figures.broken },
      };
    } catch (error) {
      if (!(error instanceof RecipeError || error instanceof UserError)) throw error;
      out[index].failed = error.message;
    }
    control.give({ part: "mix", index, mix: out[index] });
  }
  return {
    ...{ mixes: out, noise, about, textKey, notes: [...new Set(notes)] },
    additivity: additivityOf(out),
    uniform: againstUniform(out),
    seconds: (performance.now() - start) / 1000,
  };
}

const failedMix = (mix: MixToMeasure): MeasuredMix => ({
  ...mix,
  ...{ recipe: mix.weights, bitsPerWeight: Number.NaN, kl: noEstimate, nll: noEstimate, perplexity: noEstimate },
  ...{ topOne: noEstimate, against: null, broken: 0, failed: "it was not measured" },
});

/** How far sums of scores are from what was measured; null where no mix has both. */
export function additivityOf(mixes: readonly Pick<MeasuredMix, "kind" | "predicted" | "kl">[]): Additivity | null {
  const both = mixes.flatMap(({ kind, predicted, kl: { value } }) =>
    predicted !== null && predicted > 0 && value !== null && value > 0 ? [{ kind, predicted, value }] : [],
  );
  if (both.length === 0) return null;
  const square = both.reduce((sum, { predicted, value }) => sum + Math.log(value / predicted) ** 2, 0);
  const own = both.find(({ kind }) => kind === "chosen");
  return {
    mixes: both.length,
    logError: Math.sqrt(square / both.length),
    chosen: own ? (own.value - own.predicted) / own.value : null,
  };
}

/** The chosen mix beside the best uniform one that takes no more bits. */
export function againstUniform(mixes: readonly MeasuredMix[]): AgainstUniform | null {
  const chosen = mixes.find(({ kind }) => kind === "chosen");
  if (!chosen || chosen.kl.value === null) return null;
  let best: number | null = null;
  for (const [i, { kind, kl, bitsPerWeight, against }] of mixes.entries()) {
    if (kind !== "uniform" || kl.value === null || against === null || bitsPerWeight > chosen.bitsPerWeight) continue;
    if (best === null || kl.value < mixes[best].kl.value!) best = i;
  }
  if (best === null) return null;
  const { name, against } = mixes[best];
  const { value, stderr } = against!;
  const by = { value: value === null ? null : -value, stderr };
  return { index: best, name, by, worse: by.value !== null && by.value > 0 };
}
