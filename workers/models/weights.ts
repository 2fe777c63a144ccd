/** Reading the weights of one layer: each stored matrix once, by ranges, kept nowhere. */
import type { Architecture } from "../../kernels/network/index.ts";
import type { MatrixView } from "../../kernels/report/report.ts";
import { formatBytes } from "../bytes/format-bytes.ts";
import { UserError } from "../errors/user-error.ts";
import { pacer } from "../pace/pace.ts";
import { matrixShape } from "../tensors/shape.ts";
import type { Tensor } from "../tensors/tensor.ts";
import { placesOf } from "./bind.ts";
import type { BoundPart, Model, ModelSize, StoredMatrix, Through } from "./model.ts";

/** Elements decoded at a time: bounds what lies beside the values, and the time until a cancel is seen. */
const PIECE = 2 ** 19;

/** All values of a tensor as a matrix, rows = outputs. Rejects with UserError or AbortError. */
export async function readMatrix(tensor: Tensor, view: MatrixView, signal: AbortSignal): Promise<Float32Array> {
  const { name, shape, elements, problem } = tensor.info;
  if (problem) throw new UserError(problem);
  const { rows, cols } = matrixShape(name, shape, view);
  let values: Float32Array;
  try {
    values = new Float32Array(elements);
  } catch {
    throw new UserError(`${name} takes ${formatBytes(4 * elements)} of memory, which is not to be had now.`);
  }
  const pace = pacer(signal);
  const transpose = view.transpose && rows > 1 && cols > 1;
  // Of a transposed one, whole stored rows are read: they are columns of the matrix.
  const step = transpose ? Math.max(1, Math.floor(PIECE / rows)) * rows : PIECE;
  for (let begin = 0; begin < elements; begin += step) {
    const end = Math.min(elements, begin + step);
    if (!transpose && tensor.readInto) await tensor.readInto(values.subarray(begin, end), begin, signal);
    else {
      const piece = await tensor.read(begin, end, signal);
      if (!transpose) values.set(piece, begin);
      else
        for (let i = 0; i < piece.length; i++)
          values[((begin + i) % rows) * cols + Math.floor((begin + i) / rows)] = piece[i];
    }
    await pace();
  }
  return values;
}

/** The parts of a layer or of the ends, by the matrix that they are made from: several experts lie in one. */
function byMatrix(architecture: Architecture, parts: Model["parts"], of: number | "ends"): BoundPart[][] {
  const groups = new Map<string, BoundPart[]>();
  for (const { name } of architecture.parts(of)) {
    const bound = parts.get(name);
    if (!bound) continue;
    const { tensor, view } = bound.stored;
    const key = JSON.stringify([tensor, view.split, view.transpose]);
    groups.set(key, [...(groups.get(key) ?? []), bound]);
  }
  return [...groups.values()];
}

/** See `Model.weights`. */
export async function weightsOf(
  { source, architecture, parts }: Pick<Model, "source" | "architecture" | "parts">,
  of: number | "ends",
  signal: AbortSignal,
  through?: Through,
): Promise<Map<string, Float32Array>> {
  const weights = new Map<string, Float32Array>();
  for (const group of byMatrix(architecture, parts, of)) {
    const { stored } = group[0];
    const read = () => readMatrix(source.tensor(stored.tensor), stored.view, signal);
    const values = through ? await through(stored, read) : await read();
    if (!values) continue;
    checkLength(stored, values);
    for (const { part, adapt } of group) weights.set(part.name, adapt(values));
  }
  return weights;
}

function checkLength({ tensor, rows, cols }: StoredMatrix, { length }: Float32Array): void {
  if (length !== rows * cols) throw new RangeError(`${tensor}: ${length} values for a ${rows} x ${cols} matrix`);
}

/** See `Model.size`. */
export function sizeOf(architecture: Architecture, parts: Model["parts"], of: number | "ends" | "all"): ModelSize {
  const size: ModelSize = { parameters: 0, read: 0, memory: 0 };
  for (const place of of === "all" ? placesOf(architecture) : [of]) {
    const tensors = new Set<string>();
    for (const { name, shape } of architecture.parts(place)) {
      const bound = parts.get(name);
      if (!bound) continue;
      const count = shape.reduce((product, n) => product * n, 1);
      size.parameters += count;
      size.memory += 4 * count;
      if (!tensors.has(bound.stored.tensor)) size.read += bound.stored.bytes;
      tensors.add(bound.stored.tensor);
    }
  }
  return size;
}

/** Whether a model is held as a whole, and what that takes. */
export interface Residence {
  held: "whole" | "a layer at a time";
  /** Bytes of weights at the peak. */
  memory: number;
  /** Bytes that the whole would take. */
  whole: number;
}

/**
 * How the weights of a model fit into a budget of bytes: all of them, or the ends and one layer after the other. Throws UserError,
 * with the size that would do, where not even that fits. `copies` counts how often each layer is there at a time: once as it is, once for
 * each recipe.
 */
export function residence(model: Pick<Model, "architecture" | "size">, budget: number, copies = 1): Residence {
  const whole = copies * model.size("all").memory;
  if (whole <= budget) return { held: "whole", memory: whole, whole };
  const { layers, about } = model.architecture;
  const largest = Math.max(...Array.from({ length: layers }, (_, layer) => model.size(layer).memory));
  const memory = copies * (model.size("ends").memory + largest);
  if (memory > budget) {
    throw new UserError(
      `This model (${about}) takes ${formatBytes(whole)} of memory, and ${formatBytes(memory)} a layer at a time; ${formatBytes(budget)} are allowed.`,
    );
  }
  return { held: "a layer at a time", memory, whole };
}
