/** `export FILE`: one tensor or a whole checkpoint through a recipe or a model recipe, written as a file. */
import { basename, dirname, extname, join } from "node:path";
import { parseArgs } from "node:util";
import { printable } from "../../kernels/text/printable.ts";
import { standardBackends } from "../backends/standard.ts";
import { formatBytes } from "../bytes/format-bytes.ts";
import type { OpenCalibration } from "../calibration/open.ts";
import { UserError } from "../errors/user-error.ts";
import { type FloatDtype, floatDtypes } from "../export/floats.ts";
import { type InputsOf, planFile } from "../export/plan.ts";
import { type FileFormat, type FileRequest, fileFormats } from "../export/request.ts";
import { saveFile } from "../export/save.ts";
import type { JobControl } from "../pace/pace.ts";
import { Runs } from "../runs/runs.ts";
import { CALIBRATION_OPTIONS, inputsOf, openCalibrationArgument } from "./calibration.ts";
import { MODULE_OPTIONS, openModules } from "./modules.ts";
import { RAW_OPTIONS, rawSpec } from "./raw.ts";
import { jsonLine, say, sayNotes } from "./say.ts";
import { chosenTensor, onlyFile, openArgument } from "./source.ts";
import { Outputs } from "./write.ts";

const CONFIG = "the configuration beside --out";

export async function exportFile(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      tensor: { type: "string" },
      reading: { type: "string" },
      recipe: { type: "string" },
      ...MODULE_OPTIONS,
      define: { type: "string", multiple: true, default: [] },
      format: { type: "string", default: "safetensors" },
      dtype: { type: "string" },
      "keep-unfit": { type: "boolean", default: false },
      out: { type: "string" },
      json: { type: "boolean", default: false },
      ...CALIBRATION_OPTIONS,
      ...RAW_OPTIONS,
    },
  });
  const { recipe, out, tensor, reading } = values;
  if (recipe === undefined) throw new UserError("export needs a recipe: --recipe int4/64:f16, or '*norm*=f32;*=q4_k'.");
  if (out === undefined) throw new UserError("export needs a place to write to: --out model.safetensors.");
  if (tensor === undefined && reading !== undefined)
    throw new UserError("--reading is of one tensor: name it with --tensor.");
  if (values["activations-recipe"] !== undefined)
    throw new UserError("--activations-recipe is of measuring: a file holds weights alone.");
  const source = await openArgument(onlyFile("export", positionals), { raw: rawSpec(values) });
  let calibration: OpenCalibration | null = null;
  try {
    calibration = await openCalibrationArgument(values);
    const modules = await openModules(values.wasm, values.define);
    const inputs = inputsFor(calibration, tensor === undefined);
    const chosen = tensor === undefined ? null : chosenTensor(source, tensor, { reading });
    const request: FileRequest = {
      source: source.info.id,
      tensor: chosen && { name: chosen.name, view: chosen.view },
      recipe,
      definitions: modules.definitions,
      format: formatNamed(values.format),
      dtype: dtypeNamed(values.dtype),
      unfit: values["keep-unfit"] ? "keep" : "refuse",
    };
    const started = performance.now();
    const outputs = new Outputs();
    await outputs.claim(out, "--out");
    const { summary } = await planFile(source, request, undefined, inputs);
    const config = summary.config === null ? null : configPath(out);
    if (config !== null) await outputs.claim(config, CONFIG);
    const runs = new Runs(standardBackends(null));
    const { bytes, notes } = await showingProgress((control) =>
      saveFile(source, request, () => outputs.open(out, "--out"), runs, control, inputs),
    );
    if (config !== null) await outputs.write(config, CONFIG, [new TextEncoder().encode(summary.config!)]);
    const seconds = (performance.now() - started) / 1000;
    const { quantized, kept, bitsPerWeight, recipe: canonical } = summary;
    const told = [...summary.notes, ...notes];
    if (values.json) {
      const line = { out, config, bytes, quantized, kept, bitsPerWeight, recipe: canonical, seconds, notes: told };
      process.stdout.write(jsonLine(line));
      return;
    }
    const beside = config === null ? "" : ` and ${config}`;
    say(
      `wrote ${out}${beside}: ${formatBytes(bytes)}, ${quantized} quantized, ${kept} kept, ${bitsPerWeight.toFixed(3)} bits a weight`,
    );
    sayNotes(told);
  } finally {
    calibration?.close();
    source.close();
  }
}

/** What is known of the inputs of each weight, read when it is written. */
function inputsFor(calibration: OpenCalibration | null, several: boolean): InputsOf | null {
  if (!calibration) return null;
  return (weight) => ({ key: calibration.info.label, open: () => inputsOf(calibration, weight, several) });
}

function formatNamed(name: string): FileFormat {
  const format = fileFormats.find((known) => known === name);
  if (format) return format;
  throw new UserError(`There is no format "${name}" to write. There are ${fileFormats.join(", ")}.`);
}

function dtypeNamed(name: string | undefined): FloatDtype | null {
  if (name === undefined) return null;
  const dtype = floatDtypes.find((known) => known === name.toUpperCase());
  if (dtype) return dtype;
  throw new UserError(`There is no type "${name}" for results. There are ${floatDtypes.join(", ").toLowerCase()}.`);
}

/** `model.safetensors` has its config in `model.config.json`; a config.json that is there may be the model's own. */
function configPath(out: string): string {
  return join(dirname(out), `${basename(out, extname(out))}.config.json`);
}

/** Runs a job. On a terminal it says how far it is. */
async function showingProgress<T>(work: (control: JobControl) => Promise<T>): Promise<T> {
  const terminal = process.stderr.isTTY;
  const clear = "\r\u001b[K";
  try {
    return await work({
      signal: new AbortController().signal,
      progress({ done, total, phase }) {
        if (terminal)
          process.stderr.write(`${clear}${formatBytes(done)} of ${formatBytes(total)}: ${printable(phase)}`);
      },
    });
  } finally {
    if (terminal) process.stderr.write(clear);
  }
}
