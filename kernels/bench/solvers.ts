/** GPTQ and AWQ of a square weight, beside the same in NumPy where there is one. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createWasmBackend } from "../backends/wasm/index.ts";
import { type Calibration, startReduction } from "../calibration/index.ts";
import { quantizeMatrix } from "../engine/quantize.ts";
import { gram } from "../linalg/index.ts";
import { matrixOf, normalValues, planOf } from "../testing/matrix.ts";

const RECIPE = "gptq+int4/128";
const NOTHING = { mean: null, meanAbs: null, meanSquare: null, min: null, max: null, quantiles: null, rows: null };

async function calibrationOf(cols: number): Promise<Calibration> {
  const tokens = cols + 64;
  const source = { kind: "synthetic", name: "normal", digest: "" } as const;
  const sum = await gram(normalValues(tokens * cols, 3), cols);
  return { cols, tokens, leftOut: 0, ...NOTHING, gram: sum, cross: null, output: null, source, notes: [] };
}

const milliseconds = () => Number(process.hrtime.bigint()) / 1e6;
const processorSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** The numbers that a script beside this file prints; null where there is no NumPy. */
function peer(name: string, ...args: number[]): number[] | null {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const { status, stdout } = spawnSync("python3", [script, ...args.map(String)], { encoding: "utf8" });
  return status === 0 ? stdout.trim().split(" ").map(Number) : null;
}

/** Seconds of factoring and of all in NumPy; null where there is none. */
function numpySeconds(side: number): { factor: number; all: number } | null {
  const printed = peer("gptq-peer.py", side);
  return printed && { factor: printed[0], all: printed[1] };
}

/** The solver alone: what statistics, undoing and measuring take is not in it. One thread. */
export async function benchSolvers(side: number) {
  const calibration = await calibrationOf(side);
  const weight = matrixOf(normalValues(side * side, 5), side, side);
  let [solving, processor, longest] = [0, 0, 0];
  let [before, used] = [milliseconds(), processorSeconds()];
  await quantizeMatrix(weight, planOf(RECIPE, side, side), {
    backend: await createWasmBackend(),
    calibration,
    now: () => milliseconds(),
    async checkpoint(_, __, phase) {
      const [now, then] = [milliseconds(), processorSeconds()];
      if (phase.startsWith("gptq")) {
        solving += now - before;
        processor += then - used;
        longest = Math.max(longest, now - before);
      }
      [before, used] = [now, then];
    },
  });
  if (solving === 0) throw new Error("the solver's own time was not found among the phases");
  const numpy = numpySeconds(side);
  return { recipe: RECIPE, side, seconds: solving / 1000, processor, longestPieceMs: longest, numpy };
}

/** Tokens that AWQ's search looks at. */
const TOKENS = 512;

/** AWQ's search over 20 ratios, with what quantizing and measuring once more take. One thread. */
export async function benchAwq(side: number) {
  const inputs = normalValues(TOKENS * side, 7).map((x, i) => ((i % side) % 9 === 0 ? 20 * x : x));
  const reduction = await startReduction(side, { keep: TOKENS, gramBudget: 0 });
  await reduction.add(inputs);
  const calibration = await reduction.finish({ kind: "synthetic", name: "outliers", digest: "" });
  const recipe = "awq+int4/128";
  const weight = matrixOf(normalValues(side * side, 5), side, side);
  const backend = await createWasmBackend();
  const [before, used] = [milliseconds(), processorSeconds()];
  await quantizeMatrix(weight, planOf(recipe, side, side), {
    ...{ backend, calibration, now: milliseconds, checkpoint: async () => {} },
  });
  const [seconds, processor] = [(milliseconds() - before) / 1000, processorSeconds() - used];
  return { recipe, side, tokens: TOKENS, seconds, processor, numpy: peer("awq-peer.py", side, TOKENS)?.[0] ?? null };
}

/** Steps that are timed; the first of them bring what every run takes. */
const LEARNED = 40;

/** Learned rounding of a square weight over 1,000 steps, told from fewer: they all take as long. One thread. */
export async function benchLearned(side: number) {
  const inputs = normalValues(TOKENS * side, 9);
  for (let i = 1; i < inputs.length; i++) if (i % side > 0) inputs[i] += 0.8 * inputs[i - 1];
  const reduction = await startReduction(side, { keep: TOKENS, gramBudget: 0 });
  await reduction.add(inputs);
  const calibration = await reduction.finish({ kind: "synthetic", name: "correlated", digest: "" });
  const weight = matrixOf(normalValues(side * side, 5), side, side);
  const backend = await createWasmBackend();
  const took = async (steps: number) => {
    let [longest, before] = [0, milliseconds()];
    const [start, used] = [before, processorSeconds()];
    await quantizeMatrix(weight, planOf(`adaround(${steps})+int3/128`, side, side), {
      ...{ backend, calibration, now: milliseconds },
      async checkpoint(_, __, phase) {
        const now = milliseconds();
        if (phase.startsWith("adaround")) longest = Math.max(longest, now - before);
        before = now;
      },
    });
    return { seconds: (milliseconds() - start) / 1000, processor: processorSeconds() - used, longest };
  };
  const [one, many] = [await took(1), await took(LEARNED + 1)];
  const whole = (key: "seconds" | "processor") => one[key] + (999 * (many[key] - one[key])) / LEARNED;
  return {
    ...{ recipe: "adaround(1000)+int3/128", side, seconds: whole("seconds"), processor: whole("processor") },
    longestPieceMs: many.longest,
  };
}
