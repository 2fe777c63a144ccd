/**
 * llama.cpp's importance matrix of what was captured, in both forms that `workers/calibration/imatrix` reads.
 *
 * From tools/imatrix/imatrix.cpp of https://github.com/ggml-org/llama.cpp.
 */
import { ggufWeightName } from "../calibration/imatrix/names.ts";
import { ggufFile } from "../export/gguf.ts";
import { textListPair, textPair, uint32Pair } from "../export/gguf-pairs.ts";
import type { Model } from "../models/model.ts";
import { bytesOf } from "./arrays.ts";
import type { CapturedCalibration } from "./capture.ts";

/** Squares of the inputs of one weight, or of one expert of a weight that holds several. */
export interface ImatrixSum {
  /** As GGUF files spell it. */
  name: string;
  /** Of a weight of several experts: which this is. */
  expert: number | null;
  /** Mean of x^2 by column. */
  meanSquare: Float64Array;
  tokens: number;
}

/** The entries of an input, one for each weight that meets it; none for weights that GGUF has no name for. */
export function sumsOf(
  { parts }: Pick<Model, "parts">,
  { input, calibration, expertTokens }: CapturedCalibration,
): ImatrixSum[] {
  const { cols, sites } = input;
  const { experts } = calibration;
  const out = new Map<string, ImatrixSum>();
  sites.forEach((site, s) => {
    const meanSquare = experts ? experts.meanSquare.slice(s * cols, (s + 1) * cols) : calibration.meanSquare;
    const tokens = (experts ? expertTokens?.[s] : calibration.tokens) ?? 0;
    for (const reader of site.readers) {
      const bound = parts.get(reader);
      if (!bound || ![input.name, ...input.shared].includes(bound.stored.tensor)) continue;
      const name = bound.part.stored.gguf?.name ?? ggufWeightName(bound.stored.tensor);
      const slice = bound.part.stored.gguf?.adapt.find((one) => one.do === "slice");
      if (name === null) continue;
      const expert = site.expert !== undefined && slice ? slice.index : null;
      const idle = new Float64Array(cols).fill(1);
      out.set(`${name} ${expert}`, { name, expert, meanSquare: meanSquare ?? idle, tokens });
    }
  });
  return [...out.values()];
}

/** An entry of a file: a matrix of sums for each expert, one for a weight without. */
interface Entry {
  name: string;
  cols: number;
  /** Sums of x^2 over tokens, rounded once to float32. */
  sums: Float32Array;
  tokens: number[];
  means: Float32Array;
}

function entriesOf(sums: readonly ImatrixSum[]): Entry[] {
  const names = [...new Set(sums.map(({ name }) => name))];
  return names.map((name) => {
    const shares = sums.filter((one) => one.name === name);
    const cols = shares[0].meanSquare.length;
    const of = 1 + Math.max(...shares.map(({ expert }) => expert ?? 0));
    const entry: Entry = {
      ...{ name, cols, sums: new Float32Array(of * cols), tokens: Array(of).fill(0) },
      // What a weight of several experts counts for those that met no token.
      means: new Float32Array(of * cols).fill(1),
    };
    for (const { expert, meanSquare, tokens } of shares) {
      const at = (expert ?? 0) * cols;
      entry.tokens[expert ?? 0] = tokens;
      for (let c = 0; c < cols; c++) {
        entry.sums[at + c] = tokens * meanSquare[c];
        if (tokens > 0) entry.means[at + c] = meanSquare[c];
      }
    }
    return entry;
  });
}

/** What a file says of its making: chunks are windows. */
export interface ImatrixFacts {
  text: string;
  windows: number;
  tokens: number;
}

/** The GGUF form: `NAME.in_sum2` and `NAME.counts` for each weight, all F32. */
export function ggufImatrix(
  sums: readonly ImatrixSum[],
  { text, windows, tokens }: ImatrixFacts,
): Uint8Array<ArrayBuffer> {
  const arrays = entriesOf(sums).flatMap(({ name, cols, sums, tokens }) => [
    { name: `${name}.in_sum2`, shape: [tokens.length, cols], values: sums },
    { name: `${name}.counts`, shape: [tokens.length, 1], values: Float32Array.from(tokens) },
  ]);
  const tensors = arrays.map(({ name, shape, values }) => ({
    ...{ name, quantized: false, arrays: [{ name, dtype: "F32", shape, bytes: values.byteLength }] },
    async *pieces() {},
  }));
  const file = ggufFile(tensors, [
    textPair("general.type", "imatrix"),
    textListPair("imatrix.datasets", [text]),
    uint32Pair("imatrix.chunk_count", windows),
    uint32Pair("imatrix.chunk_size", tokens),
  ]);
  const out = new Uint8Array(file.bytes);
  out.set(file.head);
  file.tensors.forEach(({ begins }, i) => {
    out.set(bytesOf(arrays[i].values), begins[0]);
  });
  return out;
}

/** The form before GGUF: sums are means times the number of chunks. */
export function datImatrix(sums: readonly ImatrixSum[], { text, windows }: ImatrixFacts): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const int32 = (value: number) => parts.push(bytesOf(Int32Array.of(value)));
  const put = (value: string) => {
    const bytes = new TextEncoder().encode(value);
    int32(bytes.length);
    parts.push(bytes);
  };
  const entries = entriesOf(sums);
  int32(entries.length);
  for (const { name, means } of entries) {
    put(name);
    int32(windows);
    int32(means.length);
    parts.push(bytesOf(means.map((mean) => Math.fround(mean * windows))));
  }
  int32(windows);
  put(text);
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
