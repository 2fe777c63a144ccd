import type { SourceInfo } from "../../sources/info.ts";
import type { OpenSpec } from "../../sources/spec.ts";
import type { TensorInfo } from "../../tensors/info.ts";
import type { Job, Place } from "../job.ts";

export interface OpenRequest extends Place {
  /** A source, or a calibration, which has no tensors of its own. */
  spec: OpenSpec;
  /** The name that the source goes by from then on. */
  id: string;
}

/** Tensors in a message: a browser reads it in some ten milliseconds, and half a million at once in a second. */
export const TENSORS_PER_MESSAGE = 5000;

/** A long list of tensors is given in parts; what is left is the answer. */
export function giveTensors(info: SourceInfo, give: (tensors: TensorInfo[]) => void): SourceInfo {
  const { tensors } = info;
  if (tensors.length <= TENSORS_PER_MESSAGE) return info;
  for (let at = 0; at < tensors.length; at += TENSORS_PER_MESSAGE) give(tensors.slice(at, at + TENSORS_PER_MESSAGE));
  return { ...info, tensors: [] };
}

/** Opens a source. Where its tensors are many, they come in parts and the answer lists none. */
export const open: Job<OpenRequest, SourceInfo, TensorInfo[]> = {
  async work({ spec, id }, workbench, { signal, give }) {
    return giveTensors(await workbench.open(spec, id, signal), give);
  },
};
