/** For tests: the sample model, running. */
import { fileURLToPath } from "node:url";
import { openNetwork } from "../../kernels/network/index.ts";
import { standardBackends } from "../backends/standard.ts";
import { memorySource } from "../bytes/byte-source.ts";
import type { OpenCalibration } from "../calibration/open.ts";
import { openCalibration } from "../calibration/open.ts";
import { openModel } from "../models/open.ts";
import { RunningModel } from "../models/running.ts";
import type { OriginText } from "../models/text/origin.ts";
import { readText } from "../models/text/spec.ts";
import { Runs } from "../runs/runs.ts";
import { openPath } from "../sources/node.ts";
import { TensorCache } from "../tensors/cache.ts";
import { layerFile } from "./file.ts";
import { type CaptureSpec, type CaptureSummary, captureText, usualCapture } from "./run.ts";

export const SAMPLE = fileURLToPath(new URL("../../public/samples/small-llama", import.meta.url));
export const control = { signal: new AbortController().signal, progress() {} };

export async function runningSample(): Promise<RunningModel> {
  const source = await openPath(SAMPLE, { cache: new TensorCache(0) });
  const model = await openModel(source, control.signal);
  return new RunningModel(model, await openNetwork(model.architecture, { device: "wasm" }));
}

export const calibrating = ({ model }: RunningModel): Promise<OriginText> =>
  readText({ kind: "bundled", part: "calibrate" }, model.source);

/** Captures, and opens what was captured. */
export async function captured(
  running: RunningModel,
  text: OriginText,
  spec: Partial<CaptureSpec>,
  own = control,
): Promise<{ summary: CaptureSummary; open: OpenCalibration; files: { name: string; bytes: Uint8Array }[] }> {
  const files: { name: string; bytes: Uint8Array }[] = [];
  const runs = new Runs(standardBackends(null));
  const summary = await captureText(running, text, { ...usualCapture, ...spec }, runs, own, async (layer, facts) => {
    files.push({ name: layer.name, bytes: new Uint8Array(Buffer.concat(layerFile(layer, facts).pieces)) });
  });
  const sources = files.map(({ name, bytes }) => memorySource(name, bytes));
  return { summary, files, open: await openCalibration(sources, "capture", "captured", control.signal) };
}
