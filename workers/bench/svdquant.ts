/** Steps that decompose a large weight, with the threads of the command line: how long, and how long between two looks at a cancel. */
import { parseArgs } from "node:util";
import "../../kernels/notation/all.ts";
import { createWasmBackend } from "../../kernels/backends/wasm/index.ts";
import { startReduction } from "../../kernels/calibration/index.ts";
import { quantizeMatrix } from "../../kernels/engine/quantize.ts";
import { providePool } from "../../kernels/linalg/pool.ts";
import { matrixOf, normalValues, planOf } from "../../kernels/testing/matrix.ts";
import { processPool } from "../linalg/node.ts";

const { values: options } = parseArgs({ options: { side: { type: "string", default: "4096" } } });
const side = Number(options.side);
/** The aim, in seconds on two cores, for 4096 x 4096. */
const RECIPES: [string, number | null][] = [
  ["smooth+principal(64)+int4/64:f16", 20],
  ["int4/64:f16+lowrank(64)", null],
];

const pool = processPool();
providePool(async () => pool);
const milliseconds = () => Number(process.hrtime.bigint()) / 1e6;

const reduction = await startReduction(side, { keep: 256, gramBudget: 0 });
await reduction.add(normalValues(256 * side, 7).map((x, i) => ((i % side) % 97 === 0 ? 20 * x : x)));
const calibration = await reduction.finish({ kind: "synthetic", name: "outliers", digest: "" });
const weight = matrixOf(normalValues(side * side, 5), side, side);
const backend = await createWasmBackend();

const measured = [];
for (const [recipe, bar] of RECIPES) {
  const [before, used] = [milliseconds(), process.cpuUsage()];
  let [last, longest, where] = [before, 0, ""];
  await quantizeMatrix(weight, planOf(recipe, side, side), {
    ...{ backend, calibration, now: milliseconds },
    async checkpoint(_, __, phase) {
      const now = milliseconds();
      if (now - last > longest) [longest, where] = [now - last, phase];
      // As whoever waits does: other messages come first.
      await new Promise((resolve) => setImmediate(resolve));
      last = milliseconds();
    },
  });
  const { user, system } = process.cpuUsage(used);
  measured.push({
    recipe,
    s: Number(((milliseconds() - before) / 1000).toFixed(1)),
    "bar, s": side === 4096 ? bar : null,
    "processor, s": Number(((user + system) / 1e6).toFixed(1)),
    "longest piece, ms": Math.round(longest),
    before: where,
  });
}
pool?.dispose();
process.stdout.write(`\nDecompositions of a ${side} x ${side} weight, ${pool?.size ?? 1} threads\n`);
console.table(measured);
process.stdout.write(`${JSON.stringify({ decompositions: { side, measured } })}\n`);
process.exit();
