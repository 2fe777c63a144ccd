/**
 * The weights manifest of TensorFlow.js: groups of weights, each group in the concatenation of its shards, one weight after
 * the other. Layout: https://github.com/tensorflow/tfjs, tfjs-core/src/io/types.ts.
 */
import { UserError } from "../../errors/user-error.ts";
import type { Json } from "../json.ts";
import { MAX_DIMENSIONS, MAX_NAME, MAX_TENSORS } from "../limits.ts";

export interface Affine {
  /** "uint8" or "uint16"; "float16" has neither scale nor minimum. */
  dtype: string;
  scale: number;
  min: number;
}

export interface Weight {
  name: string;
  shape: number[];
  dtype: string;
  /** How the values are stored, where not plainly. */
  quantization: Affine | null;
  /** Why it cannot be read, where the manifest itself tells. */
  problem?: string;
}

export interface WeightGroup {
  paths: string[];
  weights: Weight[];
}

/** The groups of a manifest. `file` is its file's name. Throws UserError where its form is not a manifest's. */
export function readManifest(file: string, manifest: Json | undefined): WeightGroup[] {
  const wrong = (what: string) =>
    new UserError(`${file}: ${what}. It is no weights manifest of TensorFlow.js, or is damaged.`);
  if (!Array.isArray(manifest)) throw wrong("weightsManifest is not a list");
  let count = 0;
  return manifest.map((group, number) => {
    const where = `group ${number + 1} of the weights manifest`;
    const paths = group instanceof Map ? group.get("paths") : undefined;
    const weights = group instanceof Map ? group.get("weights") : undefined;
    if (!Array.isArray(paths) || !paths.every((path) => typeof path === "string"))
      throw wrong(`${where} has no list of paths`);
    if (!Array.isArray(weights)) throw wrong(`${where} has no list of weights`);
    count += weights.length;
    if (count > MAX_TENSORS) throw new UserError(`${file}: the weights manifest has more than ${MAX_TENSORS} weights.`);
    return {
      paths: paths as string[],
      weights: weights.map((weight, i) => readWeight(weight, `${where}, weight ${i + 1},`, wrong)),
    };
  });
}

function readWeight(weight: Json, where: string, wrong: (what: string) => UserError): Weight {
  if (!(weight instanceof Map)) throw wrong(`${where} is not an object`);
  const name = weight.get("name");
  const shape = weight.get("shape");
  const dtype = weight.get("dtype");
  if (typeof name !== "string" || name.length > MAX_NAME)
    throw wrong(`${where} has no name of at most ${MAX_NAME} characters`);
  if (typeof dtype !== "string") throw wrong(`${where} has no dtype`);
  if (!Array.isArray(shape) || shape.length > MAX_DIMENSIONS || !shape.every(isSize))
    throw wrong(`${where} has no shape of non-negative integers`);
  const known: Weight = { name, shape: shape as number[], dtype, quantization: null };
  const quantization = weight.get("quantization");
  return quantization instanceof Map ? { ...known, ...readQuantization(quantization) } : known;
}

function readQuantization(given: Map<string, Json>): Pick<Weight, "quantization" | "problem"> {
  const dtype = given.get("dtype");
  const scale = given.get("scale");
  const min = given.get("min");
  if (dtype === "float16") return { quantization: { dtype, scale: 1, min: 0 } };
  if ((dtype === "uint8" || dtype === "uint16") && typeof scale === "number" && typeof min === "number")
    return { quantization: { dtype, scale, min } };
  return {
    quantization: null,
    problem: "is quantized in a way that is not known: not uint8 or uint16 with scale and min, nor float16",
  };
}

function isSize(value: Json): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
