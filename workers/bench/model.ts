/**
 * The part of `npm run bench` about whole models: `tsx workers/bench/model.ts [--threads N] [--sparse]`. All matrices of the sample model
 * under 40 recipes, exact; with `--sparse`, 2 % of the rows of a sparse file with the shapes of an 8 B model under 12 recipes, with the
 * memory at its peak. Each beside what its recipes take in one pass of a sweep, matrix by matrix, on one thread. Prints a table, and at
 * last one line of JSON.
 */
import "../../kernels/notation/all.ts";
import { mkdtemp, open, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { standardSweeps } from "../backends/sweeps.ts";
import { ScoreThreads } from "../cli/score-run.ts";
import { openArgument } from "../cli/source.ts";
import { sweepPart } from "../jobs/sweep/sweep.ts";
import { planOf } from "../scores/plan.ts";
import { type ScoresRequest, USUAL_KINDS } from "../scores/types.ts";

const { values } = parseArgs({ options: { threads: { type: "string" }, sparse: { type: "boolean", default: false } } });
const threads = Number(values.threads ?? availableParallelism());

/** Integers of every width, floats, shared exponents and codebooks, with their usual blocks. */
const FORTY = [
  ...[2, 3, 4, 5, 6, 8].flatMap((bits) => [`int${bits}/128`, `int${bits}/64`, `int${bits}/32:f16`]),
  ...[2, 3, 4, 5].flatMap((bits) => [`int${bits}(asym)/128:f16`, `int${bits}(asym)/64:f16`]),
  ...["nf4/64", "nf4/128:f16", "mxfp4", "nvfp4", "mxfp6", "mxfp8", "e4m3/row", "e4m3/128x128", "e2m1/32", "e3m2/32"],
  ...["int8/row", "int4/row", "int4(half)/128", "int4(signmax)/32:f16"],
];
const TWELVE = [
  ...[
    "int2/128",
    "int3/128",
    "int4/128",
    "int4/32:f16",
    "int4(asym)/128:f16",
    "int8/row",
    "nf4/64",
    "mxfp4",
    "nvfp4",
    "e4m3/row",
  ],
  ...["q4_0", "q8_0"],
];

const processor = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const request = (recipes: readonly string[], share: number | null): ScoresRequest => ({
  ...{ source: "", recipes: [...recipes], definitions: [], signals: ["nmse"], kinds: USUAL_KINDS, only: [], share },
  ...{ seed: 0, wholeStatistics: false, budget: null },
});

/** Seconds that scores take, from the start of threads on, and of the processor. */
async function scores(argument: string, asked: ScoresRequest) {
  const source = await openArgument(argument);
  const [start, used] = [performance.now(), processor()];
  const plan = await planOf(source.info, asked);
  const run = {
    source,
    argument,
    calibration: {},
    inputs: null,
    threads,
    work: plan.tensors.length * plan.recipes.length,
  };
  const pool = new ScoreThreads(run);
  let tensors = 0;
  await pool.score(
    asked,
    plan.tensors.map(({ name }) => name),
    () => void tensors++,
    new AbortController().signal,
  );
  const wall = (performance.now() - start) / 1000;
  pool.end();
  source.close();
  const elements = plan.tensors.reduce((sum, { rowsRead, rows, elements: all }) => sum + (all / rows) * rowsRead, 0);
  return {
    ...{ tensors, recipes: plan.recipes.length, wall, processor: processor() - used },
    ...{ nsPerElement: (1e9 * wall) / elements / plan.recipes.length, bytesRead: plan.bytesRead, threads },
    peakMB: process.resourceUsage().maxRSS / 1000,
  };
}

/** The same recipes over the same tensors as a sweep does them, one after the other, on this thread. */
async function sweeps(argument: string, recipes: readonly string[]): Promise<number> {
  const source = await openArgument(argument);
  const backends = standardSweeps();
  const control = { signal: new AbortController().signal, progress() {} };
  const { tensors } = await planOf(source.info, request(recipes, 1));
  const start = processor();
  for (const { name } of tensors) {
    const part = { recipes: [...recipes], definitions: [], phases: 0, backend: null };
    await sweepPart(part, async () => source.matrix(name), backends, control);
  }
  source.close();
  return processor() - start;
}

/** Names and shapes of Llama 3 8B, in BF16. */
function eightBillion(): [string, number[]][] {
  const [width, inner, keys, vocabulary] = [4096, 14_336, 1024, 128_256];
  const layers = Array.from({ length: 32 }, (_, i): [string, number[]][] => {
    const at = `model.layers.${i}`;
    return [
      [`${at}.self_attn.q_proj.weight`, [width, width]],
      [`${at}.self_attn.k_proj.weight`, [keys, width]],
      [`${at}.self_attn.v_proj.weight`, [keys, width]],
      [`${at}.self_attn.o_proj.weight`, [width, width]],
      [`${at}.mlp.gate_proj.weight`, [inner, width]],
      [`${at}.mlp.up_proj.weight`, [inner, width]],
      [`${at}.mlp.down_proj.weight`, [width, inner]],
      [`${at}.input_layernorm.weight`, [width]],
      [`${at}.post_attention_layernorm.weight`, [width]],
    ];
  });
  return [
    ["model.embed_tokens.weight", [vocabulary, width]],
    ...layers.flat(),
    ["lm_head.weight", [vocabulary, width]],
  ];
}

/** A file with a header and nothing behind it: it takes as much of a disk as its header does. */
async function sparseFile(path: string): Promise<void> {
  let at = 0;
  const header = Object.fromEntries(
    eightBillion().map(([name, shape]) => {
      const begin = at;
      at += 2 * shape.reduce((product, n) => product * n, 1);
      return [name, { dtype: "BF16", shape, data_offsets: [begin, at] }];
    }),
  );
  const text = Buffer.from(JSON.stringify(header));
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(text.length));
  const file = await open(path, "w");
  await file.write(Buffer.concat([head, text]));
  await file.truncate(8 + text.length + at);
  await file.close();
}

const sample = await scores("sample:small-llama", request(FORTY, 1));
const swept = await sweeps("sample:small-llama", FORTY);
const results: Record<string, object> = { sample: { ...sample, sweepProcessor: swept } };
console.table({
  [`sample model, ${sample.tensors} matrices x ${sample.recipes} recipes, exact`]: {
    "wall, s": sample.wall.toFixed(2),
    "processor, s": sample.processor.toFixed(2),
    "a sweep's processor, s": swept.toFixed(2),
    "ns a value and recipe": sample.nsPerElement.toFixed(1),
    threads,
  },
});
if (values.sparse) {
  const folder = await mkdtemp(join(tmpdir(), "sparse-"));
  try {
    const path = join(folder, "model.safetensors");
    await sparseFile(path);
    const found = await scores(path, request(TWELVE, null));
    results.sparse = found;
    console.table({
      [`8 B, ${found.tensors} matrices x ${found.recipes} recipes, ${(found.bytesRead / 1e6).toFixed(0)} MB read`]: {
        "wall, s": found.wall.toFixed(2),
        "processor, s": found.processor.toFixed(2),
        "ns a value and recipe": found.nsPerElement.toFixed(1),
        "peak, MB": found.peakMB.toFixed(0),
        threads,
      },
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}
process.stdout.write(`${JSON.stringify(results)}\n`);
process.exit(0);
