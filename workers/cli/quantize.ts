/**
 * `quantize FILE`: a recipe applied to one tensor or to all, or a model recipe that gives each tensor its own; reported, and
 * written as npy files where asked.
 */
import { parseArgs } from "node:util";
import type { Quantized } from "../../kernels/engine/types.ts";
import { parseDefinition, printRecipe } from "../../kernels/notation/index.ts";
import type { BackendName } from "../../kernels/report/report.ts";
import { standardBackends } from "../backends/standard.ts";
import type { OpenCalibration } from "../calibration/open.ts";
import { UserError } from "../errors/user-error.ts";
import { arrayPieces, scaleArrays } from "../export/arrays.ts";
import { type Rules, readRules } from "../export/rules.ts";
import { Runs } from "../runs/runs.ts";
import type { OpenSource } from "../sources/open.ts";
import type { TensorInfo } from "../tensors/info.ts";
import { withoutSmall } from "../tensors/small.ts";
import { CALIBRATION_OPTIONS, inputsOf, openCalibrationArgument } from "./calibration.ts";
import { type CommandQuantizer, openQuantizer, QUANTIZER_OPTIONS } from "./command/quantizer.ts";
import { dawnGpu } from "./dawn.ts";
import { oneLine } from "./failure.ts";
import { ModelTotal } from "./model-total.ts";
import { MODULE_OPTIONS, openModules } from "./modules.ts";
import { type Others, openOthers } from "./others.ts";
import { RAW_OPTIONS, rawSpec } from "./raw.ts";
import { emptyNote, manyTable, oneTable, reportLine, totalLine, totalText } from "./report-text.ts";
import { complain, say } from "./say.ts";
import { chosenTensor, onlyFile, openArgument } from "./source.ts";
import { Outputs, scalePath } from "./write.ts";

const BACKENDS: readonly BackendName[] = ["reference", "wasm", "webgpu"];

interface Options {
  rules: Rules;
  definitions: string[];
  /** What is said with every report. */
  notes: string[];
  /** Checkpoints beside the source. */
  others: Others;
  /** A program of the reader's that quantizes. */
  command: CommandQuantizer | null;
  calibration: OpenCalibration | null;
  /** How activations are quantized beside the weight. */
  activations: string | undefined;
  /** `null` takes what the page takes on a machine without a GPU. */
  backend: BackendName | null;
  json: boolean;
  out?: string;
  codes?: string;
  scales?: string;
}

export async function quantize(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      tensor: { type: "string" },
      reading: { type: "string" },
      all: { type: "boolean", default: false },
      recipe: { type: "string" },
      define: { type: "string", multiple: true, default: [] },
      other: { type: "string", multiple: true, default: [] },
      ...QUANTIZER_OPTIONS,
      ...MODULE_OPTIONS,
      ...CALIBRATION_OPTIONS,
      out: { type: "string" },
      codes: { type: "string" },
      scales: { type: "string" },
      backend: { type: "string" },
      "with-small": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      ...RAW_OPTIONS,
    },
  });
  const { out, codes, scales, json, reading } = values;
  if (values.recipe !== undefined && values.quantizer !== undefined) {
    throw new UserError("--recipe and --quantizer exclude each other: the command makes the results.");
  }
  const command = await openQuantizer(values, values.other.length);
  const modules = await openModules(values.wasm, values.define);
  if (command && values.wasm.length > 0) throw new UserError("--quantizer and --wasm exclude each other.");
  if (values.recipe === undefined && values.wasm.length > 1) {
    throw new UserError("Of several modules the recipe says which: --recipe NAME, as their files are called.");
  }
  const recipe = command?.recipe ?? values.recipe ?? modules.recipe;
  if (recipe === undefined) throw new UserError("quantize needs a recipe: --recipe int4/64:f16, for example.");
  if (values.all && values.tensor !== undefined) throw new UserError("--tensor and --all exclude each other.");
  if (values.all && reading !== undefined) throw new UserError("--reading is of one tensor: name it with --tensor.");
  if (values.all && (out ?? codes ?? scales) !== undefined) {
    throw new UserError("--out, --codes and --scales write one tensor: name it with --tensor.");
  }
  const backend = BACKENDS.find((name) => name === values.backend) ?? null;
  if (values.backend !== undefined && !backend)
    throw new UserError(`There is no backend "${values.backend}". There are ${BACKENDS.join(", ")}.`);

  const rules = readRules(recipe, definitionsOf(modules.definitions));
  const source = await openArgument(onlyFile("quantize", positionals), { raw: rawSpec(values) });
  let others: Others | null = null;
  let calibration: OpenCalibration | null = null;
  try {
    others = await openOthers(source, values.other);
    calibration = await openCalibrationArgument(values);
    const options: Options = {
      rules,
      definitions: modules.definitions,
      notes: modules.notes,
      others,
      command,
      calibration,
      activations: values["activations-recipe"],
      backend,
      json,
      out,
      codes,
      scales,
    };
    const runs = new Runs(standardBackends(backend === "webgpu" ? await dawnGpu() : null));
    if (values.all) await quantizeAll(source, runs, options, values["with-small"]);
    else
      await quantizeOne(
        source,
        chosenTensor(source, values.tensor, { other: ", or take --all", reading }),
        runs,
        options,
      );
  } finally {
    calibration?.close();
    others?.close();
    source.close();
  }
}

const definitionsOf = (texts: readonly string[]) => texts.map((text) => parseDefinition(text));

/** `several`: what is one of many goes without a calibration that has nothing of it. */
async function run(
  source: OpenSource,
  name: string,
  runs: Runs,
  options: Options,
  several: boolean,
): Promise<Quantized> {
  const { rules, definitions, others, backend, activations } = options;
  const tree = rules.recipeOf(name);
  if (!tree) throw new UserError(`No rule of the model recipe names "${name}".`);
  const recipe = printRecipe(tree, { definitions: definitionsOf(definitions) });
  const matrix = source.matrix(name);
  const beside = others.beside(source.tensor(name).info);
  const given = options.command?.beside(beside, matrix) ?? beside;
  const inputs = await inputsOf(options.calibration, { name, cols: matrix.cols }, several);
  const calibration = options.calibration && { key: options.calibration.info.label, open: async () => inputs };
  const order = {
    key: name,
    matrix,
    recipe,
    definitions,
    backend,
    given,
    ...(calibration && { calibration, ...(activations !== undefined && { activations }) }),
  };
  const control = { signal: new AbortController().signal, progress: () => {} };
  const quantized = await runs.quantized(order, control);
  const { report } = quantized;
  if (backend && report.backend !== backend) throw new UserError(report.notes[report.notes.length - 1]);
  report.notes.push(...options.notes);
  return quantized;
}

async function quantizeOne(source: OpenSource, { name }: TensorInfo, runs: Runs, options: Options): Promise<void> {
  const { out, codes, scales } = options;
  const outputs = new Outputs();
  if (out !== undefined) await outputs.claim(out, "--out");
  if (codes !== undefined) await outputs.claim(codes, "--codes");
  if (scales !== undefined) await outputs.claim(scales, "--scales");
  const quantized = await run(source, name, runs, options, false);
  const arrays = scales === undefined ? [] : scaleArrays(quantized);
  const files = arrays.map(({ name, bytes }) => ({
    path: scalePath(scales!, name),
    what: name === "level0" ? "--scales" : `--scales (${name})`,
    bytes,
  }));
  for (const { path, what } of files) await outputs.claim(path, what);
  const unpaced = async () => {};
  if (out !== undefined) await outputs.write(out, "--out", arrayPieces(quantized, "dequantized", unpaced));
  if (codes !== undefined) await outputs.write(codes, "--codes", arrayPieces(quantized, "codes", unpaced));
  for (const { path, what, bytes } of files) await outputs.write(path, what, [bytes]);
  const { report } = quantized;
  process.stdout.write(options.json ? reportLine(report) : oneTable(report));
}

/**
 * Tensors that fail are told one a line; the others go on, and the exit status says that some failed. Those that no rule of
 * a model recipe names are kept as they are. Norms, biases and one-dimensional tensors are in the total where rules name
 * tensors or `withSmall` says so.
 */
async function quantizeAll(source: OpenSource, runs: Runs, options: Options, withSmall: boolean): Promise<void> {
  const { rules, json } = options;
  const total = new ModelTotal();
  // Where rules give tensors recipes by their names, they have the word on norms and biases as well.
  const { small } = withSmall || rules.many ? { small: [] } : withoutSmall(source.info.tensors);
  const leftOut = new Set(small);
  const reports = [];
  const empty: string[] = [];
  for (const info of source.info.tensors) {
    if (info.elements === 0 && info.problem === undefined) {
      empty.push(info.name);
      continue;
    }
    if (!rules.recipeOf(info.name)) {
      total.keep(info);
      continue;
    }
    try {
      const { report } = await run(source, info.name, runs, options, true);
      if (leftOut.has(info)) total.small++;
      else total.add(report);
      if (json) process.stdout.write(reportLine(report));
      else reports.push(report);
    } catch (error) {
      total.failed++;
      complain(`${info.name}: ${oneLine(error)}`);
      process.exitCode = 1;
    }
  }
  if (json) {
    if (rules.many) process.stdout.write(totalLine(rules.text, total));
    return;
  }
  const figures = reports.length > 0 ? manyTable(rules.text, reports) : "";
  process.stdout.write(figures + totalText(total));
  if (empty.length > 0) say(emptyNote(empty));
}
