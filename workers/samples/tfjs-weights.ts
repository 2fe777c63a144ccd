import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Weight } from "./onnx-weights.ts";

interface WeightGroup {
  paths: string[];
  weights: { name: string; shape: number[]; dtype: string }[];
}

/** The weights of a TensorFlow.js layers model: `model.json` lists them in the order of their bytes in the shards. */
export function tfjsWeights(modelPath: string): Weight[] {
  const { weightsManifest } = JSON.parse(readFileSync(modelPath, "utf8")) as { weightsManifest: WeightGroup[] };
  return weightsManifest.flatMap(({ paths, weights }) => {
    const bytes = Buffer.concat(paths.map((path) => readFileSync(join(dirname(modelPath), path))));
    let at = 0;
    const read = weights.map(({ name, shape, dtype }) => {
      if (dtype !== "float32") throw new Error(`${name}: dtype ${dtype}`);
      const length = 4 * shape.reduce((product, size) => product * size, 1);
      at += length;
      return { name, shape, bytes: bytes.subarray(at - length, at) };
    });
    if (at !== bytes.length) throw new Error(`${modelPath}: ${bytes.length} bytes of weights, ${at} described`);
    return read;
  });
}
