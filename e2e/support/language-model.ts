/** The bundled language model as other programs keep it: a Hugging Face folder, and a GGUF file as llama.cpp takes it. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { write } from "./files.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const sample = join(root, "public/samples/small-llama");

/** A folder with checkpoint, config and tokenizer, and nothing else. Returns its path. */
export function huggingFaceFolder(name: string): string {
  const files = ["model.safetensors", "config.json", "tokenizer.json"].map((file) =>
    write(`${name}/${file}`, readFileSync(join(sample, file))),
  );
  return dirname(files[0]);
}

/** The same model as a GGUF file, by the project's own writer. Returns its path. */
export function ggufModel(name: string): string {
  const path = write(name, new Uint8Array());
  const options = ["--format", "gguf", "--recipe", "*=keep", "--out", path];
  const args = ["--import", "tsx", "workers/cli/main.ts", "export", "sample:small-llama", ...options];
  execFileSync(process.execPath, args, { cwd: root });
  return path;
}
