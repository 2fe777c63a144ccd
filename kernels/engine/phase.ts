import type { PlannedStep } from "../steps/step.ts";

/** Operations a second of one thread, where long steps were measured. */
const OPERATIONS_A_SECOND = 1.3e10;
/** What takes less is not announced. */
const SHORT_SECONDS = 3;

/** What progress calls a step: its name, with about how long it takes where that is long. */
export const phaseOf = ({ step, operations = 0 }: PlannedStep): string => longPhase(step.entry.name, operations);

/** The same of work by another name. */
export function longPhase(name: string, operations: number): string {
  const seconds = operations / OPERATIONS_A_SECOND;
  if (seconds < SHORT_SECONDS) return name;
  return seconds < 90 ? `${name}, about ${Math.round(seconds)} s` : `${name}, about ${Math.round(seconds / 60)} min`;
}
