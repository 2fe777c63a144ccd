/** Signals that run the model, one after the other: what the job and the command line do. */
import { UserError } from "../errors/user-error.ts";
import { measureNoise, noiseSoFar } from "../lm/noise.ts";
import type { LmDevice, NoiseFloor } from "../lm/request.ts";
import type { LmSetup } from "../lm/setup.ts";
import { isLost } from "../models/runnable.ts";
import type { JobControl } from "../pace/pace.ts";
import type { SensitivityAsked } from "./asked.ts";
import { type Ground, groundOf } from "./ground.ts";
import { aboutKl } from "./kl.ts";
import { planOf } from "./plan.ts";
import { Prefixes, weightsAt } from "./prefixes.ts";
import type { ModelSignal, SensitivityAnswer, SensitivityPart, SensitivityPlan } from "./request.ts";
import { ScoreSheet, type Scores } from "./sheet.ts";
import { type MakerTools, makers } from "./signals.ts";

export interface SensitivityControl extends JobControl {
  give(part: SensitivityPart): void;
}

/** What a run would take, and nothing else. Rejects with UserError or RecipeError. */
export async function planSensitivity(
  setup: LmSetup,
  asked: SensitivityAsked,
  control: JobControl,
): Promise<SensitivityPlan> {
  return planOf(await groundFor(setup, asked, control), asked);
}

async function groundFor(setup: LmSetup, asked: SensitivityAsked, control: JobControl): Promise<Ground> {
  if (asked.cacheRecipes && !asked.signals.includes("kl"))
    throw new UserError("Keys and values of layers are scored by kl alone.");
  return groundOf(setup, asked, control);
}

/**
 * Runs the signals that are asked for. Scores come as parts as soon as all windows have passed them; what is `known` is not made again.
 * A GPU that is lost is replaced by the processor, and what was given stays. Rejects with UserError or RecipeError, or with AbortError.
 */
export async function sensitivities(
  setup: LmSetup,
  asked: SensitivityAsked,
  control: SensitivityControl,
): Promise<SensitivityAnswer> {
  const start = performance.now();
  const ground = await groundFor(setup, asked, control);
  const { work } = ground;
  const notes: string[] = [];
  const foretell = () => control.give({ part: "plan", plan: planOf(ground, asked) });
  foretell();
  const sheet = new ScoreSheet(ground, (score) => control.give({ part: "score", score }));
  for (const score of asked.known ?? []) sheet.know(score);
  const on = async (device: LmDevice) => {
    work.plan.device = device;
    const running = await setup.running(device);
    return running.alone(control.signal, async () => {
      const weights = weightsAt(ground, running);
      const ends = await weights.take("ends");
      try {
        const prefixes = await Prefixes.start(ground, running, weights, ends);
        foretell();
        const tools: MakerTools = {
          ground,
          running,
          weights,
          ends,
          prefixes,
          asked,
          sheet,
          passed: progressOf(ground, asked, control),
        };
        const made: Partial<Record<ModelSignal, string>> = {};
        for (const signal of asked.signals) made[signal] = await makers[signal].make(tools);
        return { made, noise: await noiseOf(tools, asked.signals), about: running.network.about };
      } finally {
        weights.leave(ends);
      }
    });
  };
  const { made, noise, about } = await on(work.plan.device).catch((error: unknown) => {
    if (!isLost(error) || work.plan.device === "wasm") throw error;
    notes.push(`${error.message} The processor goes on.`);
    control.give({ part: "note", note: notes[notes.length - 1] });
    return on("wasm");
  });
  const scores: Scores = sheet.scores(made);
  return {
    plan: planOf(ground, asked),
    tensors: ground.tensors.map(({ tensor }) => tensor),
    recipes: ground.recipes,
    ...scores,
    cache: sheet.cacheScores(aboutKl("keys and values of this layer", ground)),
    interactions: sheet.interactions,
    prefixes: sheet.prefixes,
    ...{ noise, about, notes, textKey: work.textKey },
    seconds: (performance.now() - start) / 1000,
  };
}

/** Counts windows that passed, a part of the layers as that part. */
function progressOf(ground: Ground, asked: SensitivityAsked, control: SensitivityControl): (share: number) => void {
  const total = Math.max(1, Math.ceil(planOf(ground, asked).passes));
  let done = 0;
  return (share) => {
    done += share;
    control.progress({ done: Math.min(total, done), total, unit: "windows", phase: "windows" });
  };
}

/** Signals that are made of KL. */
const OF_KL: ReadonlySet<ModelSignal> = new Set<ModelSignal>(["kl", "interaction"]);

/** KL below which there is none, on the first windows of the text; null where KL is not asked for. */
async function noiseOf(
  { ground, running: { network }, prefixes, ends }: MakerTools,
  signals: readonly ModelSignal[],
): Promise<NoiseFloor | null> {
  const { work, setup } = ground;
  if (!signals.some((signal) => OF_KL.has(signal))) return null;
  const stream = { weights: () => ends, taps: () => undefined };
  return (
    noiseSoFar(work) ??
    measureNoise(work, async (window) => {
      const hidden = await prefixes.write(setup.model.architecture.layers, work.cut.windows.indexOf(window));
      return { network, stream, hidden };
    })
  );
}
