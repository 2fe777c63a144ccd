/** `capture MODEL --text FILE --out DIR`: what linear layers meet while text runs, as calibrations, and as llama.cpp's imatrix. */
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatBytes } from "../bytes/format-bytes.ts";
import { layerFile } from "../capture/file.ts";
import { datImatrix, ggufImatrix } from "../capture/imatrix.ts";
import { type CaptureSpec, captureText, prepareCapture, usualCapture } from "../capture/run.ts";
import { UserError } from "../errors/user-error.ts";
import { runnable } from "../models/runnable.ts";
import { type OriginText, textOf } from "../models/text/origin.ts";
import { readText } from "../models/text/spec.ts";
import type { JobControl } from "../pace/pace.ts";
import { openFilesAt } from "../sources/node.ts";
import type { OpenSource } from "../sources/open.ts";
import { deviceArgument, setupFor } from "./model-machine.ts";
import { MODULE_OPTIONS, openModules } from "./modules.ts";
import { jsonLine, say, sayNotes } from "./say.ts";
import { onlyFile, openArgument } from "./source.ts";
import { Outputs } from "./write.ts";

export async function captureInputs(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      text: { type: "string" },
      part: { type: "string" },
      characters: { type: "string" },
      out: { type: "string" },
      windows: { type: "string" },
      tokens: { type: "string" },
      seed: { type: "string" },
      rows: { type: "string" },
      sequential: { type: "string" },
      gradients: { type: "boolean", default: false },
      attention: { type: "boolean", default: false },
      only: { type: "string" },
      budget: { type: "string" },
      imatrix: { type: "string" },
      define: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
      ...MODULE_OPTIONS,
      device: { type: "string" },
    },
  });
  const { out, imatrix, json } = values;
  if (out === undefined && imatrix === undefined) {
    throw new UserError("capture writes a folder or an importance matrix: --out DIR, --imatrix FILE, or both.");
  }
  if (values.wasm.length > 0 && values.sequential === undefined) {
    throw new UserError("--wasm goes with --sequential, whose recipe names the module.");
  }
  const modules = await openModules(values.wasm, values.define);
  const spec: CaptureSpec = {
    windows: wholeOf("--windows", values.windows, usualCapture.windows),
    tokens: wholeOf("--tokens", values.tokens, usualCapture.tokens),
    seed: wholeOf("--seed", values.seed, usualCapture.seed, 0),
    keep: wholeOf("--rows", values.rows, usualCapture.keep),
    sequential: values.sequential ?? null,
    gradients: values.gradients,
    attention: values.attention,
    only: values.only ?? null,
    definitions: modules.definitions,
    budget: bytesOf(values.budget, usualCapture.budget),
  };
  const device = deviceArgument(values.device);
  const outputs = new Outputs();
  if (out !== undefined) await emptyFolder(out);
  if (imatrix !== undefined) await outputs.claim(imatrix, "--imatrix");
  const source = await openArgument(onlyFile("capture", positionals));
  const control: JobControl = { signal: new AbortController().signal, progress() {} };
  const began = performance.now();
  try {
    const text = await textFor(values, source);
    const { setup, end } = await setupFor(source, device, null);
    try {
      runnable(setup.model);
      const running = await setup.running(device);
      const { runs } = setup;
      const { plan } = await prepareCapture(running.model, text, spec, runs, control.signal);
      const passes = Math.max(...plan.layers.map((layer) => layer.passes.length));
      const files: string[] = [];
      let bytes = 0;
      const summary = await captureText(running, text, spec, runs, control, async (layer, facts) => {
        if (out === undefined) return;
        const file = layerFile(layer, facts);
        files.push(layer.name);
        bytes += file.bytes;
        await outputs.write(join(out, layer.name), layer.name, file.pieces);
      });
      if (imatrix !== undefined) {
        const facts = { text: text.label, windows: Number(summary.metadata.windows), tokens: spec.tokens };
        const write = imatrix.endsWith(".dat") ? datImatrix : ggufImatrix;
        await outputs.write(imatrix, "--imatrix", [write(summary.imatrix, facts)]);
      }
      const seconds = (performance.now() - began) / 1000;
      const { digest, inputs, weights, tokens, energy, notes } = summary;
      const modelNotes = [...running.model.notes, ...modules.notes, ...notes];
      const facts = { model: source.info.label, text: text.label, characters: [text.from, text.to] };
      if (json) {
        const ran = {
          windows: Number(summary.metadata.windows),
          tokens,
          seed: spec.seed,
          network: running.network.about,
        };
        const made = { inputs, weights, passes, energy, digest, bytes, files, seconds };
        process.stdout.write(jsonLine({ ...facts, ...ran, ...made, notes: modelNotes }));
        return;
      }
      say(`model     ${facts.model}: ${running.model.architecture.about}`);
      say(`text      ${facts.text}, characters ${text.from} to ${text.to}`);
      say(
        `tokens    ${tokens}, ${summary.metadata.windows} windows of the text's ${summary.metadata["windows in all"]}`,
      );
      say(`captured  ${inputs} inputs of ${weights} weights${passes > 1 ? `, in up to ${passes} passes a layer` : ""}`);
      say(`sha256    ${digest}`);
      if (out !== undefined) say(`written   ${files.length} files in ${out}, ${formatBytes(bytes)}`);
      if (imatrix !== undefined) say(`written   ${imatrix}, ${summary.imatrix.length} entries`);
      say(`seconds   ${seconds.toFixed(1)}, ${running.network.about}`);
      sayNotes(modelNotes);
    } finally {
      await end();
    }
  } finally {
    source.close();
  }
}

/** A whole number; `least` and more. Throws UserError. */
function wholeOf(option: string, text: string | undefined, usual: number, least = 1): number {
  if (text === undefined) return usual;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value < 2 ** 32) return value;
  throw new UserError(`${option} is a whole number from ${least} on, not "${text}".`);
}

/** `1GB`, `500MB`, or bytes. Throws UserError. */
function bytesOf(text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*(kB|MB|GB)?$/i.exec(text) ?? [];
  if (number === undefined) throw new UserError(`--budget is a size such as 500MB or 2GB, not "${text}".`);
  const factors: Record<string, number> = { "": 1, kb: 1e3, mb: 1e6, gb: 1e9 };
  return Number(number) * factors[unit.toLowerCase()];
}

/** A folder without files, made where there is none. Rejects with UserError. */
async function emptyFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    const held = await readdir(path);
    if (held.length === 0) return;
    throw new UserError(`--out: ${path} holds ${held.length} files already. Name a new folder, or an empty one.`);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`--out: ${path} cannot be a folder: ${(error as Error).message}.`);
  }
}

/** The text that `--text` names, or a part of what lies beside the model: what calibrates, where nothing is said. Rejects with UserError. */
async function textFor(
  { text: path, part, characters }: { text?: string; part?: string; characters?: string },
  source: OpenSource,
): Promise<OriginText> {
  if (part !== undefined && path !== undefined) throw new UserError("--text and --part exclude each other.");
  if (path === undefined) {
    if (characters !== undefined) throw new UserError("--characters is of a text: name it with --text FILE.");
    if (part !== undefined && part !== "judge" && part !== "calibrate") {
      throw new UserError(`--part is judge or calibrate, of the text that lies beside the model, not "${part}".`);
    }
    return readText({ kind: "bundled", part: part ?? "calibrate" }, source);
  }
  const files = await openFilesAt(path);
  try {
    if (files.length !== 1) throw new UserError(`--text: ${path} is a folder with ${files.length} files: name a file.`);
    const bytes = await files[0].slice(0, files[0].size);
    const whole = await readText(
      { kind: "file", file: new Blob([bytes as Uint8Array<ArrayBuffer>]), name: files[0].name },
      source,
    );
    if (characters === undefined) return whole;
    const [, from, to] = /^(\d*)-(\d*)$/.exec(characters) ?? [];
    if (from === undefined)
      throw new UserError(`--characters is a range such as 40000-120000, or 40000-, not "${characters}".`);
    const [begin, end] = [Number(from), to === "" ? whole.text.length : Number(to)];
    if (begin >= Math.min(end, whole.text.length)) {
      throw new UserError(`--characters ${characters}: ${path} has ${whole.text.length} characters.`);
    }
    return textOf(whole.text, whole.label, begin, end);
  } finally {
    for (const file of files) await file.close();
  }
}
