import { readdirSync, readFileSync } from "node:fs";
import { readSafetensors } from "../../testing/safetensors.ts";
import { sharedFile } from "../../testing/shared.ts";

/** A small checkpoint that transformers wrote, and what it computed on it. */
export interface GoldenModel {
  config: Record<string, unknown>;
  /** Tensors by name: vectors are one row. */
  tensors: Map<string, { rows: number; cols: number; values: Float32Array }>;
  expected: { ids: number[]; last_logits: number[]; nll: number; hidden_norms: number[] };
}

/** Names of the golden checkpoints; none where the data is absent. */
export function goldenModels(): string[] {
  const folder = sharedFile("golden/models");
  return folder ? readdirSync(folder).filter((name) => !name.includes(".")) : [];
}

export function readGolden(name: string): GoldenModel {
  const folder = sharedFile(`golden/models/${name}`)!;
  const json = (file: string) => JSON.parse(readFileSync(`${folder}/${file}`, "utf8"));
  return {
    config: json("config.json"),
    expected: json("expected.json"),
    tensors: new Map(readSafetensors(`${folder}/model.safetensors`).map((one) => [one.name, one])),
  };
}
