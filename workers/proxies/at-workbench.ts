import { setupAt } from "../lm/at-workbench.ts";
import { readText } from "../models/text/spec.ts";
import type { JobControl } from "../pace/pace.ts";
import { checkSame, fingerprintOf } from "../scores/fingerprint.ts";
import type { Workbench } from "../workbench/workbench.ts";
import type { ProxiesAnswer, ProxiesRequest } from "./request.ts";
import { evolveProxies } from "./run.ts";

/** Rejects with UserError for scores of another checkpoint too. */
export async function evolveProxiesAt(
  workbench: Workbench,
  request: ProxiesRequest,
  control: JobControl,
): Promise<ProxiesAnswer> {
  const source = await workbench.source(request.source);
  checkSame(request.scores.fingerprint, fingerprintOf(source.info));
  const setup = await setupAt(workbench, request, control);
  const text = await readText(request.text, source, control.signal);
  return evolveProxies(setup, { ...request, text }, control);
}
