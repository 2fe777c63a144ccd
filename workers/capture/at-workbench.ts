/** A capture in the page's worker for models: from an open source to one file, which every other worker can read. */
import { UserError } from "../errors/user-error.ts";
import { deviceOf, isLost, runnable } from "../models/runnable.ts";
import type { RunningModel } from "../models/running.ts";
import type { OriginText } from "../models/text/origin.ts";
import { readText } from "../models/text/spec.ts";
import type { JobControl } from "../pace/pace.ts";
import type { SourceInfo } from "../sources/info.ts";
import type { Workbench } from "../workbench/workbench.ts";
import { bytesOf } from "./arrays.ts";
import { fileOf, type PlacedArray } from "./file.ts";
import { ggufImatrix } from "./imatrix.ts";
import { modelDigest } from "./metadata.ts";
import { anotherDigest, type CaptureReference, parseReference, printReference, type TextName } from "./reference.ts";
import type { CaptureAnswer, CapturePart, CaptureRequest } from "./request.ts";
import { type CaptureSpec, type CaptureSummary, captureText, prepareCapture, usualCapture } from "./run.ts";

interface PartControl extends JobControl {
  give(part: CapturePart): void;
}

/** Rejects with UserError, RecipeError or AbortError. A GPU that is lost is replaced by the processor, which begins anew. */
export async function captureAt(
  workbench: Workbench,
  request: CaptureRequest,
  control: PartControl,
): Promise<CaptureAnswer> {
  const { signal } = control;
  const source = await workbench.source(request.source);
  const model = await workbench.model(request.source, signal);
  runnable(model);
  const text = await readText(request.text, source, signal);
  const named = request.named === null ? null : parseReference(request.named);
  if (named) mustBeNamed(named, source.info, text);
  const spec = specOf(request, named);
  const { plan, options } = await prepareCapture(model, text, spec, workbench.runs, signal);
  const passes = plan.layers.flatMap((layer) => layer.passes);
  const inputs = passes.flat();
  control.give({
    windows: options.windows.length,
    tokens: options.windows.reduce((sum, { tokens }) => sum + tokens.length, 0),
    inputs: inputs.length,
    passes: Math.max(...plan.layers.map((layer) => layer.passes.length)),
    bytes: inputs.reduce((sum, { cols }) => sum + 8 * cols ** 2 * (spec.sequential === null ? 1 : 2), 0),
  });
  const machines = await workbench.machines(request.source, signal);
  const device = await deviceOf(request.device, workbench.backends);
  const run = async (running: RunningModel) =>
    running.alone(signal, () => captured(running, text, spec, workbench, control));
  let made: Awaited<ReturnType<typeof captured>>;
  try {
    made = await run(await machines.running(device));
  } catch (error) {
    if (!isLost(error) || device === "wasm") throw error;
    made = await run(await machines.running("wasm"));
    made.summary.notes.push(`the GPU was lost (${error.message}): the processor captured all of it`);
  }
  const { summary, ...files } = made;
  const name: TextName =
    request.text.kind === "bundled"
      ? request.text.part
      : { name: text.label, size: text.to - text.from, digest: text.document.slice(0, 32) };
  const reference = printReference({
    ...{ windows: spec.windows, tokens: spec.tokens, seed: spec.seed, keep: spec.keep, gradients: spec.gradients },
    attention: spec.attention,
    ...{ text: name, model: modelDigest(source.info), digest: summary.digest, energy: summary.energy },
    ...{ only: spec.only, sequential: spec.sequential },
  });
  const said = named && anotherDigest(named, summary.digest, summary.energy);
  const { digest, inputs: count, weights, tokens, notes } = summary;
  return { reference, said, digest, inputs: count, weights, tokens, notes, ...files };
}

/** How a link says that it was captured, or how it is asked for. */
function specOf({ spec }: CaptureRequest, named: CaptureReference | null): CaptureSpec {
  if (!named) return { ...usualCapture, ...spec };
  const { windows, tokens, seed, keep, gradients, attention, only, sequential } = named;
  return { ...usualCapture, ...spec, windows, tokens, seed, keep, gradients, attention, only, sequential };
}

/** Throws UserError where the model or the text is not the one that a link names. */
function mustBeNamed(named: CaptureReference, info: SourceInfo, { document, label }: OriginText): void {
  if (modelDigest(info) !== named.model) {
    throw new UserError(
      `The link's calibration was captured of another model than ${info.label}: open that one first.`,
    );
  }
  if (typeof named.text === "object" && !document.startsWith(named.text.digest)) {
    throw new UserError(
      `The link's calibration was captured on ${named.text.name || "a text that was typed"} (${named.text.size} characters), and ${label} is another text.`,
    );
  }
}

/** Arrays are handed to the browser as they are made: it keeps them where it likes, and other workers read them from there. */
async function captured(
  running: RunningModel,
  text: OriginText,
  spec: CaptureSpec,
  workbench: Workbench,
  control: JobControl,
): Promise<{ summary: CaptureSummary } & Pick<CaptureAnswer, "file" | "name" | "imatrix" | "about" | "seconds">> {
  const began = performance.now();
  const arrays: PlacedArray<Blob>[] = [];
  const summary = await captureText(running, text, spec, workbench.runs, control, async (layer) => {
    for (const { values, ...array } of layer.arrays) {
      arrays.push({ ...array, bytes: values.byteLength, values: new Blob([bytesOf(values)]) });
    }
  });
  const { head, values } = fileOf(arrays, summary.metadata);
  const windows = Number(summary.metadata.windows);
  const facts = { text: text.label, windows, tokens: summary.tokens / windows };
  const matrix = summary.imatrix.length > 0 ? new Blob([ggufImatrix(summary.imatrix, facts)]) : null;
  return {
    summary,
    file: new Blob([head, ...values]),
    name: `${running.model.source.info.label} captured.safetensors`,
    imatrix: matrix,
    about: running.network.about,
    seconds: (performance.now() - began) / 1000,
  };
}
