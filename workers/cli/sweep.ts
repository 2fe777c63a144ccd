/** `sweep FILE`: a grid or a list of recipes over one tensor, in the order of bits with the frontier marked. */
import { parseArgs } from "node:util";
import { parseDefinition } from "../../kernels/notation/index.ts";
import type { BackendName } from "../../kernels/report.ts";
import {
  costOf,
  expandSweep,
  Frontier,
  parseSweep,
  SWEEP_METRICS,
  type SweepMetrics,
  type SweepPlan,
  sweepCsv,
} from "../../kernels/sweep/index.ts";
import { standardBackends } from "../jobs/standard-backends.ts";
import { sweepPart } from "../jobs/sweep.ts";
import { standardSweeps } from "../jobs/sweep-backends.ts";
import { type SweepReply, UserError } from "../protocol.ts";
import type { OpenSource } from "../sources/open.ts";
import { dawnGpu } from "./dawn.ts";
import { RAW_OPTIONS, rawSpec } from "./raw.ts";
import { chosenTensor, onlyFile, openArgument } from "./source.ts";
import { figure, table } from "./table.ts";
import { writePieces } from "./write.ts";

/** Recipes between two lines of progress; together they read the tensor once. A GPU takes many at a time. */
const BATCH = 16;
const GPU_BATCH = 256;
const MAX_PHASES = 64;
const BACKENDS: readonly BackendName[] = ["reference", "wasm", "webgpu"];

type Point = SweepReply["points"][number];
type Row = Point & { frontier: boolean };

interface Options {
  definitions: string[];
  metric: keyof SweepMetrics;
  phases: number;
  backend: BackendName | null;
  json: boolean;
  csv?: string;
}

export async function sweep(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      tensor: { type: "string" },
      reading: { type: "string" },
      recipes: { type: "string" },
      grid: { type: "string" },
      define: { type: "string", multiple: true, default: [] },
      csv: { type: "string" },
      metric: { type: "string", default: "nmse" },
      phases: { type: "string", default: "0" },
      backend: { type: "string" },
      json: { type: "boolean", default: false },
      ...RAW_OPTIONS,
    },
  });
  const { recipes, grid, define: definitions, json, csv } = values;
  if ((recipes === undefined) === (grid === undefined)) {
    throw new UserError('sweep needs either a list, --recipes "int4/64;nf4/64", or a grid, --grid "int4/(32,64)".');
  }
  const metric = SWEEP_METRICS.find((name) => name === values.metric && name !== "bitsPerWeight");
  if (!metric) {
    throw new UserError(`There is no metric "${values.metric}". There are ${SWEEP_METRICS.slice(1).join(", ")}.`);
  }
  const phases = Number(values.phases);
  if (!Number.isInteger(phases) || phases < 0 || phases > MAX_PHASES || values.phases.trim() === "") {
    throw new UserError(`--phases takes a whole number from 0 to ${MAX_PHASES}, not "${values.phases}".`);
  }
  const backend = BACKENDS.find((name) => name === values.backend) ?? null;
  if (values.backend !== undefined && !backend) {
    throw new UserError(`There is no sweep on "${values.backend}". There are ${BACKENDS.join(", ")}.`);
  }
  const known = definitions.map((text) => parseDefinition(text));
  const grids = parseSweep((recipes ?? grid)!, { definitions: known });
  const plan = expandSweep(grids, { definitions: known });
  const source = await openArgument(onlyFile("sweep", positionals), { raw: rawSpec(values) });
  try {
    const options: Options = { definitions, metric, phases, backend, json, csv };
    await sweepTensor(source, chosenTensor(source, values.tensor, { reading: values.reading }).name, plan, options);
  } finally {
    source.close();
  }
}

async function sweepTensor(source: OpenSource, name: string, plan: SweepPlan, options: Options): Promise<void> {
  const { metric, json, csv } = options;
  const start = performance.now();
  const matrix = source.matrix(name);
  const { points, notes } = await evaluate(matrix, plan, options);
  const seconds = (performance.now() - start) / 1000;
  const frontier = new Frontier<Point>();
  for (const point of points) {
    if (point.metrics) frontier.add(point, point.metrics.bitsPerWeight, costOf(point.metrics, metric));
  }
  const best = new Set(frontier.items);
  const rows = points.map((point): Row => ({ ...point, frontier: best.has(point) }));
  if (csv !== undefined) await writePieces(csv, [new TextEncoder().encode(sweepCsv(rows))]);
  if (json) {
    const shown = rows.map(({ text, ...rest }) => ({ recipe: text, ...rest }));
    const { combinations, duplicates, skipped } = plan;
    const facts = { tensor: name, shape: matrix.shape, combinations, duplicates, skipped, metric, seconds };
    process.stdout.write(`${JSON.stringify({ ...facts, notes, points: shown })}\n`);
  } else
    process.stdout.write(`${headline(plan)}\n${sweepTable(rows, metric)}${notes.map((n) => `note: ${n}\n`).join("")}`);
  for (const { text, error } of points) {
    if (error === null) continue;
    process.stderr.write(`${text}: ${error}\n`);
    process.exitCode = 1;
  }
}

async function evaluate(
  matrix: ReturnType<OpenSource["matrix"]>,
  { recipes }: SweepPlan,
  { definitions, phases, backend }: Options,
): Promise<SweepReply> {
  const gpu = backend === "webgpu";
  const sweeps = standardSweeps(gpu ? standardBackends(await dawnGpu()) : null);
  const size = gpu ? GPU_BATCH : BATCH;
  const control = { signal: new AbortController().signal, progress: () => {} };
  const points: Point[] = [];
  const notes = new Set<string>();
  const tell = (text: string) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`);
  for (let i = 0; i < recipes.length; i += size) {
    tell(`${i} of ${recipes.length} recipes`);
    const batch = recipes.slice(i, i + size).map((recipe) => recipe.text);
    const reply = await sweepPart(
      { recipes: batch, definitions, phases, backend },
      async () => matrix,
      sweeps,
      control,
    );
    points.push(...reply.points);
    for (const note of reply.notes) notes.add(note);
  }
  tell("");
  return { points, notes: [...notes] };
}

/** How many recipes there are, and what became of the other combinations. */
function headline({ recipes, duplicates, skipped }: SweepPlan): string {
  const parts = [`${recipes.length} ${recipes.length === 1 ? "recipe" : "recipes"}`];
  if (duplicates > 0) parts.push(`${duplicates} left out: they mean the same as another`);
  for (const { reason, count, example } of skipped) parts.push(`${count} left out, as ${example}: ${reason}`);
  return parts.join("\n");
}

/** The points that have figures, in the order of bits; `*` marks the frontier. */
function sweepTable(rows: readonly Row[], metric: keyof SweepMetrics): string {
  const columns = [...new Set<keyof SweepMetrics>([metric, "nmse", "sqnrDb", "maxAbs", "saturated", "flushed"])];
  const phased = rows.some((row) => row.phase !== null);
  const right = ["bits", ...columns, ...(phased ? ["phase min", "phase max"] : [])];
  const shown = rows.filter((row) => row.metrics !== null);
  const cost = (row: Row) => costOf(row.metrics!, metric) ?? Infinity;
  shown.sort((a, b) => a.metrics!.bitsPerWeight - b.metrics!.bitsPerWeight || cost(a) - cost(b));
  const cells = shown.map(({ text, metrics, phase, frontier }) => [
    frontier ? "*" : "",
    figure(metrics!.bitsPerWeight),
    ...columns.map((name) => figure(metrics![name])),
    ...(phased ? [figure(phase?.min ?? null), figure(phase?.max ?? null)] : []),
    text,
  ]);
  return shown.length === 0 ? "" : table(["", ...right, "recipe"], cells, right);
}
