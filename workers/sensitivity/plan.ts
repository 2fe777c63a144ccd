/** What signals that run the model will take, said before they begin. */
import type { SensitivityAsked } from "./asked.ts";
import type { Ground } from "./ground.ts";
import type { SensitivityPlan } from "./request.ts";
import { makers } from "./signals.ts";

/** The plan of what is asked, with the seconds as far as this device is known. */
export function planOf(ground: Ground, asked: SensitivityAsked): SensitivityPlan {
  const { work, tensors, recipes } = ground;
  const { plan, bench } = work;
  // One more than the signals': the model as it is, once.
  const passes = asked.signals.reduce((sum, signal) => sum + makers[signal].passes(ground, asked), plan.windows);
  const tokens = plan.windows === 0 ? 0 : work.cut.windows.reduce((sum, one) => sum + one.tokens.length, 0);
  const rate = bench.seconds.get(plan.device);
  const { windows, windowsInAll, predictions, device, text, overlap, bytesHeld } = plan;
  return {
    ...{ windows, windowsInAll, predictions, device, text, overlap, bytesHeld, passes },
    ...{ tensors: tensors.length, recipes: recipes.length },
    seconds: rate === undefined ? null : (rate * passes * tokens) / plan.windows,
  };
}
