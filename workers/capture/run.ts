/** A capture from a text to files: what the command line and the page's job do. */

import { parseDefinition } from "../../kernels/notation/index.ts";
import { captureDigest } from "../calibration/digests.ts";
import { readRules } from "../export/rules.ts";
import type { Model } from "../models/model.ts";
import { runnable } from "../models/runnable.ts";
import type { RunningModel } from "../models/running.ts";
import type { OriginText } from "../models/text/origin.ts";
import { tokensOf } from "../models/text/tokens.ts";
import { cutText } from "../models/text/windows.ts";
import { checkpointFor, type JobControl } from "../pace/pace.ts";
import type { Runs } from "../runs/runs.ts";
import { type CaptureOptions, capture } from "./capture.ts";
import { type LayerArrays, layerArrays } from "./file.ts";
import { type ImatrixSum, sumsOf } from "./imatrix.ts";
import { factsMetadata } from "./metadata.ts";
import { CAPTURE_BUDGET, planCapture } from "./plan.ts";
import { quantizeBy } from "./sequential.ts";
import { wantedBy } from "./wanted.ts";

/** How a text is captured. All of it decides what comes out, the budget apart. */
export interface CaptureSpec {
  /** Most windows, drawn by the seed where the text has more, and tokens of each. */
  windows: number;
  tokens: number;
  /** Of the windows drawn and of the rows kept. */
  seed: number;
  /** Rows kept of each input. */
  keep: number;
  /** A model recipe: inputs under predecessors that it quantized, with the cross moment. Null: the model as it is. */
  sequential: string | null;
  gradients: boolean;
  /** Queries, keys and values of the first window. */
  attention: boolean;
  /** Which weights' inputs, `*` for any letters, in lists with commas. Null: those of all linear layers. */
  only: string | null;
  definitions: string[];
  /** Bytes that sums and windows may take. */
  budget: number;
}

export const usualCapture: CaptureSpec = {
  ...{ windows: 16, tokens: 512, seed: 1, keep: 512, sequential: null, gradients: false, attention: false },
  ...{ only: null, definitions: [], budget: CAPTURE_BUDGET },
};

/** What was captured, beside its arrays. */
export interface CaptureSummary {
  digest: string;
  /** The text, windows and all, as the files' metadata say it, and every digest. */
  metadata: Record<string, string>;
  /** Sum of squares of all inputs: what a capture on another machine is compared by. */
  energy: number;
  /** Inputs, and the weights that meet them. */
  inputs: number;
  weights: number;
  /** Tokens that ran. */
  tokens: number;
  /** What llama.cpp's importance matrix holds. */
  imatrix: ImatrixSum[];
  notes: string[];
}

/** Cuts a text, and says what a capture of it takes. Rejects with UserError or RecipeError, or with AbortError. */
export async function prepareCapture(
  model: Model,
  text: OriginText,
  spec: CaptureSpec,
  runs: Runs | null,
  signal: AbortSignal,
) {
  const { tokens, windows: most, seed, keep, gradients, attention, budget } = spec;
  const notes: string[] = [];
  const rules =
    spec.sequential === null
      ? null
      : readRules(
          spec.sequential,
          spec.definitions.map((one) => parseDefinition(one)),
        );
  const ids = await tokensOf(runnable(model), text.text, signal);
  const cut = cutText(ids, { tokens, stride: tokens, most, seed }, model.architecture);
  const { windows, inAll } = cut;
  if (windows[0].tokens.length < tokens) {
    notes.push(
      `the text is shorter than a window: ${windows[0].tokens.length} tokens ran, and ${tokens} were asked for`,
    );
  } else if (windows.length < most) {
    notes.push(`the text has ${windows.length} windows of ${tokens} tokens, and ${most} were asked for`);
  }
  const note = (one: string) => notes.push(one);
  const options: CaptureOptions = {
    ...{ windows, keep, seed, gradients, attention, budget },
    wanted: wantedBy(spec.only, model),
    quantize: rules && runs ? quantizeBy(rules, spec.definitions, model, runs, note) : null,
  };
  const facts = factsMetadata(model, {
    ...{ text, windows: windows.length, tokens: windows[0].tokens.length, windowsInAll: inAll, seed, keep, gradients },
    sequential: rules?.text ?? null,
  });
  return { options, facts, notes, plan: planCapture(model, options) };
}

/** Runs a capture, and gives each layer's arrays as they are made. Rejects with UserError, RecipeError or AbortError. */
export async function captureText(
  running: RunningModel,
  text: OriginText,
  spec: CaptureSpec,
  runs: Runs,
  control: JobControl,
  give: (layer: LayerArrays, facts: Record<string, string>) => Promise<void>,
): Promise<CaptureSummary> {
  const { model } = running;
  const { options, facts, notes } = await prepareCapture(model, text, spec, runs, control.signal);
  const checkpoint = checkpointFor({ ...control, progress() {} }, "tokens");
  const pace = () => checkpoint(0, 0, "");
  const summary: CaptureSummary = {
    ...{ digest: "", metadata: { ...facts }, energy: 0, inputs: 0, weights: 0, imatrix: [], notes },
    tokens: options.windows.reduce((sum, window) => sum + window.tokens.length, 0),
  };
  await capture(running, options, control, async (layer) => {
    for (const captured of layer.inputs) {
      const { input, calibration } = captured;
      const { tokens, leftOut, meanSquare } = calibration;
      summary.inputs++;
      summary.weights += 1 + input.shared.length;
      summary.energy += (tokens ?? 0) * (meanSquare?.reduce((sum, value) => sum + value, 0) ?? 0);
      if (leftOut > 0) notes.push(`${input.name}: ${leftOut} tokens hold NaN or Inf and are left out`);
      if (tokens === 0) notes.push(`${input.name} met no token: nothing is known of its inputs`);
      summary.imatrix.push(...sumsOf(model, captured));
    }
    const made = await layerArrays(layer, model.architecture.layers, pace);
    Object.assign(summary.metadata, made.metadata);
    if (made.arrays.length > 0) await give(made, facts);
  });
  summary.digest = captureDigest(summary.metadata);
  return summary;
}
