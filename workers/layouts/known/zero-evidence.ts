import type { Tensor } from "../../tensors/tensor.ts";
import { elementBytes } from "../bytes.ts";
import type { Config } from "../config.ts";
import type { Surroundings } from "../layout.ts";

/** Words of zero points that are looked at. */
const SAMPLE = 256;

/** What a checkpoint's zero points show: one value for all, or `null` where they differ. By bits, as some mix widths. */
const known = new WeakMap<object, Map<number, Promise<number | null>>>();

/**
 * The stored zero point that all of a sample have, or null. Looked at once for each checkpoint and width, in the weight that
 * is asked about first: a program treats all weights alike, and a file on a server is asked once.
 */
export function uniformZero(zeros: Tensor, bits: number, { metadata, signal }: Surroundings): Promise<number | null> {
  const own = known.get(metadata) ?? new Map<number, Promise<number | null>>();
  known.set(metadata, own);
  const found = own.get(bits) ?? sample(zeros, bits, signal);
  own.set(bits, found);
  // Whoever asked first may have cancelled.
  found.catch(() => own.delete(bits));
  return found;
}

async function sample(zeros: Tensor, bits: number, signal?: AbortSignal): Promise<number | null> {
  // Of 3 bits, 32 values fill 3 words; whole rows are multiples of that.
  const words = Math.min(SAMPLE - (SAMPLE % bits), zeros.info.elements);
  const bytes = await elementBytes(zeros, 0, words, signal);
  const count = Math.floor((32 * words) / bits);
  const mask = 2 ** bits - 1;
  const at = (i: number) => {
    const bit = i * bits;
    return ((bytes[bit >> 3] | ((bytes[(bit >> 3) + 1] ?? 0) << 8)) >> (bit & 7)) & mask;
  };
  if (count === 0) return null;
  const first = at(0);
  for (let i = 1; i < count; i++) if (at(i) !== first) return null;
  return first;
}

export interface ZeroVerdict {
  version: "v1" | "v2";
  /** Whether every zero point is the middle of the range. */
  symmetric: boolean;
  /** What the configuration says against it, in a sentence; null where nothing does. */
  doubt: string | null;
}

/**
 * How GPTQ's zero points are to be read. A configuration says it by `checkpoint_format` and, of symmetric codes, by `sym`; the
 * zero points show it where all are the middle in one of the versions. Where these contradict each other, what most of them
 * agree on is taken.
 */
export function judgeZeros(config: Config, uniform: number | null, bits: number): ZeroVerdict {
  const format = config.at("checkpoint_format");
  const said = format === "gptq_v2" ? "v2" : format === "gptq" ? "v1" : null;
  const middle = 2 ** (bits - 1);
  const shown = uniform === middle ? "v2" : uniform === middle - 1 ? "v1" : null;
  const sym = config.at("sym");
  // A file may say that it is symmetric; then the zero points must be the middle.
  const votes = [said, shown, sym === true ? shown : null];
  const count = (version: string) => votes.filter((vote) => vote === version).length;
  const version =
    count("v2") > count("v1") && !(said === null && sym === false)
      ? "v2"
      : count("v1") > count("v2")
        ? "v1"
        : (said ?? "v1");
  const symmetric = shown === version;
  const file = config.file ?? "the configuration";
  const how = version === "v2" ? "as they are (version 2)" : "less one (version 1)";
  const read = `every stored zero point is ${uniform}${sym === true ? " and sym is true" : ""}, so they are read as stored ${how}`;
  if (said !== null && said !== version)
    return { version, symmetric, doubt: `${file} says checkpoint_format "${format}", but ${read}` };
  if (said === null && version === "v2")
    return { version, symmetric, doubt: `Nothing says how zero points are stored; ${read}` };
  if (sym === true && !symmetric)
    return { version, symmetric, doubt: `${file} says sym: true, but zero points are not all the middle of the range` };
  return { version, symmetric, doubt: null };
}
