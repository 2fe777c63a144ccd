/** The list of jobs as types and as a service. Weights never cross the thread boundary, except the window of a heat map. */
import { maySayMore } from "../../kernels/grammar/arrivals.ts";
import { loadVocabulary, vocabularyIsThere } from "../../kernels/notation/load.ts";
import type { CancelToken } from "../pace/cancellations.ts";
import type { Workbench } from "../workbench/workbench.ts";
import * as jobs from "./index.ts";
import type { Job, PartControl } from "./job.ts";

type Jobs = typeof jobs;
type Requests = { [N in JobName]: Parameters<Jobs[N]["work"]>[0] };
type Answers = { [N in JobName]: Awaited<ReturnType<Jobs[N]["work"]>> };
type Parts = { [N in JobName]: Parameters<Parameters<Jobs[N]["work"]>[2]["give"]>[0] };
export type JobName = keyof Jobs;
export type RequestOf<N extends JobName> = Requests[N];
export type AnswerOf<N extends JobName> = Answers[N];
export type PartOf<N extends JobName> = Parts[N];

/** What answers to the name of a job: the job itself on a workbench, or a test's stand-in. */
export type Handlers = {
  [N in JobName]: (request: RequestOf<N>, control: PartControl<PartOf<N>>) => Promise<AnswerOf<N>>;
};

/** The one call that crosses the thread boundary. Progress and parts come back as messages of their own. */
export interface JobService {
  call<N extends JobName>(name: N, request: RequestOf<N>, token: CancelToken): Promise<AnswerOf<N>>;
}

const table: Record<JobName, Job<never, unknown>> = jobs;

/** Whether a text of a request may use names that are not there yet: they are loaded then, as the first figures have few. */
function saysMore(request: unknown): boolean {
  if (typeof request === "string") return maySayMore(request);
  if (Array.isArray(request)) return request.some(saysMore);
  const plain = request !== null && typeof request === "object" && Object.getPrototypeOf(request) === Object.prototype;
  return plain && Object.values(request).some(saysMore);
}

/** Every job on a workbench. */
export function handlersOf(workbench: Workbench): Handlers {
  const bound = Object.entries(table).map(([name, job]) => [
    name,
    async (request: never, control: PartControl) => {
      if (!vocabularyIsThere() && saysMore(request)) await loadVocabulary();
      return job.work(request, workbench, control);
    },
  ]);
  return Object.fromEntries(bound) as Handlers;
}

/** The buffers of a job's answer that go over rather than being copied, each once. */
export function transfersOf(name: JobName, answer: unknown): Transferable[] {
  const arrays = table[name].transfers?.(answer) ?? [];
  return [...new Set(arrays.flatMap((array) => (array ? [array.buffer as ArrayBuffer] : [])))];
}
