import type { MatrixSource } from "../../../matrix/source.ts";
import { makeSums } from "../../../measure/sums.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { MatrixSweep, SweepTotals } from "../../sweep.ts";
import { ComputeDevice } from "../device/device.ts";
import { GpuError } from "../device/errors.ts";
import { bookWords } from "./books.ts";
import { type Chunk, chunksOf } from "./chunks.ts";
import { Extents, paramWords } from "./extents.ts";
import { PARTS, packRecipes, SUMS, TABLE_WORDS, TABLES, THREADS, TILE, TOTALS } from "./fields.ts";
import { compileSweep, type SweepShaders, sweepShaders } from "./kernels.ts";
import { refusalOf, wordsOf } from "./recipe.ts";
import { runsKey, runsOf, type SweepTensor, tensorRefusal, tilesOf, uploadTensor } from "./tensor.ts";

export interface WebgpuSweepOptions {
  shaders?: SweepShaders;
}

/** Bytes of tensors that stay on the GPU. */
const BUDGET = 2 ** 30;

/** A matrix on the GPU, and what is known of it. */
interface Resident {
  source: WeakRef<MatrixSource>;
  tensor: SweepTensor;
  /** By the way runs lie. */
  extents: Map<string, Extents>;
}

/**
 * Sweeps on a GPU: a tile of the tensor is loaded once for hundreds of recipes, which share the extents of its blocks and
 * its runs, sorted; these take as much of the GPU's memory again as the tensor.
 * Counts and largest errors are the reference's: levels are exact (`wgsl/frame.ts` says how), and so are scales, but where
 * a quotient of float32 by a divisor of many digits lies within 2^-40 of a middle between stored scales. Sums of squares and
 * magnitudes are float32 within a tile and float64 beyond, and agree to a part in a million.
 * Calls run one after another; they reject with DeviceLostError when the device goes, and with GpuError when it fails.
 */
export async function createWebgpuSweep(
  device: GPUDevice | (() => Promise<GPUDevice>),
  options: WebgpuSweepOptions = {},
): Promise<MatrixSweep> {
  const compute = new ComputeDevice(typeof device === "function" ? await device() : device);
  await compute.alive();
  const kernels = await compileSweep(compute, options.shaders ?? sweepShaders);
  const { maxStorageBufferBindingSize, maxBufferSize } = compute.device.limits;
  const mostBytes = Math.min(maxStorageBufferBindingSize, maxBufferSize, BUDGET);
  let residents: Resident[] = [];
  // Whose runs the buffer of sorted runs holds.
  let sorted: Extents | null = null;
  const release = ({ tensor, extents }: Resident) => {
    tensor.buffer.destroy();
    for (const one of extents.values()) one.destroy();
  };
  // Buffers are shared: a call waits for the one before it, whichever way that ended.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch((error) => {
      // A failure of the GPU leaves buffers in any state; where the caller stopped they are whole.
      if (!(error instanceof GpuError)) return;
      residents.forEach(release);
      residents = [];
      sorted = null;
    });
    return turn;
  };

  const residentOf = async (source: MatrixSource, pace: () => Promise<void>): Promise<Resident> => {
    const known = residents.find((one) => one.source.deref() === source);
    if (known) return known;
    const bytes = 4 * source.rows * source.cols;
    let kept = 0;
    residents = residents.filter((one) => {
      kept += one.tensor.buffer.size;
      const stays = one.source.deref() !== undefined && kept + bytes <= BUDGET;
      if (!stays) release(one);
      return stays;
    });
    const tensor = await uploadTensor(compute, source, pace);
    const made = { source: new WeakRef(source), tensor, extents: new Map() };
    residents = [made, ...residents];
    return made;
  };

  const evaluate = async (chunk: Chunk, plans: readonly Plan[], resident: Resident, factor: number) => {
    const { tensor } = resident;
    const key = runsKey(chunk.runs);
    const extents = resident.extents.get(key) ?? new Extents(tensor, chunk.runs);
    resident.extents.set(key, extents);
    await extents.find(compute, kernels.extents, chunk.grids);
    const { runs } = chunk;
    const grids = chunk.grids.map((grid) => extents.placeOf(grid));
    const recipes = chunk.members.length;
    const amax = Math.fround(tensor.facts.amax * factor);
    const { leastRun, leastColumn } = tensor.facts;
    const magnitudes = { amax, least: Math.fround((runs.down ? leastColumn : leastRun) * factor) };
    const words = packRecipes(
      chunk.members.map(({ index, slot, table }) => wordsOf(plans[index], magnitudes, slot, table)),
    );
    const params = compute.upload("sweep params", paramWords({ tensor, runs, grids, recipes, factor }), true);
    const tiles = tilesOf(runs);
    const elements = compute.storage("sweep sorted", 4 * tiles * TILE);
    const sums = compute.storage("sweep sums", 4 * tiles * recipes * SUMS);
    const largest = compute.storage("sweep maxima", 4 * tiles * recipes);
    const dead = compute.storage("sweep dead", 4 * recipes);
    const totalBytes = 4 * PARTS * recipes * TOTALS;
    const totals = compute.storage("sweep totals", totalBytes);
    const buffers = [params, elements, extents.buffer, compute.upload("sweep recipes", words)];
    buffers.push(sums, largest, dead);
    if (chunk.kernel === "books") {
      const books = new Float32Array(TABLES * TABLE_WORDS);
      chunk.books.forEach((ladder, k) => void books.set(bookWords(ladder!), k * TABLE_WORDS));
      buffers.push(compute.upload("sweep books", books));
    }
    const pipeline = await kernels.sweep(chunk.kernel, { size: runs.size, short: chunk.short, long: chunk.long });
    const sorting = sorted === extents ? [] : [extents.sorting(compute, kernels.extents, elements)];
    sorted = null;
    const [out, deadOut] = await compute.run(
      [[dead, 4 * recipes]],
      [
        ...sorting,
        { pipeline, label: `sweep ${chunk.kernel}`, buffers, workgroups: tiles },
        {
          ...{ pipeline: kernels.totals, label: "sweep totals", buffers: [params, sums, largest, totals] },
          workgroups: Math.ceil((recipes * PARTS) / THREADS),
        },
      ],
      [
        [totals, totalBytes],
        [dead, 4 * recipes],
      ],
    );
    sorted = extents;
    return { words: out, dead: new Uint32Array(deadOut), pads: tiles * TILE - tensor.rows * tensor.cols };
  };

  return {
    name: "webgpu",
    refuses: refusalOf,
    declines: (source, plan, pace) =>
      inTurn(async () => {
        if (4 * TILE * tilesOf(runsOf(plan)) > mostBytes) return "does not sweep tensors that large";
        return tensorRefusal(plan, (await residentOf(source, pace)).tensor.facts);
      }),
    totals: (source, plans, factor, pace) =>
      inTurn(async () => {
        const resident = await residentOf(source, pace);
        const all = new Array<SweepTotals>(plans.length);
        const short = resident.tensor.facts.short && Number.isInteger(Math.log2(factor));
        for (const chunk of chunksOf(plans, short)) {
          await pace();
          const { words, dead, pads } = await evaluate(chunk, plans, resident, factor);
          chunk.members.forEach(({ index }, k) => {
            all[index] = {
              sums: sumsOf(words, chunk.members.length, k, resident.tensor, factor, pads),
              dead: dead[k],
            };
          });
        }
        return all;
      }),
  };
}

/** Adds up the parts of recipe k's totals, and what every recipe counts alike. */
function sumsOf(
  words: ArrayBuffer,
  recipes: number,
  k: number,
  { facts }: SweepTensor,
  factor: number,
  pads: number,
): SweepTotals["sums"] {
  const floats = new Float32Array(words);
  const counts = new Uint32Array(words);
  const sums = makeSums();
  let zeros = 0;
  for (let part = 0; part < PARTS; part++) {
    const at = (part * recipes + k) * TOTALS;
    sums.error += floats[at];
    sums.absError += floats[at + 1];
    sums.energy += floats[at + 2];
    sums.maxAbs = Math.max(sums.maxAbs, floats[at + 3]);
    zeros += counts[at + 4];
    sums.saturated += counts[at + 5];
  }
  sums.count = facts.count;
  sums.nonFinite = facts.nonFinite;
  sums.signal = facts.signal * factor * factor;
  // |x - y|^2 = |x|^2 - 2 xy + |y|^2; without results there is nothing to multiply.
  sums.dot = sums.energy === 0 ? 0 : (sums.signal + sums.energy - sums.error) / 2;
  // Zeros of the input, and what stands for elements that are not there or not finite, are no values.
  sums.flushed = zeros - facts.zeros - facts.nonFinite - pads;
  return sums;
}
