/** A client that answers when a test says so. */
import type { Report } from "../../kernels/measure/report.ts";
import type { Callable, CallOptions, WorkbenchClient } from "../../workers/client/index.ts";
import { UserError } from "../../workers/errors/user-error.ts";
import type { KeepRequest } from "../../workers/jobs/keep/index.ts";
import type { AnswerOf, RequestOf } from "../../workers/jobs/table.ts";
import type { RunRequest } from "../../workers/runs/target.ts";
import type { SourceInfo } from "../../workers/sources/info.ts";
import type { OpenSpec } from "../../workers/sources/spec.ts";
import { schemeOf, surroundingsOf } from "../page/surroundings.ts";
import { defaultExperiment } from "../state/experiment.ts";
import { createWorkbench } from "../state/workbench.ts";
import { views } from "../views/index.ts";

/** How the page's own links hold an experiment. */
export const scheme = schemeOf(views);
export const surroundings = surroundingsOf(views, scheme);

export interface PendingRun {
  request: RunRequest;
  options: CallOptions;
  answer(): void;
  fail(message: string): void;
}

/** A report of which only what the stores read is there. */
export const reportOf = (request: RunRequest): Report =>
  ({
    tensor: request.target.tensor,
    recipe: request.recipe,
    matrix: { rows: 4, cols: 4 },
    metrics: { sqnrDb: null, broken: 0 },
  }) as unknown as Report;

/** What stands for the jobs; a test puts its own there. */
type Stubs = { [N in Callable]?: (request: RequestOf<N>, options: CallOptions) => Promise<AnswerOf<N>> };

export function fakeClient() {
  const runs: PendingRun[] = [];
  const opened: OpenSpec[] = [];
  const closed: string[] = [];
  const kept: { recipes: string[]; decoded: string }[] = [];
  const jobs: Stubs = {
    samples: async () => [{ id: "ocr-recogniser", label: "", describe: "", bytes: 1, licence: "MIT", open: "w2" }],
    run(request, options) {
      return new Promise((resolve, reject) => {
        options.signal?.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError")));
        runs.push({
          request,
          options,
          answer: () => resolve(reportOf(request)),
          fail: (message) => reject(new UserError(message)),
        });
      });
    },
  };
  const client = {
    async open(spec: OpenSpec): Promise<SourceInfo> {
      opened.push(spec);
      const files = spec.kind === "files" || spec.kind === "calibration" ? spec.files : [];
      if (files[0]?.name.startsWith("bad")) throw new UserError("bad.bin is of no known type.");
      const names = spec.kind === "text" ? ["numbers"] : ["bias", "w1", "w2"];
      const fingerprints = files.map((f) => ({ name: f.name, size: f.size, digest: `d-${f.size}` }));
      return {
        id: `s${opened.length}`,
        label: spec.kind,
        kind: "test",
        tensors: names.map((name) => ({
          name,
          dtype: "F32",
          shape: name === "bias" ? [4] : [4, 4],
          elements: name === "bias" ? 4 : 16,
          view: { split: name === "bias" ? 0 : 1, transpose: false },
        })),
        notes: [],
        fingerprints,
        ...(spec.kind === "url" && { address: spec.url.replace("/main/", "/0123/") }),
        metadata: {},
      };
    },
    close: async (id: string) => void closed.push(id),
    keep: async ({ runs: looked, decoded }: KeepRequest) =>
      void kept.push({ recipes: looked.map(({ recipe }) => recipe), decoded }),
    call: (name: Callable, request: never, options: CallOptions = {}) => jobs[name]!(request, options),
  } as unknown as WorkbenchClient;
  return { client, jobs, runs, opened, closed, kept };
}

/** Lets promises that are settled go on. */
export const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** A page's state on that client, its source opened. */
export async function started(experiment = defaultExperiment) {
  const fake = fakeClient();
  const w = createWorkbench(fake.client, experiment, surroundings);
  w.source.start();
  await settle();
  await settle();
  return { ...fake, w, now: () => w.timeline.getState().experiment, results: () => w.runs.store.getState() };
}

/** A file of zeros. */
export const file = (name: string, size: number): File => new File([new Uint8Array(size)], name);
