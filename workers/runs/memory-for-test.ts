/**
 * Prints what runs really take, for the test of what is promised: `node --expose-gc --import tsx memory-for-test.ts ROWS COLS RECIPE...`.
 * Bytes of arrays alone: the rest of a process is the same for every run.
 */
import { prepareRecipe } from "../../kernels/index.ts";
import { parseRecipe } from "../../kernels/notation/index.ts";
import { standardBackends } from "../backends/standard.ts";
import { estimateBytes, resultBytes } from "./memory.ts";
import { Runs } from "./runs.ts";

const [rows, cols] = process.argv.slice(2, 4).map(Number);
const collect = (globalThis as { gc?: () => void }).gc!;
const bytes = () => {
  collect();
  return process.memoryUsage().arrayBuffers;
};

const row = Float32Array.from({ length: cols }, (_, i) => Math.sin(i * 0.37) * (1 + (i % 7)));
const matrix = {
  ...{ name: "w", shape: [rows, cols], view: { split: 1, transpose: false }, rows, cols, notes: [] },
  async read(row0: number, row1: number) {
    const out = new Float32Array((row1 - row0) * cols);
    for (let at = 0; at < out.length; at += cols) out.set(row, at);
    return out;
  },
};
for (const recipe of process.argv.slice(4)) {
  const runs = new Runs(standardBackends(null), { scalesLater: true });
  // What the run before left goes first.
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, bytes() * 0));
  const before = bytes();
  let peak = 0;
  const control = {
    signal: new AbortController().signal,
    progress: () => {
      peak = Math.max(peak, bytes());
    },
  };
  const order = { key: "w ", matrix, recipe, definitions: [], backend: null };
  const { report } = await runs.quantized(order, control);
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, bytes() * 0));
  const kept = bytes() - before;
  const plan = prepareRecipe(parseRecipe(recipe), [], rows, cols);
  const line = {
    recipe,
    backend: report.backend,
    peak: Math.max(peak - before, kept),
    kept,
    promised: estimateBytes(plan, 0),
    result: resultBytes(plan),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
