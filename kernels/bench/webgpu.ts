/**
 * GPU time of whole reports against a pass that only reads the same buffer, and wall time from a changed recipe to its
 * figures. Runs in Node with Dawn.
 */

import "../notation/all.ts";
import { createWebgpuBackend } from "../backends/webgpu/backend.ts";
import { startDawn } from "../backends/webgpu/device/dawn.ts";
import { ComputeDevice } from "../backends/webgpu/device/device.ts";
import { type PassTimes, timePasses } from "../backends/webgpu/device/pass-times.ts";
import { largest } from "../exact/largest.ts";
import { prepareRecipe, quantizeMatrix } from "../index.ts";
import { makeAccumulator } from "../measure/accumulator.ts";
import { parseRecipe } from "../notation/index.ts";
import { valueRangeExponent } from "../report/bins.ts";

const RECIPES = process.env.RECIPES?.split(" ") ?? [
  ...["nvfp4", "mxfp4", "int4/128:f16", "e4m3/row", "nf4/64"],
  // Rotated in the same pass.
  ...["rht(128,seed=1)+nvfp4", "rht(128,seed=1)+int4/128:f16"],
];
const CALLS = 6;
/** The environment makes all of it smaller, to see that it runs. */
const setting = (name: string, usual: number) => Number(process.env[name] ?? usual);
const GPU_SIDE = setting("SIDE", 8192);
const WALL_SIDE = setting("WALL_SIDE", 4096);
/** Runs of each batch between two stamps. */
const REPEATS = setting("REPEATS", 40);
const WALL_ROUNDS = setting("ROUNDS", 41);
/** Rounds before those that count: JavaScript is compiled meanwhile. */
const EARLY_ROUNDS = Math.ceil(WALL_ROUNDS / 4);

const THREADS = 256;
const READS = 8;
const readWgsl = /* wgsl */ `
@group(0) @binding(0) var<storage, read> input: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let first = (group.y * groups.x + group.x) * ${THREADS * READS}u + thread;
  var all = vec4<u32>();
  for (var k = 0u; k < ${READS}u; k++) { all ^= input[first + k * ${THREADS}u]; }
  // Never true for the data here, which the compiler cannot know.
  if ((all.x ^ all.y ^ all.z ^ all.w) == 0x7fc00001u) { out[0] = 1u; }
}
`;

/** Sums of four uniform numbers: bell-shaped, and the same everywhere. */
function bell(count: number): Float32Array {
  let state = 12345;
  return Float32Array.from({ length: count }, () => {
    let sum = -2;
    for (let k = 0; k < 4; k++) {
      state = (Math.imul(1664525, state) + 1013904223) >>> 0;
      sum += state / 2 ** 32;
    }
    return sum;
  });
}

const matrix = (side: number, values: Float32Array) => ({
  name: "bell",
  shape: [side, side],
  view: { split: 1, transpose: false },
  rows: side,
  cols: side,
  read: async (from: number, to: number) => values.subarray(from * side, to * side),
  notes: [],
});

const best = (times: number[]) => Math.min(...times);
const milliseconds = (ns: number) => Number((ns / 1e6).toFixed(4));

async function floorOf(device: GPUDevice, times: PassTimes, values: Float32Array): Promise<number> {
  const compute = new ComputeDevice(device);
  const pipeline = await compute.pipeline("read", readWgsl, "main");
  const buffers = [compute.upload("input", values), compute.storage("out", 4)];
  const workgroups = values.length / (4 * THREADS * READS);
  for (let k = 0; k < CALLS; k++) {
    await compute.run([], [{ pipeline, label: "read", buffers, workgroups }], [[buffers[1], 4]]);
  }
  const taken = best((await times.take()).get("batch")!);
  for (const buffer of buffers) buffer.destroy();
  return taken;
}

async function main() {
  // What nothing global holds is collected while in use.
  const held = globalThis as unknown as { gpu: GPU; adapter: GPUAdapter | null; device: GPUDevice };
  // Dawn rounds times to 65 us otherwise.
  held.gpu = await startDawn({
    features: ["enable-dawn-features=allow_unsafe_apis", "disable-dawn-features=timestamp_quantization"],
  });
  const open = async (more: GPUFeatureName[]) => {
    // An adapter gives one device.
    held.adapter = await held.gpu.requestAdapter({ powerPreference: "high-performance" });
    const { features, limits } = held.adapter!;
    const { maxBufferSize, maxStorageBufferBindingSize } = limits;
    const subgroups = (["subgroups"] as const).filter((f) => features.has(f));
    const requiredLimits = { maxBufferSize, maxStorageBufferBindingSize };
    held.device = await held.adapter!.requestDevice({ requiredFeatures: [...subgroups, ...more], requiredLimits });
    return held.device;
  };
  const device = await open(["timestamp-query"]);
  const { vendor, architecture, device: model, description } = held.adapter!.info;
  console.log(`${vendor} ${architecture} ${model} ${description}`);
  const side = GPU_SIDE;
  const values = bell(side * side);
  const { floor, rows } = await gpuTimes(device, values, side);
  console.log(`read only: ${milliseconds(floor)} ms for ${side * side} values`);
  console.table(rows);
  // What is timed is encoded twice: waiting is measured where nobody times.
  const walls = await wallTimes(await open([]), values);
  console.table(walls);
  console.log(JSON.stringify({ vendor, architecture, description, floorMs: milliseconds(floor), rows, walls }));
}

/** Each dispatch of a report, and the report as a whole, in milliseconds and against one read. */
async function gpuTimes(device: GPUDevice, values: Float32Array, side: number) {
  const times = timePasses(device);
  const backend = await createWebgpuBackend(device);
  await backend.admitRotations();
  // Only now: the probes and checks of the backend count, and what counts must run once.
  times.repeats = REPEATS;
  const tile = { row0: 0, rows: side, cols: side, original: values, input: values, source: values };
  const amax = largest(values, 0);
  const measured: { recipe: string; pass: string; taken: number }[] = [];
  // The first round raises the clocks.
  for (const [k, recipe] of [...RECIPES, ...RECIPES].entries()) {
    const plan = prepareRecipe(parseRecipe(recipe), [], side, side);
    // Known of a tensor once it was asked for: what that takes is no part of a report.
    const turnedAmax = (await backend.largest!(plan, tile))!;
    await times.take();
    for (times.apart of [true, false]) {
      for (let call = 0; call < CALLS; call++) {
        await backend.measure!(plan, amax, turnedAmax)!.add(tile, makeAccumulator(plan, valueRangeExponent(amax)));
      }
      for (const [pass, taken] of await times.take()) {
        if (k >= RECIPES.length) measured.push({ recipe, pass, taken: best(taken) });
      }
    }
  }
  // Last, when the clocks are at their highest.
  const floor = await floorOf(device, times, values);
  const rows = measured.map(({ recipe, pass, taken }) => {
    return { recipe, pass, ms: milliseconds(taken), ofFloor: Number((floor / taken).toFixed(3)) };
  });
  return { floor, rows };
}

/** From a changed recipe to its figures, and how long the first recipe of all takes, with the values on the host alone. */
async function wallTimes(device: GPUDevice, values: Float32Array) {
  const source = matrix(WALL_SIDE, values.subarray(0, WALL_SIDE ** 2));
  const now = () => Number(process.hrtime.bigint()) / 1e6;
  const begun = now();
  const backend = await createWebgpuBackend(device);
  const backendMs = now() - begun;
  await backend.admitRotations();
  const byRecipe = new Map<string, { wall: number[]; firstMs: number }>();
  for (let round = 0; round < EARLY_ROUNDS + WALL_ROUNDS; round++) {
    for (const recipe of RECIPES) {
      const begun = now();
      const plan = prepareRecipe(parseRecipe(recipe), [], WALL_SIDE, WALL_SIDE);
      await quantizeMatrix(source, plan, { backend, checkpoint: async () => {}, now, scalesLater: true });
      const taken = now() - begun;
      const known = byRecipe.get(recipe) ?? { wall: [], firstMs: taken };
      if (round >= EARLY_ROUNDS) known.wall.push(taken);
      byRecipe.set(recipe, known);
    }
  }
  const middle = (of: number[]) => of.sort((a, b) => a - b)[Math.floor(of.length / 2)];
  const rounded = (ms: number) => Number(ms.toFixed(2));
  console.log(`backend made in ${rounded(backendMs)} ms`);
  return Array.from(byRecipe, ([recipe, { wall, firstMs }]) => {
    return { recipe, medianMs: rounded(middle(wall)), leastMs: rounded(best(wall)), firstMs: rounded(firstMs) };
  });
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
