import type { PlannedStep } from "../steps/step.ts";

/** Operations a second of one thread, where long steps were measured. */
const OPERATIONS_A_SECOND = 1.3e10;
/** What takes less is not announced. */
const SHORT_SECONDS = 3;

/** What progress calls a step: its name, with about how long it takes where that is long. */
export function phaseOf({ step, operations = 0 }: PlannedStep): string {
  const seconds = operations / OPERATIONS_A_SECOND;
  const { name } = step.entry;
  if (seconds < SHORT_SECONDS) return name;
  return seconds < 90 ? `${name}, about ${Math.round(seconds)} s` : `${name}, about ${Math.round(seconds / 60)} min`;
}
