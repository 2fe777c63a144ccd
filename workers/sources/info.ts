import type { Licence } from "../checkpoints/checkpoint.ts";
import type { TensorInfo } from "../tensors/info.ts";

/** Identifies a local file without its content leaving the machine. */
export interface Fingerprint {
  name: string;
  size: number;
  /** SHA-256 (hex, first 16 bytes) of the header and a few slices. */
  digest: string;
}

export interface SourceInfo {
  id: string;
  label: string;
  /** "safetensors", "npy", "generator" ... */
  kind: string;
  tensors: TensorInfo[];
  /** Things to tell once: skipped files, metadata worth reading, a licence. */
  notes: string[];
  /** One a file, for links. */
  fingerprints: Fingerprint[];
  metadata: Record<string, string>;
  /** Activations that were captured of its model: tensors of the calibration that is open beside it, by that one's name. */
  activations?: { source: string; tensors: TensorInfo[] };
  licence?: Licence;
  /** Where it is read from over the network, pinned to a commit where the site has such: what a link holds. */
  address?: string;
}
