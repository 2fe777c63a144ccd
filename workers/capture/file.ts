/** A captured layer as a safetensors file, which `workers/calibration/capture.ts` reads. */
import { safetensorsFile } from "../export/safetensors.ts";
import { arraysOf, bytesOf, type CapturedArray, digestOf, gradientsArray } from "./arrays.ts";
import type { CapturedLayer } from "./capture.ts";
import { digestEntry } from "./metadata.ts";

export interface LayerFile {
  name: string;
  /** What lies in it, one after the other. */
  pieces: Uint8Array<ArrayBuffer>[];
  bytes: number;
  metadata: Record<string, string>;
}

const nameOf = ({ layer, gradients }: CapturedLayer, layers: number): string => {
  const number = layer === "ends" ? "head" : String(layer).padStart(String(layers - 1).length, "0");
  return `${gradients.length > 0 ? "gradients" : "inputs"}-${number}.safetensors`;
};

/** The file of a layer among `layers`; null where nothing was captured in it. `facts`: what stands in every file. */
export async function layerFile(
  captured: CapturedLayer,
  layers: number,
  facts: Record<string, string>,
  pace: () => Promise<void>,
): Promise<LayerFile | null> {
  const metadata = { ...facts };
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
  if (arrays.length === 0) return null;
  const wide = arrays.toSorted((a, b) => Number(a.dtype === "F32") - Number(b.dtype === "F32"));
  const specs = wide.map(({ name, dtype, shape, values }) => ({ name, dtype, shape, bytes: values.byteLength }));
  const { head, bytes } = safetensorsFile(
    [{ name: "", arrays: specs, quantized: false, async *pieces() {} }],
    metadata,
  );
  const pieces = [head, ...wide.map(({ values }) => bytesOf(values))];
  return { name: nameOf(captured, layers), pieces, bytes, metadata };
}
