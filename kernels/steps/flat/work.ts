import { stablePow } from "../../exact/pow.ts";
import { RecipeError } from "../../grammar/errors.ts";
import type { Run } from "../../linalg/index.ts";
import { columnAmax } from "../columns.ts";
import { Adam } from "../learning/adam.ts";
import { drawnRotation, sylvester } from "../learning/hadamard.ts";
import { flipped } from "../learning/invert.ts";
import { OutputsObjective } from "../learning/outputs.ts";
import type { FittedTransform, Matrix, Rows, SideTensor, StepJob } from "../step.ts";
import type { FlatParams } from "./index.ts";
import { dualOf, gradientsOf, type Kronecker, mapRow, mapRows, throughInverse } from "./map.ts";

interface Flat {
  map: Kronecker;
  /** Of inputs. */
  dual: Kronecker;
  side: SideTensor[];
  notes: string[];
}

/** Exponents of the inputs' range in the diagonals that are tried: the paper's and SmoothQuant's. */
const ALPHAS = [0.3, 0.5];
const LEAST = 1e-5;
/** A loss so many times that of the start is no way back. */
const DIVERGED = 10;

function identity(n: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) out[i * n + i] = 1;
  return out;
}

/** range(x)^alpha / range(w)^(1 - alpha), by column; 1 where the weight has no such column. */
function diagonal(alpha: number, weights: Float32Array, inputs: Float32Array): Float64Array {
  return Float64Array.from(weights, (w, c) => {
    if (w === 0) return 1;
    return stablePow(Math.max(LEAST, inputs[c]), alpha) / stablePow(Math.max(LEAST, w), 1 - alpha);
  });
}

/** Where learning may begin, with what it is called. */
function starts(
  { n, seed, start }: FlatParams,
  { weights, inputs }: OutputsObjective,
): { name: string; map: Kronecker }[] {
  const ranges = [weights, inputs].map(({ rows, cols, values }) =>
    columnAmax({ rows, cols, values: Float32Array.from(values) }),
  );
  const ones = new Float64Array(weights.cols).fill(1);
  const plain: Kronecker["p"] = [identity(n[0]), identity(n[1])];
  const spun: Kronecker["p"] = [sylvester(n[0], seed), sylvester(n[1], seed + 1)];
  const nothing = { name: "nothing", map: { c: ones, p: plain, n } };
  const rotated = { name: "a rotation", map: { c: ones, p: spun, n } };
  if (start === "none") return [nothing];
  if (start === "hadamard") return [rotated];
  if (start === "random") {
    const drawn: Kronecker["p"] = [drawnRotation(n[0], seed), drawnRotation(n[1], seed + 1)];
    return [{ name: "a random rotation", map: { c: ones, p: drawn, n } }];
  }
  const smoothed = ALPHAS.flatMap((alpha) => {
    const c = diagonal(alpha, ranges[0], ranges[1]);
    return [
      { name: `a diagonal of alpha ${alpha}`, map: { c, p: plain, n } },
      { name: `a diagonal of alpha ${alpha} and a rotation`, map: { c, p: spun, n } },
    ];
  });
  return [nothing, rotated, ...smoothed];
}

async function lossOf(map: Kronecker, objective: OutputsObjective, run: Run): Promise<number> {
  const dual = dualOf(map);
  if (!dual) return Infinity;
  const [w, x] = [await mapRows(objective.weights, map, run), await mapRows(objective.inputs, dual, run)];
  return (await objective.at(w.out, x.out, false)).loss;
}

const copyOf = ({ c, p, n }: Kronecker): Kronecker => ({ c: c.slice(), p: [p[0].slice(), p[1].slice()], n });

interface Learned {
  map: Kronecker;
  loss: number;
  notes: string[];
}

/** Adam over the entries of both factors and the logarithm of the diagonal, ever more slowly; the best that was met. */
async function learn(
  params: FlatParams,
  start: Learned,
  objective: OutputsObjective,
  job: StepJob,
  run: Run,
): Promise<Learned> {
  const { n, steps, rate } = params;
  const now = copyOf(start.map);
  let best = start;
  const adams = [now.c, ...now.p].map(({ length }) => new Adam(length, 1));
  for (let step = 0; step <= steps; step++) {
    await job.checkpoint(step, steps + 1, "steps");
    const dual = dualOf(now);
    const stopped = (why: string): Learned => ({
      ...best,
      notes: [...best.notes, `flat stopped at step ${step}: ${why}; the best map before that was kept`],
    });
    if (!dual) return stopped("its map became singular");
    const [w, x] = [await mapRows(objective.weights, now, run), await mapRows(objective.inputs, dual, run)];
    const found = await objective.at(w.out, x.out, step < steps);
    if (!(found.loss <= DIVERGED * start.loss))
      return stopped("the outputs' error grew beyond ten times its first value");
    if (found.loss < best.loss) best = { map: copyOf(now), loss: found.loss, notes: [] };
    if (!found.weights || !found.inputs) break;
    const ofWeights = await gradientsOf(w, found.weights, now, run);
    const ofInputs = await gradientsOf(x, found.inputs, dual, run);
    const gradients = [
      ofWeights.c.map((g, i) => g - ofInputs.c[i]),
      ...[0, 1].map((k) => {
        const back = throughInverse(dual.p[k], ofInputs.p[k], n[k]);
        return ofWeights.p[k].map((g, i) => g + back[i]);
      }),
    ];
    const slower = rate * (1 - step / steps);
    for (const [k, values] of [now.c, ...now.p].entries()) {
      adams[k].next();
      for (let i = 0; i < values.length; i++) {
        const move = slower * adams[k].move(i, gradients[k][i]);
        values[i] += k === 0 ? values[i] * Math.max(-0.5, move) : move;
      }
    }
  }
  return best;
}

/** The map as it comes back from how it is stored; null where that is singular. */
async function stored(map: Kronecker, params: FlatParams, job: StepJob) {
  const keep = (name: string, rows: number, values: Float64Array) =>
    job.store(name, { rows, cols: values.length / rows, values: Float32Array.from(values) }, params.factors);
  const side = [
    await keep("first factor", params.n[0], map.p[0]),
    await keep("second factor", params.n[1], map.p[1]),
    await keep("diagonal", 1, map.c),
  ];
  const [first, second, c] = side.map(({ values }) => Float64Array.from(values));
  const kept: Kronecker = { c, p: [first, second], n: params.n };
  const dual = dualOf(kept);
  return dual && { map: kept, dual, side };
}

function mapped({ cols, values }: Rows, map: Kronecker, after: boolean): Float32Array {
  const out = values.slice();
  const row = new Float64Array(cols);
  for (let at = 0; at < values.length; at += cols) {
    row.set(values.subarray(at, at + cols));
    // Rows that hold NaN or Inf stay as they are, on both ways.
    if (!row.every((x) => x - x === 0)) continue;
    mapRow(row, 0, map, after);
    out.set(row, at);
  }
  return out;
}

/** What takes rows back: x (P1^-1 x P2^-1) / c. */
const backOf = ({ map: { c }, dual: { p, n } }: Flat): Kronecker => ({
  ...{ c, p: [flipped(p[0], n[0]), flipped(p[1], n[1])], n },
});

export const work: FittedTransform<FlatParams, Flat> = {
  kind: "transform",
  async fit(params, operand: Matrix, job) {
    const run: Run = { pace: () => job.checkpoint(0, 1, "steps") };
    const objective = await OutputsObjective.start(operand, params.inputs, "flat", job);
    let start: (Learned & { name: string }) | null = null;
    for (const { name, map } of starts(params, objective)) {
      const loss = await lossOf(map, objective, run);
      if (!start || loss < start.loss) start = { name, map, loss, notes: [] };
    }
    const learned = await learn(params, start!, objective, job, run);
    for (const tried of [learned, start!]) {
      const found = await stored(tried.map, params, job);
      const loss = found ? await lossOf(found.map, objective, run) : Infinity;
      // How factors are stored may spoil them: what was begun with is then better.
      if (!found || (tried !== start && loss > start!.loss)) continue;
      const notes = [
        ...learned.notes,
        loss < start!.loss
          ? `flat began from ${start!.name}, and took the outputs' error of the tokens that it learned from, ${objective.inputs.rows}, from ${start!.loss.toPrecision(4)} to ${loss.toPrecision(4)}`
          : `flat found nothing better than ${start!.name}, from which it began`,
      ];
      return { ...found, notes };
    }
    throw new RecipeError("flat's map is singular in the format that its factors are stored in");
  },
  forward: ({ map }, rows) => mapped(rows, map, false),
  inverse: (fitted, rows) => mapped(rows, backOf(fitted), true),
  dual: ({ map, dual }) => ({
    kind: "rows",
    apply: (x, at, count) => {
      for (let row = at; row < at + count; row += map.c.length) mapRow(x, row, dual, false);
    },
    // Inputs come back by the map's transpose: x = x' (P1^T x P2^T) c.
    undo: (x, at, count) => {
      const turnedMap: Kronecker = {
        c: dual.c,
        p: [flipped(map.p[0], map.n[0]), flipped(map.p[1], map.n[1])],
        n: map.n,
      };
      for (let row = at; row < at + count; row += map.c.length) mapRow(x, row, turnedMap, true);
    },
  }),
  bits: ({ side }, { rows, cols }) =>
    side.map(({ name, recipe, bits }) => ({ what: `flat's ${name} (${recipe})`, bitsPerWeight: bits / (rows * cols) })),
  notes: ({ notes }) => notes,
};
