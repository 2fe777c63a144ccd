/**
 * Text through a model as it is and under recipes: windows as they come, and what stands beside the figures that are made of them
 * (`figures/`).
 */

import { isLost } from "../models/runnable.ts";
import { figuresOf } from "./figures/index.ts";
import type { LmAnswer, LmDevice } from "./request.ts";
import { evaluateHeld } from "./resident.ts";
import type { LmSetup } from "./setup.ts";
import { storedBits } from "./side.ts";
import { evaluateStreamed } from "./streamed.ts";
import { type Asked, type LmControl, prepare } from "./work.ts";

/**
 * Runs it. Windows come as parts from the first one on where the model is held, at the end where it passes layer by layer. A GPU that is
 * lost is replaced by the processor, and what was given stays. Rejects with UserError or RecipeError, or with AbortError.
 */
export async function evaluate(setup: LmSetup, asked: Asked, control: LmControl): Promise<LmAnswer> {
  const start = performance.now();
  const work = await prepare(setup, asked, control);
  const { plan, sides, bench } = work;
  const notes: string[] = [];
  control.give({ part: "plan", plan: { ...plan } });
  const note = (text: string) => {
    notes.push(text);
    control.give({ part: "note", note: text });
  };
  const on = async (device: LmDevice) => {
    plan.device = device;
    const running = await setup.running(device);
    return running.alone(control.signal, async () => {
      const noise = await (plan.streamed ? evaluateStreamed(work, running) : evaluateHeld(work, running));
      return { about: running.network.about, noise };
    });
  };
  const { about, noise } = await on(plan.device).catch((error: unknown) => {
    if (!isLost(error) || plan.device === "wasm") throw error;
    note(`${error.message} The processor goes on.`);
    return on("wasm");
  });
  const answerOf = (which: "a" | "b") => sides.find(({ side }) => side === which)?.answer() ?? null;
  return {
    ...{ plan, a: answerOf("a"), b: answerOf("b"), noise, about, notes },
    bitsPerWeight: storedBits(bench.weights),
    figures: figuresOf([...work.given.values()], { seed: asked.windows.seed, noise }),
    seconds: (performance.now() - start) / 1000,
  };
}
