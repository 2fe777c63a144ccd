/** The bundled sample model as tests run it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { standardBackends } from "../backends/standard.ts";
import { ModelMachines } from "../models/machines.ts";
import type { Model } from "../models/model.ts";
import { openModel } from "../models/open.ts";
import { textOf } from "../models/text/origin.ts";
import { JUDGING_CHARACTERS } from "../models/text/spec.ts";
import type { Progress } from "../pace/progress.ts";
import { Runs } from "../runs/runs.ts";
import { openPath } from "../sources/node.ts";
import { TensorCache } from "../tensors/cache.ts";
import { evaluate } from "./evaluate.ts";
import { NO_RECIPE } from "./recipe.ts";
import type { LmPart, LmTensor, ModelRecipe, WindowResult } from "./request.ts";
import type { LmSetup } from "./setup.ts";
import type { Asked } from "./work.ts";

const folder = fileURLToPath(new URL("../../public/samples/small-llama/", import.meta.url));
/** The text that lies beside the sample, whole. */
export const judgingDocument = readFileSync(`${folder}valid.txt`, "utf8");

export const judging = textOf(judgingDocument, "held-out text", 0, JUDGING_CHARACTERS);

export async function openSample(): Promise<Model> {
  const source = await openPath(`${folder}model.safetensors`, { cache: new TensorCache() });
  return openModel(source, new AbortController().signal);
}

export function setupOf(model: Model, over: Partial<LmSetup> = {}): LmSetup & { machines: ModelMachines } {
  const machines = new ModelMachines(model, null);
  const backends = standardBackends(null);
  return {
    ...{ model, machines, backends, runs: new Runs(backends), calibration: null },
    running: (device) => machines.running(device),
    other: (device) => machines.other(device),
    ...over,
  };
}

export const weights = (text: string): ModelRecipe => ({ ...NO_RECIPE, weights: text });

/** Runs a few windows of the judging text, and makes figures of them. */
export async function runLm(
  setup: LmSetup,
  asked: Partial<Omit<Asked, "windows">> & { most?: number | null; tokens?: number },
  control: { signal?: AbortSignal; progress?(progress: Progress): void; give?(part: LmPart): void } = {},
) {
  const windows: WindowResult[] = [];
  const tensors: LmTensor[] = [];
  const parts: LmPart[] = [];
  const { most = 2, tokens = 512, ...rest } = asked;
  const spec = { tokens, stride: tokens, most, seed: 0 };
  const usual = { text: judging, a: null, b: null, definitions: [], device: "wasm" as const, budget: null };
  const answer = await evaluate(
    setup,
    { ...usual, windows: spec, ...rest },
    {
      signal: control.signal ?? new AbortController().signal,
      progress: control.progress ?? (() => {}),
      give(part) {
        parts.push(part);
        if (part.part === "window") windows.push(part.window);
        if (part.part === "tensor") tensors.push(part.tensor);
        control.give?.(part);
      },
    },
  );
  return { answer, windows, tensors, parts, figures: answer.figures };
}
