/**
 * Inputs of a model's linear layers where there is no text: rows that are fitted to the gains of the norms before them (ZeroQ, arXiv
 * 2001.00281), in the form that captured inputs have. What lies behind attention or inside a feed forward is met by no norm, and has none.
 */
import { startReduction } from "../../kernels/calibration/index.ts";
import { distil } from "../../kernels/signals/distilled/distil.ts";
import { CAPTURE_FORMAT } from "../calibration/capture.ts";
import { bytesOf } from "../capture/arrays.ts";
import { fileOf, layerArrays, type PlacedArray } from "../capture/file.ts";
import { modelFiles } from "../capture/metadata.ts";
import { inputsOfLayer } from "../capture/plan.ts";
import { UserError } from "../errors/user-error.ts";
import type { Model } from "../models/model.ts";
import { checkpointFor, type JobControl } from "../pace/pace.ts";
import { normBefore, targetOf } from "./norms.ts";

export interface DistilSpec {
  /** Rows of each input. */
  tokens: number;
  seed: number;
}

export const USUAL_DISTIL: DistilSpec = { tokens: 256, seed: 1 };
/** More would take long, and tell nothing new. */
const MOST_TOKENS = 4096;

export interface DistilledModel {
  pieces: Uint8Array<ArrayBuffer>[];
  inputs: number;
  weights: number;
  /** Stored tensors whose inputs come from no norm. */
  without: string[];
  /** The largest distance of a channel's mean or deviation from what its norm says, in deviations. */
  distance: number;
  notes: string[];
}

/** Rejects with UserError where no norm stands before anything, or with AbortError. */
export async function distilModel(model: Model, spec: DistilSpec, control: JobControl): Promise<DistilledModel> {
  const { tokens, seed } = spec;
  if (!(Number.isSafeInteger(tokens) && tokens >= 2 && tokens <= MOST_TOKENS)) {
    throw new UserError(`Distilled inputs have 2 to ${MOST_TOKENS} rows, not ${tokens}.`);
  }
  const { architecture } = model;
  const places = [...Array(architecture.layers).keys(), "ends" as const];
  const wants = { keep: tokens, seed, cross: false };
  const sought = places.flatMap((layer) =>
    inputsOfLayer(model, layer, () => true, wants).map((input) => ({ layer, input })),
  );
  const checkpoint = checkpointFor(control, "tensors");
  const arrays: PlacedArray<Uint8Array<ArrayBuffer>>[] = [];
  const metadata: Record<string, string> = {};
  const without: string[] = [];
  let [inputs, weights, distance] = [0, 0, 0];
  for (const [done, { layer, input }] of sought.entries()) {
    const pace = () => checkpoint(done, sought.length, "distilling inputs");
    await pace();
    const norms = new Set(input.sites.map((site) => normBefore(model, layer, site)));
    const [norm] = norms;
    const target = norms.size === 1 && norm ? await targetOf(model, layer, norm, control.signal) : null;
    if (!target || target.mean.length !== input.cols) {
      without.push(input.name, ...input.shared);
      continue;
    }
    // Each input has draws of its own.
    const { rows, error } = await distil(target, { tokens, seed: (seed + Math.imul(done, 0x9e3779b1)) >>> 0, pace });
    distance = Math.max(distance, error.mean, error.std);
    const reduction = await startReduction(input.cols, { ...wants, pace });
    await reduction.add(rows);
    const source = { kind: "capture", name: input.name, digest: "" } as const;
    const calibration = await reduction.finish(source);
    const made = await layerArrays(
      { layer, inputs: [{ input, calibration, expertTokens: undefined }], attention: [], gradients: [] },
      architecture.layers,
      pace,
    );
    Object.assign(metadata, made.metadata);
    for (const { values, ...array } of made.arrays) {
      arrays.push({ ...array, bytes: values.byteLength, values: bytesOf(values) });
    }
    inputs++;
    weights += 1 + input.shared.length;
  }
  if (inputs === 0) {
    throw new UserError(
      `${model.source.info.label} stores no norm whose outputs a linear layer reads: nothing can be distilled.`,
    );
  }
  const { info } = model.source;
  const { head, values } = fileOf(arrays, {
    ...{ format: CAPTURE_FORMAT, model: info.label, "model files": JSON.stringify(modelFiles(info)) },
    ...{ distilled: "rows fitted to the gains of norms (ZeroQ): no text was read", seed: String(seed) },
    ...{ "rows kept": String(tokens), ...metadata },
  });
  const notes = [
    `Distilled inputs stand for no text: each channel has the size that its norm gives it, and nothing is known of how channels go together.`,
    ...(without.length > 0
      ? [
          `${without.length} weights have none, since no norm stands before them (${without.slice(0, 3).join(", ")}${without.length > 3 ? " ..." : ""}).`,
        ]
      : []),
  ];
  return { pieces: [head, ...values], inputs, weights, without, distance, notes };
}
