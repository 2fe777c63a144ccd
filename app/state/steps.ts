/** The notation's steps on the page: its first figures have none, so they come a little later, in a piece of their own. */
import { useSyncExternalStore } from "react";
import { knownSteps, maySayStep, whenStepsCome } from "../../kernels/steps/known.ts";
import { loadSteps } from "../../kernels/steps/load.ts";
import type { Step } from "../../kernels/steps/step.ts";
import { isIdle } from "./busy.ts";

const LATER_MS = 2000;
const TOUCHED = ["pointerdown", "keydown", "focusin"] as const;

/** The steps at hand; draws again when more come. */
export const useKnownSteps = (): readonly Step[] => useSyncExternalStore(whenStepsCome, knownSteps, knownSteps);

/** Waits for the steps where a text with which the page begins may name one; else has them loaded when somebody is there, or soon. */
export async function stepsFor(start: string): Promise<void> {
  if (maySayStep(start)) return loadSteps();
  const load = () => {
    for (const event of TOUCHED) removeEventListener(event, load, true);
    void loadSteps();
  };
  for (const event of TOUCHED) addEventListener(event, load, true);
  const whenIdle = () => setTimeout(isIdle() ? load : whenIdle, LATER_MS);
  addEventListener("load", whenIdle);
}
