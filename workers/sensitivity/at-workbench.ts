import { setupAt } from "../lm/at-workbench.ts";
import { readText } from "../models/text/spec.ts";
import type { JobControl } from "../pace/pace.ts";
import type { Workbench } from "../workbench/workbench.ts";
import { type MeasureControl, measureMixes } from "./measure.ts";
import type {
  MeasureAnswer,
  MeasureRequest,
  SensitivityAnswer,
  SensitivityPlan,
  SensitivityRequest,
} from "./request.ts";
import { planSensitivity, type SensitivityControl, sensitivities } from "./run.ts";

async function readAt<R extends Pick<SensitivityRequest, "source" | "text" | "calibration">>(
  workbench: Workbench,
  request: R,
  control: JobControl,
) {
  const setup = await setupAt(workbench, request, control);
  const text = await readText(request.text, await workbench.source(request.source), control.signal);
  return { setup, asked: { ...request, text } };
}

/** What `sensitivitiesAt` would take. Rejects with UserError or RecipeError, or with AbortError. */
export async function planSensitivityAt(
  workbench: Workbench,
  request: SensitivityRequest,
  control: JobControl,
): Promise<SensitivityPlan> {
  const { setup, asked } = await readAt(workbench, request, control);
  return planSensitivity(setup, asked, control);
}

/** Signals that run the model of an open source. Rejects with UserError or RecipeError, or with AbortError. */
export async function sensitivitiesAt(
  workbench: Workbench,
  request: SensitivityRequest,
  control: SensitivityControl,
): Promise<SensitivityAnswer> {
  const { setup, asked } = await readAt(workbench, request, control);
  return sensitivities(setup, asked, control);
}

/** Mixes on the model of an open source. Rejects with UserError, or with AbortError. */
export async function measureMixesAt(
  workbench: Workbench,
  request: MeasureRequest,
  control: MeasureControl,
): Promise<MeasureAnswer> {
  const { setup, asked } = await readAt(workbench, request, control);
  return measureMixes(setup, asked, control);
}
