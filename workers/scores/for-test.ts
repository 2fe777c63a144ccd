/** For tests: sources of tensors in memory, and their scores. */
import { normalDraw } from "../../kernels/random/normal.ts";
import type { OpenCalibration } from "../calibration/open.ts";
import { type OpenSource, openTensors } from "../sources/open.ts";
import { TensorCache } from "../tensors/cache.ts";
import { countElements } from "../tensors/shape.ts";
import { defaultView, memoryTensor } from "../tensors/tensor.ts";
import { factsFor, fileOf } from "./file.ts";
import { planOf } from "./plan.ts";
import { type ScoreFile, type ScoresRequest, type TensorScores, USUAL_KINDS } from "./types.ts";
import { scoreTensors } from "./work.ts";

/** A tensor: normal values, but for those that `change` sets. */
export interface MadeTensor {
  name: string;
  shape: number[];
  change?(values: Float32Array): void;
}

export function sourceOf(made: readonly MadeTensor[], label = "made"): OpenSource {
  const tensors = made.map(({ name, shape, change }, stream) => {
    const elements = countElements(shape);
    const values = Float32Array.from({ length: elements }, (_, i) => normalDraw(5, stream, i));
    change?.(values);
    return memoryTensor({ name, dtype: "F32", shape, elements, view: defaultView(shape) }, values);
  });
  return openTensors(tensors, label, new TensorCache(), "test", label);
}

export const asked = (recipes: string, more: Partial<ScoresRequest> = {}): ScoresRequest => ({
  ...{ source: "test", recipes: recipes.split(";"), definitions: [], signals: ["nmse"], kinds: USUAL_KINDS, only: [] },
  ...{ share: null, seed: 1, wholeStatistics: false, budget: null },
  ...more,
});

/** All scores of a request; `tensors` where not all of them are asked for. */
export async function scoredRows(
  source: OpenSource,
  request: ScoresRequest,
  { calibration = null, tensors }: { calibration?: OpenCalibration | null; tensors?: string[] } = {},
): Promise<TensorScores[]> {
  const rows: TensorScores[] = [];
  const control = {
    signal: new AbortController().signal,
    progress() {},
    give: (row: TensorScores) => void rows.push(row),
  };
  await scoreTensors(source, calibration, { ...request, ...(tensors && { tensors }) }, control);
  return rows;
}

/** The same as a file. */
export async function scored(
  source: OpenSource,
  request: ScoresRequest,
  calibration: OpenCalibration | null = null,
): Promise<ScoreFile> {
  const plan = await planOf(source.info, request);
  const rows = await scoredRows(source, request, { calibration });
  const facts = factsFor(plan, request, source.info.label, null);
  return fileOf(facts, rows, { planned: plan.tensors, signals: request.signals });
}
