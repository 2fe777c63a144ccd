import { isStreamed } from "../steps/step.ts";
import type { Plan } from "./plan.ts";

/**
 * Whether a plan's codes or scales are found in a way of their own, which looks at whole blocks or at the whole matrix: choices among
 * elements, rules that set codes or that fit scales.
 */
export function codesItsWay({ choice, levels }: Pick<Plan, "choice" | "levels">): boolean {
  const finding = levels[0]?.rule.finding;
  return choice !== undefined || finding?.kind === "fit" || (finding?.kind === "clip" && finding.ranks !== undefined);
}

/** Whether a plan has steps that rows cannot just stream through, or codes that are found for the whole matrix. */
export const hasLayers = (plan: Pick<Plan, "steps" | "code" | "module" | "choice" | "levels">): boolean =>
  plan.code !== null || plan.module !== undefined || codesItsWay(plan) || !plan.steps.every(isStreamed);
