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
import type { JobControl } from "../pace/pace.ts";
import { bytesArgument, wholeArgument } from "./amounts.ts";
import { deviceArgument, setupFor } from "./model-machine.ts";
import { TEXT_OPTIONS, textArgument } from "./model-text.ts";
import { MODULE_OPTIONS, openModules } from "./modules.ts";
import { jsonLine, say, sayNotes } from "./say.ts";
import { onlyFile, openArgument } from "./source.ts";
import { Outputs } from "./write.ts";

export async function captureInputs(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...TEXT_OPTIONS,
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
    windows: wholeArgument("--windows", values.windows, usualCapture.windows),
    tokens: wholeArgument("--tokens", values.tokens, usualCapture.tokens),
    seed: wholeArgument("--seed", values.seed, usualCapture.seed, 0),
    keep: wholeArgument("--rows", values.rows, usualCapture.keep),
    sequential: values.sequential ?? null,
    gradients: values.gradients,
    attention: values.attention,
    only: values.only ?? null,
    definitions: modules.definitions,
    budget: bytesArgument("--budget", values.budget, usualCapture.budget),
  };
  const device = deviceArgument(values.device);
  const outputs = new Outputs();
  if (out !== undefined) await emptyFolder(out);
  if (imatrix !== undefined) await outputs.claim(imatrix, "--imatrix");
  const source = await openArgument(onlyFile("capture", positionals));
  const control: JobControl = { signal: new AbortController().signal, progress() {} };
  const began = performance.now();
  try {
    const text = await textArgument(values, source, "calibrate");
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
