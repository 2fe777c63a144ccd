/** A client that answers when a test says so. */
import type { Report } from "../../kernels/report/report.ts";
import type { JobOptions, WorkbenchClient } from "../../workers/client/index.ts";
import type { RunRequest, SourceInfo, SourceSpec } from "../../workers/protocol.ts";
import { UserError } from "../../workers/protocol.ts";
import { defaultExperiment } from "./experiment.ts";
import { createWorkbench } from "./workbench.ts";

export interface PendingRun {
  request: RunRequest;
  options: JobOptions;
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

export function fakeClient() {
  const runs: PendingRun[] = [];
  const opened: SourceSpec[] = [];
  const closed: string[] = [];
  const kept: { recipes: string[]; decoded: string }[] = [];
  const client = {
    async open(spec: SourceSpec): Promise<SourceInfo> {
      opened.push(spec);
      if (spec.kind === "files" && spec.files[0].name.startsWith("bad"))
        throw new UserError("bad.bin is of no known type.");
      const names = spec.kind === "text" ? ["numbers"] : ["bias", "w1", "w2"];
      const fingerprints =
        spec.kind === "files" ? spec.files.map((f) => ({ name: f.name, size: f.size, digest: `d-${f.size}` })) : [];
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
    keep: async (looked: RunRequest[], decoded: string) =>
      void kept.push({ recipes: looked.map(({ recipe }) => recipe), decoded }),
    samples: async () => [{ id: "ocr-recogniser", label: "", describe: "", bytes: 1, licence: "MIT", open: "w2" }],
    run(request: RunRequest, options: JobOptions): Promise<Report> {
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
  } as unknown as WorkbenchClient;
  return { client, runs, opened, closed, kept };
}

/** Lets promises that are settled go on. */
export const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** A page's state on that client, its source opened. */
export async function started(experiment = defaultExperiment) {
  const fake = fakeClient();
  const w = createWorkbench(fake.client, experiment);
  w.source.start();
  await settle();
  await settle();
  return { ...fake, w, now: () => w.timeline.getState().experiment, results: () => w.runs.store.getState() };
}

/** A file of zeros. */
export const file = (name: string, size: number): File => new File([new Uint8Array(size)], name);
