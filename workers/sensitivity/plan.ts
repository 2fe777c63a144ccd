/** What signals that run the model will take, said before they begin. */
import type { SensitivityAsked } from "./asked.ts";
import { SUMS_BYTES, VALUE_BYTES } from "./batches.ts";
import { MOVING_BYTES } from "./divergence.ts";
import type { Ground } from "./ground.ts";
import { keptPrefixes } from "./prefixes.ts";
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
  const { windows, windowsInAll, predictions, device, text, overlap } = plan;
  const bytesHeld = plan.bytesHeld + keptPrefixes(ground).bytes + besidesOf(ground, asked);
  return {
    ...{ windows, windowsInAll, predictions, device, text, overlap, bytesHeld, passes },
    ...{ tensors: tensors.length, recipes: recipes.length },
    seconds: rate === undefined ? null : (rate * passes * tokens) / plan.windows,
  };
}

/** Bytes of windows on their way under many changes at once, and of sums of a layer's gradients: the larger one, as they take turns. */
function besidesOf(
  { work, tensors, recipes, caches, cacheRecipes, setup }: Ground,
  { signals }: SensitivityAsked,
): number {
  const window = 4 * setup.model.architecture.width * (work.cut.windows[0]?.tokens.length ?? 0);
  const changes =
    signals.includes("kl") || signals.includes("interaction")
      ? tensors.length * recipes.length + caches.length * cacheRecipes.length
      : 0;
  const moving = Math.min(MOVING_BYTES, changes * work.plan.windows * window);
  const ofLayer = Math.max(0, ...tensors.map(({ of }) => (of === "ends" ? 0 : setup.model.size(of).memory / 4)));
  const gradients = signals.includes("gradient") || signals.includes("fisher");
  const sums = gradients ? Math.min(SUMS_BYTES, VALUE_BYTES * ofLayer * work.plan.windows) : 0;
  return Math.max(moving, sums);
}
