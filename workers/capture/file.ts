/** What was captured as safetensors files, which `workers/calibration/capture.ts` reads. */
import { digestEntry } from "../calibration/digests.ts";
import type { ArraySpec } from "../export/output.ts";
import { safetensorsFile } from "../export/safetensors.ts";
import { arraysOf, bytesOf, type CapturedArray, digestOf, gradientsArray } from "./arrays.ts";
import type { CapturedLayer } from "./capture.ts";

/** What of a layer goes into a file. */
export interface LayerArrays {
  /** Of a file of its own. */
  name: string;
  arrays: CapturedArray[];
  /** What the file says of them beside what stands in every file: digests, and who shares inputs. */
  metadata: Record<string, string>;
}

const nameOf = ({ layer, gradients }: CapturedLayer, layers: number): string => {
  const number = layer === "ends" ? "head" : String(layer).padStart(String(layers - 1).length, "0");
  return `${gradients.length > 0 ? "gradients" : "inputs"}-${number}.safetensors`;
};

/** The arrays of a layer among `layers`; none where nothing was captured in it. */
export async function layerArrays(
  captured: CapturedLayer,
  layers: number,
  pace: () => Promise<void>,
): Promise<LayerArrays> {
  const metadata: Record<string, string> = {};
  const arrays: CapturedArray[] = [];
  for (const { input, calibration } of captured.inputs) {
    // An expert of its own that met no token.
    if (calibration.tokens === 0) continue;
    const own = arraysOf(input.name, calibration);
    const [key, digest] = digestEntry(input.name, await digestOf(own, pace));
    metadata[key] = digest;
    for (const other of input.shared) metadata[`inputs of ${other}`] = input.name;
    arrays.push(...own);
  }
  for (const { name, gram } of captured.gradients) {
    const one = gradientsArray(name, gram);
    const [key, digest] = digestEntry(one.name, await digestOf([one], pace));
    metadata[key] = digest;
    arrays.push(one);
  }
  for (const { site, rows, values } of captured.attention) {
    arrays.push({ name: site.name, dtype: "F32", shape: [rows, site.cols], values });
  }
  return { name: nameOf(captured, layers), arrays, metadata };
}

/** An array whose values lie somewhere. */
export interface PlacedArray<T> extends Omit<CapturedArray, "values"> {
  bytes: number;
  values: T;
}

/** A file of arrays: its head, and their values in the order in which they follow it without a gap. */
export function fileOf<T>(
  arrays: readonly PlacedArray<T>[],
  metadata: Record<string, string>,
): { head: Uint8Array<ArrayBuffer>; values: T[]; bytes: number } {
  // The writer puts wide elements first: so they are given.
  const wide = arrays.toSorted((a, b) => Number(a.dtype === "F32") - Number(b.dtype === "F32"));
  const specs: ArraySpec[] = wide.map(({ name, dtype, shape, bytes }) => ({ name, dtype, shape, bytes }));
  const tensor = { name: "", arrays: specs, quantized: false, async *pieces() {} };
  const { head, bytes } = safetensorsFile([tensor], metadata);
  return { head, values: wide.map(({ values }) => values), bytes };
}

/** The pieces of a layer's own file. */
export function layerFile({ arrays, metadata }: LayerArrays, facts: Record<string, string>) {
  const placed = arrays.map((one) => ({ ...one, bytes: one.values.byteLength }));
  const { head, values, bytes } = fileOf(placed, { ...facts, ...metadata });
  return { pieces: [head, ...values.map(bytesOf)], bytes };
}
