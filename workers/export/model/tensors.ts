/** The tensors of a model as llama.cpp names and arranges them. */
import type { Adaptation, Part } from "../../../kernels/network/index.ts";
import { UserError } from "../../errors/user-error.ts";
import { stored } from "../../models/adapt.ts";
import { placesOf } from "../../models/bind.ts";
import type { BoundPart, Model } from "../../models/model.ts";
import { readMatrix } from "../../models/weights.ts";
import { countElements } from "../../tensors/shape.ts";
import { defaultView, type Tensor } from "../../tensors/tensor.ts";

/** A tensor of the GGUF file, and that of the source (the first one, of a stack) which rules and calibrations know it by. */
export interface GgufTensor {
  tensor: Tensor;
  from: string;
}

/** Parts that become one tensor: one, or a stack of experts or heads in their order. */
export interface Group {
  name: string;
  bound: BoundPart[];
  /** What arranges each part; its slices are told by the group's order. */
  steps: Adaptation[];
}

/** Throws UserError for parts that have no place in GGUF. */
export function groupsOf({ architecture, parts }: Model): Group[] {
  const groups = new Map<string, Group>();
  for (const of of placesOf(architecture)) {
    for (const part of architecture.parts(of)) {
      const bound = parts.get(part.name);
      const at = part.stored.gguf;
      if (!bound) continue;
      if (!at) throw new UserError(`${part.name} has no place in GGUF`);
      const group = groups.get(at.name);
      const steps = at.adapt.filter((step) => step.do !== "slice");
      if (group) group.bound.push(bound);
      else groups.set(at.name, { name: at.name, bound: [bound], steps });
    }
  }
  return [...groups.values()];
}

const isStack = ({ stored: { gguf } }: Part): boolean => gguf?.adapt[0]?.do === "slice";

/** The shape of a group's tensor, slowest dimension first. */
export const shapeOfGroup = ({ bound }: Group): number[] => {
  const [{ part }] = bound;
  return isStack(part) ? [bound.length, ...part.shape] : part.shape;
};

/** Types of 16 bits that hold the same values in another order. */
const SHORT = new Set(["F16", "BF16"]);

/** All tensors of a model under the names of GGUF. What is only renamed is copied as it lies; vectors are float32, as ggml's kernels want them. */
export function ggufTensors(model: Model): GgufTensor[] {
  // Tensors are written one after the other, each from its beginning: what was arranged last is all that is held.
  const last: { name: string; values: Promise<Float32Array> } = {
    name: "",
    values: Promise.resolve(new Float32Array()),
  };
  return groupsOf(model).map((group) => {
    const { name, bound, steps } = group;
    const [{ part, stored: at, adapted }] = bound;
    const source = model.source.tensor(at.tensor);
    const stack = isStack(part);
    const shape = shapeOfGroup(group);
    const vector = shape.length < 2;
    const asItLies = !stack && adapted === null && !at.view.transpose && steps.length === 0;
    if (asItLies && !vector) {
      const view = defaultView(shape);
      return { from: at.tensor, tensor: { ...source, info: { ...source.info, name, shape, view } } };
    }
    const exact = steps.every((step) => step.do !== "add");
    const dtype = exact && !vector && SHORT.has(source.info.dtype) ? source.info.dtype : "F32";
    const view = shape.length === 3 ? { split: 2, transpose: false } : defaultView(shape);
    const { bytes: _, stored: __, ...rest } = source.info;
    const whole = (signal?: AbortSignal) => {
      if (last.name !== name) {
        last.name = name;
        last.values = arranged(model, group, signal ?? new AbortController().signal);
        last.values.catch(() => {
          last.name = "";
        });
      }
      return last.values;
    };
    const tensor: Tensor = {
      info: { ...rest, name, dtype, shape, elements: countElements(shape), view },
      notes: source.notes,
      read: async (begin, end, signal) => (await whole(signal)).slice(begin, end),
    };
    return { from: at.tensor, tensor };
  });
}

/** The values of a group, each part arranged as GGUF has it, one after the other. */
async function arranged({ source }: Model, { bound, steps }: Group, signal: AbortSignal): Promise<Float32Array> {
  const length = countElements(bound[0].part.shape);
  const out = new Float32Array(bound.length * length);
  let [read, values] = ["", new Float32Array()];
  for (const [i, { part, stored: at, adapt }] of bound.entries()) {
    // Parts of a stack may lie in one tensor of the source as well.
    if (read !== at.tensor) values = (await readMatrix(source.tensor(at.tensor), at.view, signal)) as typeof values;
    read = at.tensor;
    out.set(stored(adapt(values), part.shape[0], steps), i * length);
  }
  return out;
}
