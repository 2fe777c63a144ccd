import { isStreamed } from "../steps/step.ts";
import type { Plan } from "./plan.ts";

/** Whether a plan has steps that rows cannot just stream through, or codes that are found for the whole matrix. */
export const hasLayers = ({ steps, code, module }: Pick<Plan, "steps" | "code" | "module">): boolean =>
  code !== null || module !== undefined || !steps.every(isStreamed);
