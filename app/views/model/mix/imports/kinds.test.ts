import { expect, it } from "vitest";
import { kindOf } from "./kinds.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

it.each([
  ["q.gguf", "GGUF\u0003\u0000\u0000\u0000general.architecture\u0000llama", "checkpoint"],
  ["i.gguf", "GGUF\u0003\u0000general.type\u0008\u0000imatrix\u0000imatrix.datasets", "imatrix"],
  ["imatrix.dat", "\u0001\u0000\u0000\u0000\u0012\u0000\u0000\u0000blk.0", "imatrix"],
  ["scores.json", ' {"kind":"quantscope-scores"}', "scores"],
  ["m_sensitivities.json", '[["model.layers.0", 1]]', "scores"],
  ["model.safetensors", "\u0040\u0000\u0000\u0000\u0000\u0000\u0000\u0000{}", "checkpoint"],
  ["run.log", "====== Perplexity statistics ======", "log"],
  ["out", "Mean    KLD:   0.1", "log"],
  ["picture.png", "\u0089PNG\u000d\u000a\u001a\u000a\u0000", "nothing"],
  ["empty", "", "nothing"],
] as const)("%s", (name, head, kind) => expect(kindOf(name, bytes(head))).toBe(kind));
