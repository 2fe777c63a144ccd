/**
 * The service that a worker offers: sources it has open, and jobs on their tensors. What the first figures do not need is
 * loaded when it is first asked for.
 */
import type { MatrixSource } from "../../kernels/matrix/source.ts";
import type { Backends } from "../backends/backends.ts";
import type { SweepBackends } from "../backends/sweeps.ts";
import { UserError } from "../errors/user-error.ts";
import { histogram } from "../jobs/histogram.ts";
import { mergeWindows } from "../jobs/merge-windows.ts";
import { readWindow } from "../jobs/window.ts";
import { isLogical } from "../layouts/logical-tensor.ts";
import type { Cancellations } from "../pace/cancellations.ts";
import { checkpointFor, type JobControl, pacer } from "../pace/pace.ts";
import type { Workbench } from "../protocol.ts";
import { openGiven } from "../runs/given.ts";
import { Lru } from "../runs/lru.ts";
import { DECODED_BYTES, SMALL_BYTES } from "../runs/memory.ts";
import { type RunOrder, Runs } from "../runs/runs.ts";
import type { RunRequest, Target } from "../runs/target.ts";
import { loadSamples } from "../samples/list.ts";
import { type OpenSource, openSource } from "../sources/open.ts";
import { TensorCache } from "../tensors/cache.ts";
import { sampleRows } from "../tensors/sample.ts";

export interface Surroundings {
  backends: Backends;
  cancellations: Cancellations;
  /** What computes sweeps; those of this build where absent. */
  sweeps?: SweepBackends;
  /** Address of the folder the page lies in; samples are below it. */
  base?: string;
}

const KEPT_MATRICES = 32;
const silent = () => {};

export function createWorkbench({ backends, cancellations, sweeps: given, base }: Surroundings): Workbench {
  const cache = new TensorCache(DECODED_BYTES);
  const sources = new Map<string, Promise<OpenSource>>();
  const runs = new Runs(backends, { scalesLater: true });
  let sweeps = given;

  const source = (id: string): Promise<OpenSource> => {
    const open = sources.get(id);
    if (!open) throw new UserError("The source of this tensor was closed. Open it again.");
    return open;
  };
  // One object a matrix, so that the engine recognises it and what it found out about it.
  const matrices = new Lru<MatrixSource>(KEPT_MATRICES);
  const matrix = async (target: Target): Promise<MatrixSource> => {
    const key = matrixKey(target);
    const known = matrices.get(key);
    if (known) return known;
    const whole = (await source(target.source)).matrix(target.tensor, target.view);
    const made = target.sample === undefined ? whole : sampleRows(whole, target.sample);
    matrices.set(key, made);
    return made;
  };
  const order = async (
    target: Target,
    run: Pick<RunRequest, "recipe" | "definitions"> & { backend?: RunRequest["backend"] },
  ): Promise<RunOrder> => ({
    key: matrixKey(target),
    matrix: await matrix(target),
    given: { key: JSON.stringify(target.given ?? []), open: () => openGiven(target, matrix) },
    recipe: run.recipe,
    definitions: run.definitions,
    backend: run.backend,
  });

  return {
    backends: () => backends.verdict(),
    generators: async () => [...(await import("../sources/generators.ts")).generatorInfos],
    async samples() {
      if (base === undefined) throw new UserError("Bundled samples can only be opened from the page.");
      return loadSamples(base);
    },

    list: (address, accessToken, token) =>
      cancellations.run(token, async (signal) => {
        const { listAddress } = await import("../sources/remote/open-remote.ts");
        return listAddress(address, { signal, ...(accessToken && { token: accessToken }) });
      }),
    open: (spec, id, token) =>
      cancellations.run(token, async (signal) => {
        const opening = openSource(spec, id, { cache, signal, ...(base !== undefined && { base }) });
        sources.set(id, opening);
        opening.catch(() => sources.delete(id));
        return (await opening).info;
      }),
    async close(id) {
      const closing = sources.get(id);
      sources.delete(id);
      runs.forget(sourcePrefix(id));
      matrices.deleteWhere((key) => key.startsWith(sourcePrefix(id)));
      (await closing)?.close();
    },

    async keep(looked, decoded) {
      const here = looked.filter(({ target }) => sources.has(target.source));
      const orders = await Promise.allSettled(here.map((run) => order(run.target, run)));
      await runs.forgetLarge(orders.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])));
      if (decoded === "all") return;
      const tensors = here.flatMap(({ target }) => [target, ...(target.given ?? []).filter((given) => given !== null)]);
      for (const [id, opening] of sources) {
        const names = tensors.flatMap((tensor) => (tensor.source === id ? [tensor.tensor] : []));
        (await opening).forgetLarge(SMALL_BYTES, new Set(names));
      }
    },

    summarize: (target, token) =>
      cancellations.run(token, async (signal) => {
        const pace = pacer(signal);
        return (await source(target.source)).summary(target.tensor, pace, signal);
      }),
    stored: (target, token) =>
      cancellations.run(token, async (signal) => {
        const weight = (await source(target.source)).tensor(target.tensor);
        if (!isLogical(weight)) throw new UserError(`${weight.info.name} is stored as plain numbers.`);
        const { storedFigures } = await import("../layouts/figures.ts");
        return storedFigures(weight, pacer(signal), signal);
      }),
    histogram: (target, lo, hi, bins, token) =>
      cancellations.run(token, async (signal) => histogram(await matrix(target), lo, hi, bins, pacer(signal))),
    entering: (run, range, token) =>
      cancellations.run(token, async (signal) => {
        const { enteringHistogram } = await import("../jobs/entering.ts");
        return enteringHistogram(await matrix(run.target), run, range, pacer(signal));
      }),

    run: (request, progress, token) =>
      cancellations.run(token, async (signal) => {
        const quantized = await runs.quantized(await order(request.target, request), { signal, progress });
        return quantized.report;
      }),
    window: (request, token) =>
      cancellations.run(token, async (signal) => {
        const control: JobControl = { signal, progress: silent };
        const replies = [];
        for (const recipe of request.recipes) {
          const asked = await order(request.target, { recipe, definitions: request.definitions });
          replies.push(await runs.look(asked, control, (quantized) => readWindow(quantized, request, pacer(signal))));
        }
        return mergeWindows(replies);
      }),
    inspect: (run, row, col, token) =>
      cancellations.run(token, async (signal) => {
        const asked = await order(run.target, run);
        return runs.look(asked, { signal, progress: silent }, (quantized) => quantized.inspect(row, col));
      }),
    sweep: (part, token) =>
      cancellations.run(token, async (signal) => {
        const [{ sweepPart }, { standardSweeps }] = await Promise.all([
          import("../jobs/sweep.ts"),
          import("../backends/sweeps.ts"),
        ]);
        sweeps ??= standardSweeps(backends);
        return sweepPart(
          part,
          () => matrix(part.target),
          sweeps,
          { signal, progress: silent },
          () => openGiven(part.target, matrix),
        );
      }),
    planFile: (request, token) =>
      cancellations.run(token, async (signal) => {
        const { planFile } = await import("../export/plan.ts");
        const { summary } = await planFile(await source(request.source), request, signal);
        return summary;
      }),
    saveFile: (request, handle, progress, token) =>
      cancellations.run(token, async (signal) => {
        // Results of its own: those that the page looks at stay at hand.
        const own = new Runs(backends);
        const [{ openDestination }, { saveFile }] = await Promise.all([
          import("../export/destinations.ts"),
          import("../export/save.ts"),
        ]);
        const open = () => openDestination(handle);
        return saveFile(await source(request.source), request, open, own, { signal, progress });
      }),
    export: ({ what, run }, progress, token) =>
      cancellations.run(token, async (signal) => {
        const control: JobControl = { signal, progress };
        const { arrayPieces, collect, scaleArrays, scalesArchive } = await import("../export/arrays.ts");
        return runs.look(await order(run.target, run), control, async (quantized) => {
          if (what !== "scales") return collect(arrayPieces(quantized, what, checkpointFor(control, "elements")));
          const levels = scaleArrays((await quantized.complete?.()) ?? quantized);
          return levels.length === 1
            ? new Blob([levels[0].bytes], { type: "application/octet-stream" })
            : new Blob([scalesArchive(levels)], { type: "application/zip" });
        });
      }),
  };
}

const sourcePrefix = (id: string) => `${JSON.stringify(id)} `;

/** Names a tensor read in one way. */
function matrixKey({ source, tensor, view, sample }: Target): string {
  return sourcePrefix(source) + JSON.stringify([tensor, view.split, view.transpose, sample]);
}
