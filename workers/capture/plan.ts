/** Which inputs are captured, under whose names, what memory they take, and in how many passes through a layer they fit a budget. */
import { matrixBytes } from "../../kernels/linalg/index.ts";
import type { Site } from "../../kernels/network/index.ts";
import { formatBytes } from "../bytes/format-bytes.ts";
import { UserError } from "../errors/user-error.ts";
import type { Model, StoredMatrix } from "../models/model.ts";
import type { CaptureOptions } from "./capture.ts";

/** What is kept of the inputs of a layer's weights. */
export interface CaptureWants {
  /** Tokens of the reservoir. */
  keep: number;
  /** Of the reservoir's draws. */
  seed: number;
  /** The cross moment with the inputs before the layers upstream were quantized. */
  cross: boolean;
}

/** An input that is captured: that of a stored tensor and of all that share it. */
export interface CapturedInput {
  /** The stored tensor whose name its arrays have. */
  name: string;
  /** Other stored tensors that meet the same. */
  shared: string[];
  /** One; of a tensor that holds several experts one each, in their order. */
  sites: Site[];
  cols: number;
  /** Memory while it is summed up. */
  bytes: number;
}

/** Bytes while a Gram matrix grows and is put together, and of a cross moment. */
const GRAM_COPIES = 1.5;
const CROSS_COPIES = 2;

/** Sums and windows together, where nobody says. */
export const CAPTURE_BUDGET = 2 ** 30;

/** A layer, and the inputs that are summed up while the windows pass it, each time. */
export interface PlannedLayer {
  layer: number | "ends";
  /** At least one for a layer. */
  passes: CapturedInput[][];
}

export interface CapturePlan {
  /** As far as there is something to capture; then those behind, where gradients come back from the loss. */
  layers: PlannedLayer[];
  wants: CaptureWants;
  /** Bytes of the windows between two layers, and of those that gradients come back to. */
  held: number;
  /** The most that sums take at once. */
  sums: number;
}

const bytesOf = (cols: number, { keep, cross }: CaptureWants): number =>
  matrixBytes(cols, cols, GRAM_COPIES + (cross ? CROSS_COPIES : 0)) + 4 * keep * cols + 80 * cols;

/** The inputs of a layer whose stored tensors are wanted, in the order in which they are met. */
export function inputsOfLayer(
  model: Pick<Model, "architecture" | "parts">,
  layer: number | "ends",
  wanted: (stored: StoredMatrix) => boolean,
  wants: CaptureWants,
): CapturedInput[] {
  const out: CapturedInput[] = [];
  for (const site of model.architecture.sites(layer)) {
    if (site.kind !== "input") continue;
    const stored = site.readers.flatMap((name) => model.parts.get(name)?.stored ?? []).filter(wanted);
    const names = [...new Set(stored.map(({ tensor }) => tensor))];
    if (names.length === 0) continue;
    // One stored tensor that reads several sites holds several experts.
    const known = out.find(({ name }) => name === names[0]);
    if (known) known.sites.push(site);
    else {
      const [name, ...shared] = names;
      out.push({ name, shared, sites: [site], cols: site.cols, bytes: bytesOf(site.cols, wants) });
    }
  }
  return out;
}

/** Inputs in groups, each of which fits the budget. Throws UserError where one alone does not. */
export function passesOf(inputs: readonly CapturedInput[], budget: number): CapturedInput[][] {
  const passes: CapturedInput[][] = [];
  let left = 0;
  for (const input of inputs) {
    const { name, cols, bytes } = input;
    if (bytes > budget) {
      throw new UserError(
        `The inputs of ${name} take ${formatBytes(bytes)} (a Gram matrix of ${cols} columns), and ${formatBytes(Math.max(0, budget))} of the budget are left for them: allow more, or capture fewer tokens.`,
      );
    }
    if (passes.length === 0 || bytes > left) {
      passes.push([]);
      left = budget;
    }
    passes[passes.length - 1].push(input);
    left -= bytes;
  }
  return passes;
}

/** What is captured in which pass. Throws UserError where the budget is too small, or nothing is wanted. */
export function planCapture(
  model: Pick<Model, "architecture" | "parts">,
  options: Pick<CaptureOptions, "windows" | "wanted" | "quantize" | "gradients" | "budget" | "keep" | "seed">,
): CapturePlan {
  const { architecture } = model;
  const { windows, quantize, gradients, budget, keep, seed } = options;
  const wants: CaptureWants = { keep, seed, cross: quantize !== null };
  const one = 4 * architecture.width * windows.reduce((sum, { tokens }) => sum + tokens.length, 0);
  const held = one * ((quantize ? 2 : 1) + (gradients ? architecture.layers + 1 : 0));
  if (held > budget) {
    throw new UserError(
      `The windows take ${formatBytes(held)} ${gradients ? "before all layers, which gradients come back to" : "between two layers"}, and the budget is ${formatBytes(budget)}: allow more, or capture fewer windows.`,
    );
  }
  const all: PlannedLayer[] = [...Array(architecture.layers).keys(), "ends" as const].map((layer) => ({
    layer,
    passes: passesOf(inputsOfLayer(model, layer, options.wanted, wants), budget - held),
  }));
  const last = all.findLastIndex(({ passes }) => passes.length > 0);
  if (last < 0) throw new UserError("None of the model's linear layers is among those whose inputs are asked for.");
  const layers = all.slice(0, gradients ? Math.max(last + 1, architecture.layers) : last + 1);
  const sums = Math.max(...layers.flatMap(({ passes }) => passes.map((pass) => pass.reduce((s, i) => s + i.bytes, 0))));
  for (const one of layers) if (one.layer !== "ends" && one.passes.length === 0) one.passes.push([]);
  return { layers, wants, held, sums };
}
