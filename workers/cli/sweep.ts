/** `sweep FILE`: a grid or a list of recipes over one tensor or several, in the order of bits with the frontier marked. */
import { parseArgs } from "node:util";
import { usedOf } from "../../kernels/calibration/index.ts";
import { type AxisName, axisNames, metricOf } from "../../kernels/measure/metrics/index.ts";
import { parseDefinition } from "../../kernels/notation/index.ts";
import { type BackendName, NUMBERS_VERSION } from "../../kernels/report/report.ts";
import {
  type Axes,
  type CsvRow,
  costsOf,
  expandSweep,
  Frontier,
  isWhole,
  parseSweep,
  type SweepPlan,
  sweepCsv,
} from "../../kernels/sweep/index.ts";
import { printable } from "../../kernels/text/printable.ts";
import { standardBackends } from "../backends/standard.ts";
import { type SweepBackends, standardSweeps } from "../backends/sweeps.ts";
import type { OpenCalibration } from "../calibration/open.ts";
import { UserError } from "../errors/user-error.ts";
import type { SweepReply } from "../jobs/sweep/request.ts";
import { sweepPart } from "../jobs/sweep/sweep.ts";
import type { OpenSource } from "../sources/open.ts";
import type { TensorInfo } from "../tensors/info.ts";
import { SMALL, withoutSmall } from "../tensors/small.ts";
import { CALIBRATION_OPTIONS, inputsOf, openCalibrationArgument } from "./calibration.ts";
import { type CommandQuantizer, openQuantizer, QUANTIZER_OPTIONS } from "./command/quantizer.ts";
import { dawnGpu } from "./dawn.ts";
import { oneLine } from "./failure.ts";
import { MODULE_OPTIONS, openModules } from "./modules.ts";
import { type Others, openOthers } from "./others.ts";
import { RAW_OPTIONS, rawSpec } from "./raw.ts";
import { emptyNote } from "./report-text.ts";
import { complain, jsonLine, say, sayNotes } from "./say.ts";
import { chosenTensor, onlyFile, openArgument } from "./source.ts";
import { headline, type SweepRow, sweepTable } from "./sweep-text.ts";
import {
  insteadNotes,
  type SweptTensor,
  type Point as TogetherPoint,
  togetherLine,
  togetherRows,
  togetherTable,
} from "./sweep-together.ts";
import { Outputs } from "./write.ts";

/** Recipes between two lines of progress; together they read the tensor once. A GPU takes many at a time. */
const BATCH = 16;
const GPU_BATCH = 256;
const MAX_PHASES = 64;
const BACKENDS: readonly BackendName[] = ["reference", "wasm", "webgpu"];

type Point = SweepReply["points"][number];

interface Options {
  definitions: string[];
  /** What is said with every tensor. */
  notes: string[];
  axes: Axes;
  phases: number;
  backend: BackendName | null;
  json: boolean;
  /** Several tensors are told apart by name. */
  several: boolean;
  sweeps: SweepBackends;
  /** Checkpoints beside the source. */
  others: Others;
  /** A program of the reader's that quantizes, one more recipe of the sweep. */
  command: CommandQuantizer | null;
  calibration: OpenCalibration | null;
  /** How activations are quantized beside the weight. */
  activations: string | undefined;
  /** Whether steps that do not fit a tensor are left away for it. */
  fallBack: boolean;
}

export async function sweep(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      tensor: { type: "string", multiple: true, default: [] },
      all: { type: "boolean", default: false },
      other: { type: "string", multiple: true, default: [] },
      reading: { type: "string" },
      recipes: { type: "string" },
      grid: { type: "string" },
      define: { type: "string", multiple: true, default: [] },
      csv: { type: "string" },
      metric: { type: "string", default: "nmse" },
      against: { type: "string", default: "bitsPerWeight" },
      phases: { type: "string", default: "0" },
      backend: { type: "string" },
      "with-small": { type: "boolean", default: false },
      "no-fall-back": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      ...QUANTIZER_OPTIONS,
      ...MODULE_OPTIONS,
      ...CALIBRATION_OPTIONS,
      ...RAW_OPTIONS,
    },
  });
  const { recipes, grid, json, csv, reading } = values;
  const listed = [recipes, grid].filter((text) => text !== undefined);
  if (listed.length > 1 || (listed.length === 0 && values.quantizer === undefined && values.wasm.length === 0)) {
    throw new UserError('sweep needs either a list, --recipes "int4/64;nf4/64", or a grid, --grid "int4/(32,64)".');
  }
  if (values.all && values.tensor.length > 0) throw new UserError("--tensor and --all exclude each other.");
  if (reading !== undefined && (values.all || values.tensor.length > 1))
    throw new UserError("--reading is of one tensor: name it with --tensor.");
  const axes: Axes = { metric: axisOf(values.metric), against: axisOf(values.against) };
  if (axes.metric === axes.against) throw new UserError(`A frontier is of two metrics, and both are ${axes.metric}.`);
  const phases = Number(values.phases);
  if (!Number.isInteger(phases) || phases < 0 || phases > MAX_PHASES || values.phases.trim() === "") {
    throw new UserError(`--phases takes a whole number from 0 to ${MAX_PHASES}, not "${values.phases}".`);
  }
  const backend = BACKENDS.find((name) => name === values.backend) ?? null;
  if (values.backend !== undefined && !backend) {
    throw new UserError(`There is no sweep on "${values.backend}". There are ${BACKENDS.join(", ")}.`);
  }
  const modules = await openModules(values.wasm, values.define);
  const { definitions } = modules;
  const known = definitions.map((text) => parseDefinition(text));
  const command = await openQuantizer(values, values.other.length);
  const texts = [...listed, ...(command ? [command.recipe] : []), ...(modules.recipe ? [modules.recipe] : [])];
  const grids = parseSweep(texts.join(";"), { definitions: known });
  const plan = expandSweep(grids, { definitions: known });
  const source = await openArgument(onlyFile("sweep", positionals), { raw: rawSpec(values) });
  let others: Others | null = null;
  let calibration: OpenCalibration | null = null;
  try {
    others = await openOthers(source, values.other);
    calibration = await openCalibrationArgument(values);
    for (const name of calibration ? [] : [axes.metric, axes.against]) {
      if (!metricOf(name).needs.includes("calibration")) continue;
      throw new UserError(`${name} needs a calibration: name one with --activations, --gram or --calibration.`);
    }
    const outputs = new Outputs();
    if (csv !== undefined) await outputs.claim(csv, "--csv");
    // Of one tensor that was named it is said that it has no elements; among all there is nothing to do for it.
    const isEmpty = ({ elements, problem }: TensorInfo) => values.all && elements === 0 && problem === undefined;
    const empty = source.info.tensors.filter(isEmpty).map(({ name }) => name);
    const usable = source.info.tensors.filter((tensor) => !isEmpty(tensor));
    const { kept, small } = values["with-small"] ? { kept: usable, small: [] } : withoutSmall(usable);
    const leftOut = values.all ? small.map((tensor) => tensor.name) : [];
    const names = values.all
      ? kept.map((tensor) => tensor.name)
      : values.tensor.length > 1
        ? [...new Set(values.tensor)].map((name) => source.tensor(name).info.name)
        : [chosenTensor(source, values.tensor[0], { other: ", or take --all", reading }).name];
    const gpu = backend === "webgpu" ? standardBackends(await dawnGpu()) : null;
    const sweeps = standardSweeps(gpu);
    const several = values.all || names.length > 1;
    const fallBack = names.length > 1 && !values["no-fall-back"];
    const options: Options = {
      definitions,
      notes: modules.notes,
      axes,
      phases,
      backend,
      json,
      several,
      sweeps,
      others,
      command,
      calibration,
      activations: values["activations-recipe"],
      fallBack,
    };
    if (!json) for (const line of headline(plan)) say(line);
    if (!json && leftOut.length > 0) say(`${leftOut.length} ${SMALL} left out: --with-small takes them in`);
    const rows: CsvRow[] = [];
    const all: TogetherPoint[] = [];
    const tensors: SweptTensor[] = [];
    for (const name of names) {
      try {
        const { elements } = source.tensor(name).info;
        const found = await sweepTensor(source, name, plan, options);
        rows.push(...found.map((row) => csvRow(row, several ? { name, elements } : null)));
        all.push(...found.map((row) => ({ ...row, target: tensors.length })));
        tensors.push({ name, elements });
      } catch (error) {
        // The others go on, and the exit status says that some failed.
        if (!several) throw error;
        complain(`${name}: ${oneLine(error)}`);
        process.exitCode = 1;
      }
    }
    if (several) rows.push(...tellTogether(all, tensors, leftOut, options));
    if (empty.length > 0 && !json) say(emptyNote(empty));
    if (csv !== undefined) await outputs.write(csv, "--csv", [new TextEncoder().encode(sweepCsv(rows))]);
  } finally {
    calibration?.close();
    others?.close();
    source.close();
  }
}

/** A metric that a frontier can be taken by. */
function axisOf(name: string): AxisName {
  const axis = axisNames.find((known) => known === name);
  if (!axis) throw new UserError(`There is no metric "${name}". There are ${axisNames.join(", ")}.`);
  return axis;
}

/** A point as a row; of several tensors with its tensor and what is in its figures. */
function csvRow({ instead, ...row }: SweepRow, tensor: SweptTensor | null): CsvRow {
  if (!tensor) return row;
  const values = row.metrics ? tensor.elements : 0;
  return { ...row, tensor: tensor.name, instead: instead?.text ?? null, tensors: row.metrics ? 1 : 0, of: 1, values };
}

/** Tells of all tensors as one, and gives it as rows whose tensor is written `*`. */
function tellTogether(
  points: readonly TogetherPoint[],
  tensors: readonly SweptTensor[],
  leftOut: readonly string[],
  { axes, json }: Options,
): CsvRow[] {
  const rows = togetherRows(points, tensors, axes);
  if (json) process.stdout.write(togetherLine(rows, tensors, { ...axes, leftOut }));
  else if (rows.length > 0) {
    process.stdout.write(`\n${tensors.length} tensors as one\n${togetherTable(rows, axes)}`);
    const parts = rows.filter(({ coverage }) => !isWhole(coverage)).length;
    if (parts > 0)
      say(`note: figures over fewer tensors than others cannot be compared with them, and are on no frontier`);
  }
  return rows.map(({ text, metrics, frontier, coverage: { tensors, of, values } }) => ({
    ...{ tensor: "*", text, metrics, phase: null, frontier, error: null, tensors, of, values, instead: null },
  }));
}

/** Sweeps over one tensor and tells of it; the frontier is that of this tensor. */
async function sweepTensor(source: OpenSource, name: string, plan: SweepPlan, options: Options): Promise<SweepRow[]> {
  const { axes, json, several } = options;
  const start = performance.now();
  const matrix = source.matrix(name);
  const { points, notes, calibration } = await evaluate(source, name, plan, options);
  const seconds = (performance.now() - start) / 1000;
  const frontier = new Frontier<Point>();
  for (const point of points) {
    // What ran in a recipe's place is another recipe's point.
    if (point.metrics && !point.instead) frontier.add(point, ...costsOf(axes, point.metrics));
  }
  const best = new Set(frontier.items);
  const rows = points.map((point): SweepRow => ({ ...point, frontier: best.has(point) }));
  if (json) {
    const shown = rows.map(({ text, measured: _, ...rest }) => ({ recipe: text, ...rest }));
    const { combinations, duplicates, skipped } = plan;
    const facts = {
      tensor: name,
      shape: matrix.shape,
      numbers: NUMBERS_VERSION,
      combinations,
      duplicates,
      skipped,
      ...axes,
      seconds,
    };
    process.stdout.write(jsonLine({ ...facts, ...(calibration && { calibration }), notes, points: shown }));
  } else {
    if (several) process.stdout.write(`\n${printable(name)}  ${matrix.shape.join(" x ")}\n`);
    process.stdout.write(sweepTable(rows, axes));
    sayNotes([...notes, ...insteadNotes(points)]);
  }
  for (const { text, error } of points) {
    if (error === null) continue;
    complain(`${several ? `${name}: ` : ""}${text}: ${error}`);
    process.exitCode = 1;
  }
  return rows;
}

async function evaluate(
  source: OpenSource,
  name: string,
  { recipes }: SweepPlan,
  options: Options,
): Promise<SweepReply> {
  const { definitions, phases, backend, sweeps, others, command, calibration, activations, fallBack, several } =
    options;
  const matrix = source.matrix(name);
  const beside = others.beside(source.tensor(name).info);
  const given = command?.beside(beside, matrix) ?? beside;
  const inputs = await inputsOf(calibration, { name, cols: matrix.cols }, several);
  const activated = inputs.calibration && activations !== undefined && { activations };
  const size = backend === "webgpu" ? GPU_BATCH : BATCH;
  const control = { signal: new AbortController().signal, progress: () => {} };
  const points: Point[] = [];
  const notes = new Set<string>(options.notes);
  const tell = (text: string) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`);
  for (let i = 0; i < recipes.length; i += size) {
    tell(`${i} of ${recipes.length} recipes`);
    const batch = recipes.slice(i, i + size).map((recipe) => recipe.text);
    const reply = await sweepPart(
      { recipes: batch, definitions, phases, backend, fallBack, ...activated },
      async () => matrix,
      sweeps,
      control,
      given.open,
      async () => inputs,
    );
    points.push(...reply.points);
    for (const note of reply.notes) notes.add(note);
  }
  tell("");
  return { points, notes: [...notes], ...(inputs.calibration && { calibration: usedOf(inputs.calibration) }) };
}
