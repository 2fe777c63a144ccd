/** Asks the workers to write on from a prompt, and keeps what comes. */

import type { ContinuePart, ContinueRequest } from "../../../workers/lm/request.ts";
import { track } from "../../state/busy.ts";
import { isAbort, messageOf } from "../../state/notices.ts";
import { CANCELLED } from "../../state/results.ts";
import type { Workbench } from "../../state/workbench.ts";
import type { Planned } from "./run.ts";
import { lmStoreOf } from "./store.ts";

/** Tokens that are written: enough to see where recipes part. */
export const WRITTEN = 48;

export function continueRequest({ request }: Planned, prompt: string): ContinueRequest {
  const { text: _, windows: __, ...rest } = request;
  return { ...rest, prompt, tokens: WRITTEN };
}

export const continueKey = (planned: Planned, prompt: string): string =>
  JSON.stringify(continueRequest(planned, prompt));

export async function startWriting(w: Workbench, planned: Planned, prompt: string): Promise<void> {
  const store = lmStoreOf(w);
  store.getState().writing?.abort();
  const writing = new AbortController();
  const request = continueRequest(planned, prompt);
  const continued = { key: JSON.stringify(request), prompt, parts: [], answer: null };
  store.setState({ writing, writingProblem: null, continued });
  const current = () => store.getState().writing === writing;
  const give = (part: ContinuePart) =>
    store.setState(({ continued: now }) => ({ continued: now && { ...now, parts: [...now.parts, part] } }));
  try {
    const answer = await track(
      w.client.call("continuation", request, { signal: writing.signal, onPart: (part) => current() && give(part) }),
    );
    if (!current()) return;
    store.setState(({ continued: now }) => ({ continued: now && { ...now, answer }, writing: null }));
  } catch (error) {
    if (!current()) return;
    store.setState({ writing: null, writingProblem: isAbort(error) ? CANCELLED : messageOf(error) });
  }
}
