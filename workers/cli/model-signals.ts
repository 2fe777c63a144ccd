/** Signals of `model` that run the network on text: KL one tensor at a time, gradients, curvature. */
import type { OpenCalibration } from "../calibration/open.ts";
import { UserError } from "../errors/user-error.ts";
import { recipesToScore } from "../scores/cache.ts";
import type { CacheScores, ScoreFile } from "../scores/types.ts";
import { joined, withCache } from "../sensitivity/into-scores.ts";
import { MODEL_SIGNALS, type ModelSignal } from "../sensitivity/request.ts";
import { sensitivities } from "../sensitivity/run.ts";
import type { OpenSource } from "../sources/open.ts";
import { bytesArgument, wholeArgument } from "./amounts.ts";
import { deviceArgument, setupFor } from "./model-machine.ts";
import { TEXT_OPTIONS, textArgument } from "./model-text.ts";

/** For `parseArgs`. */
export const MODEL_SIGNAL_OPTIONS = {
  ...TEXT_OPTIONS,
  windows: { type: "string" },
  tokens: { type: "string" },
  device: { type: "string" },
  hessian: { type: "string" },
  "fisher-at": { type: "string" },
  "gradient-at": { type: "string" },
  samples: { type: "string" },
  probes: { type: "string" },
} as const;

export type ModelSignalValues = { [K in keyof typeof MODEL_SIGNAL_OPTIONS]?: string | undefined } & {
  memory?: string | undefined;
};

/** Windows that a signal is made on where nothing is said, and tokens of each. */
const USUAL = { windows: 4, tokens: 512 };

/** The signal of that name, where it runs the model and the scores do not have it yet; else null. */
export function modelSignal(name: string | undefined, scores: Pick<ScoreFile, "signals"> | null): ModelSignal | null {
  const found = MODEL_SIGNALS.find((one) => one === name);
  const known = found && scores && Object.hasOwn(scores.signals, found) ? scores.signals[found].values : [];
  return found && !known.some((row) => row.some((value) => value !== null)) ? found : null;
}

/**
 * The scores with a signal that the model was run for (null: with none), and with what the cache has no KL of yet, on the text that calibrates unless another one is named. `say` is told what it will
 * take. Rejects with UserError or RecipeError, or with AbortError.
 */
export async function scoreByModel(
  scores: ScoreFile,
  signal: ModelSignal | null,
  cache: CacheScores | null,
  source: OpenSource,
  calibration: OpenCalibration | null,
  values: ModelSignalValues,
  control: { signal: AbortSignal; say(text: string): void },
): Promise<ScoreFile> {
  const one = <const T extends string>(key: "hessian" | "fisher-at" | "gradient-at", of: readonly [T, ...T[]]): T => {
    const text = values[key] ?? of[0];
    const found = of.find((name) => name === text);
    if (found === undefined)
      throw new UserError(`--${key} is ${of.slice(0, -1).join(", ")} or ${of.at(-1)}, not "${text}".`);
    return found;
  };
  const device = deviceArgument(values.device);
  const missing = cache ? recipesToScore(cache, "kl") : [];
  if (!signal && missing.length === 0) return cache ? { ...scores, cache } : scores;
  const text = await textArgument(values, source, "calibrate");
  const { setup, end } = await setupFor(source, device, calibration);
  try {
    const { positions } = setup.model.architecture;
    const tokens = wholeArgument("--tokens", values.tokens, null) ?? Math.min(USUAL.tokens, positions ?? USUAL.tokens);
    const most = wholeArgument("--windows", values.windows, USUAL.windows);
    const names = new Set([...setup.model.parts.values()].map(({ stored }) => stored.tensor));
    const samples = wholeArgument("--samples", values.samples, null);
    const probes = wholeArgument("--probes", values.probes, null);
    const { definitions, seed } = scores;
    const running = signal ?? "kl";
    const answer = await sensitivities(
      setup,
      {
        ...{ definitions, seed, text, device, signals: [running] },
        recipes: signal ? scores.recipes : [],
        ...(missing.length > 0 && { cacheRecipes: missing }),
        windows: { tokens, stride: tokens, most, seed },
        tensors: signal ? scores.tensors.flatMap(({ name }) => (names.has(name) ? [name] : [])) : [],
        budget: bytesArgument("--memory", values.memory, null),
        hessian: one("hessian", ["inputs", "network"]),
        fisherAt: one("fisher-at", ["weights", "outputs"]),
        gradientAt: one("gradient-at", ["stored", "quantized", "divergence"]),
        ...(samples !== null && { samples }),
        ...(probes !== null && { probes }),
      },
      {
        signal: control.signal,
        progress() {},
        give(part) {
          if (part.part === "note") control.say(part.note);
          if (part.part !== "plan" || part.plan.seconds === null) return;
          const { windows, passes, seconds } = part.plan;
          control.say(
            `${running}: ${windows} windows, ${Math.ceil(passes)} passes of the network, some ${Math.ceil(seconds)} s`,
          );
        },
      },
    );
    const own = signal ? joined(scores, answer) : scores;
    return cache ? { ...own, cache: withCache(cache, answer) } : own;
  } finally {
    await end();
  }
}
