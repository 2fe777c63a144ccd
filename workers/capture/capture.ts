/**
 * Inputs of linear layers while text runs through a network, as calibrations. All windows pass a layer before the next one is read: so
 * weights are read once, and memory is that of one layer's sums and of the windows between two layers.
 */
import type { Calibration } from "../../kernels/calibration/index.ts";
import type { Dense } from "../../kernels/linalg/index.ts";
import type { Loaded, Network, Site } from "../../kernels/network/index.ts";
import { UserError } from "../errors/user-error.ts";
import type { Model, StoredMatrix } from "../models/model.ts";
import type { RunningModel } from "../models/running.ts";
import type { TextWindow } from "../models/text/windows.ts";
import type { JobControl } from "../pace/pace.ts";
import { captureGradients } from "./gradients.ts";
import { type CapturedInput, type CaptureWants, type PlannedLayer, planCapture } from "./plan.ts";
import { startProgress } from "./progress.ts";
import { type Stream, startStream } from "./stream.ts";
import { type InputSums, startInput } from "./sums.ts";
import { lookTaps, rememberTaps, sumTaps } from "./taps.ts";

/** Quantizes a stored matrix (rows x cols), which it reads, with what was captured of its inputs; null where no rule names it. */
export type Quantize = (
  stored: StoredMatrix,
  read: () => Promise<Float32Array>,
  inputs: Calibration | null,
  control: JobControl,
) => Promise<Float32Array | null>;

export interface CaptureOptions extends Omit<CaptureWants, "cross"> {
  windows: readonly Pick<TextWindow, "tokens" | "targets">[];
  /** Whether the inputs of a stored tensor are wanted. */
  wanted(stored: StoredMatrix): boolean;
  /** Inputs under already quantized predecessors; null: those of the model as it is. */
  quantize: Quantize | null;
  /** Whether the loss's gradients at the outputs are summed up, too: those of the model as it is. */
  gradients: boolean;
  /** Whether queries, keys and values of the first window are kept. */
  attention: boolean;
  /** Bytes that sums and windows may take. */
  budget: number;
}

/** What was captured of one input. */
export interface CapturedCalibration {
  input: CapturedInput;
  /** Its source's digest is empty yet. */
  calibration: Calibration;
  /** Tokens of each expert, where there are several. */
  expertTokens: number[] | undefined;
}

/** Queries, keys or values of a layer: the first window, tokens x cols. */
export interface CapturedAttention {
  site: Site;
  rows: number;
  values: Float32Array;
}

/** The sum of g g^T at the outputs of a stored tensor. */
export interface CapturedGradients {
  name: string;
  gram: Dense;
  tokens: number;
  leftOut: number;
}

export interface CapturedLayer {
  layer: number | "ends";
  inputs: CapturedCalibration[];
  attention: CapturedAttention[];
  gradients: CapturedGradients[];
}

/**
 * Captures a layer after the other, and gives each when it is whole; gradients come afterwards, from the last layer to the first. Under
 * already quantized predecessors two streams pass: the model as it is, and one in which each layer is quantized with what was captured
 * of it before the windows leave it. Rejects with UserError, RecipeError, or AbortError.
 */
export async function capture(
  running: RunningModel,
  options: CaptureOptions,
  control: JobControl,
  give: (layer: CapturedLayer) => Promise<void>,
): Promise<void> {
  const { model, network } = running;
  const plan = planCapture(model, options);
  const progress = startProgress(model, plan, options, control);
  const weights = weightsOf(running, control.signal);
  const ends = await weights.take("ends");
  const run: Running = { ...{ model, network, options, control, plan, progress, weights, ends } };
  const now = await startStream(network, ends, options.windows);
  const before = options.quantize ? await startStream(network, ends, options.windows) : null;
  /** Of each layer that gradients pass: what the windows were before it. */
  const entering: Float32Array[][] = [];
  try {
    for (const planned of plan.layers) {
      if (planned.layer === "ends") await give(await captureHead(planned, now, run));
      else {
        if (options.gradients) entering.push(await (before ?? now).read());
        await give(await captureLayer(planned, planned.layer, now, before, run));
      }
    }
    if (options.gradients) await captureGradients(before ?? now, entering, run, give);
  } finally {
    now.release();
    before?.release();
    weights.leave(ends);
  }
}

/** What does not change while a capture runs. */
export interface Running {
  model: Model;
  network: Network;
  options: CaptureOptions;
  control: JobControl;
  plan: ReturnType<typeof planCapture>;
  progress: ReturnType<typeof startProgress>;
  weights: Weights;
  ends: Loaded;
}

/** Weights as they are stored: those that the running model holds where it holds all, else read layer by layer. */
interface Weights {
  take(of: number | "ends"): Promise<Loaded>;
  /** The caller is done with them. */
  leave(one: Loaded): void;
}

function weightsOf(running: RunningModel, signal: AbortSignal): Weights {
  if (running.whole) return { take: (of) => running.held(of, signal), leave() {} };
  return { take: (of) => running.read(of, signal), leave: (one) => running.network.release(one) };
}

/** All windows through a layer, as often as its sums need, and out of it. */
async function captureLayer(
  { passes }: PlannedLayer,
  layer: number,
  now: Stream,
  before: Stream | null,
  run: Running,
): Promise<CapturedLayer> {
  const { model, network, options, control, progress, plan } = run;
  const { signal } = control;
  const captured: CapturedLayer = { layer, inputs: [], attention: [], gradients: [] };
  progress.enter(layer);
  const weights = await run.weights.take(layer);
  try {
    for (const [i, pass] of passes.entries()) {
      const last = i === passes.length - 1;
      const sums: InputSums[] = [];
      try {
        for (const input of pass) sums.push(await startInput(input, plan.wants, progress.pace));
        for (const [w, { tokens }] of options.windows.entries()) {
          const asItIs = new Map<string, Float32Array>();
          if (before) await before.pass(w, layer, weights, rememberTaps(w, sums, asItIs, signal), last);
          const attention = options.attention && last && w === 0 ? captured.attention : null;
          await now.pass(w, layer, weights, sumTaps(w, sums, asItIs, attention, signal), last && !before);
          await progress.passed(tokens.length * (before ? 2 : 1));
        }
        for (const sum of sums) captured.inputs.push(await finished(sum, model));
      } finally {
        for (const sum of sums) sum.close();
      }
    }
    if (before) {
      const quantized = await quantizedLayer(layer, weights, captured.inputs, run);
      for (const [w, { tokens }] of options.windows.entries()) {
        await now.pass(w, layer, quantized ?? weights, lookTaps(w, signal), true);
        await progress.passed(tokens.length);
      }
      if (quantized) network.release(quantized);
    }
    return captured;
  } finally {
    run.weights.leave(weights);
  }
}

/** The input of the head, which the last layer's windows meet behind the final norm. */
async function captureHead({ passes }: PlannedLayer, now: Stream, run: Running): Promise<CapturedLayer> {
  const { model, options, control, progress, plan, network, ends } = run;
  const captured: CapturedLayer = { layer: "ends", inputs: [], attention: [], gradients: [] };
  progress.enter("ends");
  for (const pass of passes) {
    const sums: InputSums[] = [];
    try {
      for (const input of pass) sums.push(await startInput(input, { ...plan.wants, cross: false }, progress.pace));
      const taps = sumTaps(0, sums, new Map(), null, control.signal);
      for (const [w, { tokens }] of options.windows.entries()) {
        for (let from = 0; from < tokens.length; from += LOGIT_TOKENS) {
          await network.logits(ends, now.hidden[w], from, Math.min(tokens.length, from + LOGIT_TOKENS), taps);
        }
        await progress.passed(tokens.length);
      }
      for (const sum of sums) captured.inputs.push(await finished(sum, model));
    } finally {
      for (const sum of sums) sum.close();
    }
  }
  return captured;
}

/** Tokens whose logits are made at a time: those of a large vocabulary take much. */
const LOGIT_TOKENS = 64;

/** The calibration of an input. Throws UserError where the model gave nothing that is finite. */
async function finished(sum: InputSums, { source }: Model): Promise<CapturedCalibration> {
  const { input } = sum;
  const calibration = await sum.finish({ kind: "capture", name: `${source.info.label}: ${input.name}`, digest: "" });
  if (calibration.tokens === 0 && calibration.leftOut > 0) {
    throw new UserError(
      `Every one of the ${calibration.leftOut} tokens that ${input.name} meets holds NaN or Inf: nothing can be captured from this layer on.`,
    );
  }
  return { input, calibration, expertTokens: sum.expertTokens };
}

/** The layer's weights as a recipe leaves them, those that no rule names shared with what was loaded; null where no rule names any. */
async function quantizedLayer(
  layer: number,
  weights: Loaded,
  inputs: readonly CapturedCalibration[],
  { model, network, options, control }: Running,
): Promise<Loaded | null> {
  const ofTensor = (name: string): Calibration | null =>
    inputs.find(({ input }) => input.name === name || input.shared.includes(name))?.calibration ?? null;
  const quantized = await model.weights(layer, control.signal, (stored, read) =>
    options.quantize!(stored, read, ofTensor(stored.tensor), control),
  );
  return quantized.size === 0 ? null : network.load(layer, quantized, weights);
}
