/**
 * GPU time of sweeps over one tensor of 4096 x 4096 values, beside a pass that only reads it: 1,000 and 1,024 recipes, and
 * how the kinds of elements and ties among the data matter. Runs in Node with Dawn.
 */

import "../notation/all.ts";
import { startDawn } from "../backends/webgpu/device/dawn.ts";
import { ComputeDevice } from "../backends/webgpu/device/device.ts";
import { type PassTimes, timePasses } from "../backends/webgpu/device/pass-times.ts";
import { createWebgpuSweep } from "../backends/webgpu/sweep/backend.ts";
import type { Plan } from "../plan/plan.ts";
import { sweepDifference } from "../sweep/compare.ts";
import { expandSweep, parseSweep, sweepMatrix } from "../sweep/index.ts";
import { matrixOf, normalValues, planOf } from "../testing/matrix.ts";

const SIDE = Number(process.env.SIDE ?? 4096);
const ROUNDS = Number(process.env.ROUNDS ?? 5);
/** Recipes of each kind; fewer to see that it runs. */
const RECIPES = Number(process.env.RECIPES ?? 1024);
const REPEATS = 6;

const BLOCKS = "(16,32,64,128,row,col)";
const SCALES = "(f32,f16,bf16,e8m0,e8m0@up,e4m3,e5m2,ue4m3,ue5m3,e3m4)";
const KINDS = {
  "symmetric integers": "(int2,int3,int4,int5,int6,int7,int8)",
  "affine integers": "(int4(asym),int8(asym))",
  floats: "(e2m1,e1m2,e3m2,e2m3,e4m3,e5m2,e3m4)",
  codebooks: "(nf4)",
};

const gridOf = (formats: string) => `${formats}/${BLOCKS}:${SCALES}`;
const plansOf = (grid: string): Plan[] =>
  expandSweep(parseSweep(grid)).recipes.map(({ text }) => planOf(text, SIDE, SIDE));

/** Every kind of recipe, evenly thinned out. */
function manyPlans(count: number): Plan[] {
  const all = Object.values(KINDS).flatMap((formats) => plansOf(gridOf(formats)));
  const more = plansOf("(nvfp4,mxfp4,mxfp8,int4/16:e4m3/tensor)");
  const pool = [...all, ...more];
  return Array.from({ length: count }, (_, i) => pool[Math.floor((i * pool.length) / count)]);
}

const READS = 8;
const readWgsl = /* wgsl */ `
@group(0) @binding(0) var<storage, read> input: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  var all = vec4<u32>();
  for (var k = 0u; k < ${READS}u; k++) { all ^= input[(group.x * ${READS}u + k) * 256u + thread]; }
  // Never true for the data here, which the compiler cannot know.
  if ((all.x ^ all.y ^ all.z ^ all.w) == 0x7fc00001u) { out[0] = 1u; }
}
`;

async function readOnly(device: GPUDevice, times: PassTimes, values: Float32Array): Promise<number> {
  const compute = new ComputeDevice(device);
  const pipeline = await compute.pipeline("read", readWgsl, "main");
  const buffers = [compute.upload("input", values), compute.storage("out", 4)];
  times.repeats = 20;
  for (let k = 0; k < 5; k++) {
    const workgroups = values.length / (4 * 256 * READS);
    await compute.run([], [{ pipeline, label: "read", buffers, workgroups }], [[buffers[1], 4]]);
  }
  const taken = Math.min(...(await times.take()).get("read")!);
  times.repeats = 1;
  for (const buffer of buffers) buffer.destroy();
  return taken / 1e6;
}

async function openDevice(): Promise<{ device: GPUDevice; label: string }> {
  // What nothing global holds is collected while in use; Dawn rounds times to 65 us if not told otherwise.
  const held = globalThis as unknown as { gpu: GPU; adapter: GPUAdapter | null; device: GPUDevice };
  held.gpu = await startDawn({
    features: ["enable-dawn-features=allow_unsafe_apis", "disable-dawn-features=timestamp_quantization"],
  });
  held.adapter = await held.gpu.requestAdapter({ powerPreference: "high-performance" });
  const { limits, info, features } = held.adapter!;
  const { maxBufferSize, maxStorageBufferBindingSize } = limits;
  held.device = await held.adapter!.requestDevice({
    requiredFeatures: ["timestamp-query", ...(["subgroups"] as const).filter((name) => features.has(name))],
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
  });
  return { device: held.device, label: `${info.vendor} ${info.architecture} ${info.device} ${info.description}` };
}

const pace = async () => {};
const now = () => Number(process.hrtime.bigint()) / 1e6;
const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);

interface Row {
  what: string;
  recipes: number;
  ms: number;
  "us a recipe": number;
  "T value-recipes/s": number;
  wallMs: number;
}

async function main() {
  const { device, label } = await openDevice();
  console.log(label);
  const times = timePasses(device);
  const sweep = await createWebgpuSweep(device);
  const normal = normalValues(SIDE * SIDE);
  const bits = new Uint32Array(normal.buffer.slice(0)).map((b) => (b + 0x8000) & 0xffff0000);
  const bf16 = new Float32Array(bits.buffer);
  const sources = { float32: matrixOf(normal, SIDE, SIDE), bfloat16: matrixOf(bf16, SIDE, SIDE) };
  const measure = async (what: string, source: (typeof sources)["float32"], plans: Plan[]): Promise<Row> => {
    await sweep.declines(source, plans[0], pace);
    let [best, wall] = [Infinity, Infinity];
    const run = () => sweepMatrix(source, plans, { backend: sweep, pace, phases: 0 });
    for (let k = 0; k < ROUNDS; k++) {
      times.repeats = 1;
      const start = now();
      await run();
      wall = Math.min(wall, now() - start);
      await times.take();
      // Often in a row, so that the clocks of an idle GPU rise; what the dispatches give is written, not added up.
      times.repeats = REPEATS;
      await run();
      const passes = await times.take();
      best = Math.min(best, sum([...passes.values()].flat()) / 1e6);
      if (k < ROUNDS - 1) continue;
      const lines = [...passes].map(([pass, list]) => `${pass} ${list.map((ns) => (ns / 1e6).toFixed(3)).join(" ")}`);
      console.log(`${what}: ${lines.join("; ")}`);
    }
    times.repeats = 1;
    const recipes = plans.length;
    return {
      ...{ what, recipes, ms: Number(best.toFixed(3)), "us a recipe": Number(((best * 1e3) / recipes).toFixed(2)) },
      "T value-recipes/s": Number(((recipes * SIDE * SIDE) / best / 1e9).toFixed(3)),
      wallMs: Number(wall.toFixed(2)),
    };
  };
  const rows: Row[] = [];
  for (const count of [RECIPES - 24, RECIPES].filter((n) => n > 0))
    rows.push(await measure("all kinds", sources.float32, manyPlans(count)));
  for (const [kind, formats] of Object.entries(KINDS)) {
    rows.push(await measure(kind, sources.float32, plansOf(gridOf(formats)).slice(0, RECIPES)));
  }
  rows.push(await measure("all kinds, bfloat16 values", sources.bfloat16, manyPlans(RECIPES)));
  const floor = await readOnly(device, times, normal);
  console.log(`read only: ${floor.toFixed(4)} ms`);
  console.table(rows);
  const checked = await check(device);
  console.log(checked);
  console.log(JSON.stringify({ label, floorMs: floor, rows, checked }));
}

/** Compares some recipes of every kind with the reference on this card. */
async function check(device: GPUDevice): Promise<string> {
  const [rows, cols] = [96, 800];
  const sweep = await createWebgpuSweep(device);
  const values = normalValues(rows * cols, 7);
  const bits = new Uint32Array(values.buffer.slice(0)).map((b) => b & 0xffff0000);
  const grids = [...Object.values(KINDS).map(gridOf), "(nvfp4,mxfp4,mxfp4~mx(even),mxfp8,mxint8,int4(half)/32)"];
  const plans = grids.flatMap((grid) =>
    expandSweep(parseSweep(grid))
      .recipes.slice(0, RECIPES)
      .map(({ text }) => planOf(text, rows, cols)),
  );
  for (const data of [values, new Float32Array(bits.buffer)]) {
    const first = await sweepDifference(sweep, matrixOf(data, rows, cols), plans);
    if (first) return `differs from the reference: ${first}`;
  }
  return `${2 * plans.length} recipes agree with the reference`;
}

const alive = setInterval(() => {}, 5);
main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    clearInterval(alive);
    process.exit(1);
  },
);
