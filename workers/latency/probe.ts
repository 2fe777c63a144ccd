/** Times products on the reader's own device (OHQ, arXiv 2309.01945: sensitivity and speed are taken where the model will run). */
import {
  agrees,
  drawPacked,
  drawToken,
  type Packed,
  rowBytes,
  type Width,
} from "../../kernels/signals/latency/packed.ts";
import { findAdapter, judgeAdapter } from "../backends/gpu.ts";
import { UserError } from "../errors/user-error.ts";
import { type JobControl, pacer } from "../pace/pace.ts";
import { gpuMachine } from "./gpu.ts";
import type { LatencyMachine } from "./machine.ts";
import { processor } from "./processor.ts";
import { type LatencyAnswer, type LatencyRequest, type Timing, USUAL_RUNS } from "./types.ts";

/** A run takes at least so long, or clocks of a browser (0.1 ms) tell nothing. */
const LEAST_MS = 2;
const MOST_PRODUCTS = 4096;
/** Rows whose products are held to the definition before anything is timed. */
const CHECKED_ROWS = 16;
const SEED = 1;

/** The GPU where there is one that is no imitation, else the processor; or the one that is asked for. Rejects with UserError. */
export async function latencyMachine(gpu: GPU | null, asked: LatencyRequest["machine"]): Promise<LatencyMachine> {
  if (asked === "wasm") return processor();
  const adapter = await findAdapter(gpu);
  if (!adapter || (asked === null && !judgeAdapter(adapter.info).hardware)) {
    if (asked === null) return processor();
    throw new UserError("There is no GPU here that WebGPU may use: time the processor instead.");
  }
  try {
    return await gpuMachine(adapter);
  } catch (error) {
    if (asked === null) return processor();
    throw new UserError(`The GPU cannot be timed (${(error as Error).message}): time the processor instead.`);
  }
}

/**
 * Times each shape at each width. What fails is told and does not end the rest. Rejects with UserError for shapes that are none, and
 * with AbortError.
 */
export async function probeLatency(
  machine: LatencyMachine,
  { shapes, widths, runs = USUAL_RUNS }: LatencyRequest,
  control: JobControl,
): Promise<LatencyAnswer> {
  for (const [rows, cols] of shapes) {
    if (!(Number.isSafeInteger(rows) && Number.isSafeInteger(cols) && rows > 0 && cols > 0)) {
      throw new UserError(`${rows} x ${cols} is no matrix that can be timed.`);
    }
  }
  const pace = pacer(control.signal);
  const each = new Map(shapes.map(([rows, cols]) => [`${rows} ${cols}`, [rows, cols] as const]));
  const total = each.size * widths.length;
  const timings: Timing[] = [];
  const failed: LatencyAnswer["failed"] = [];
  for (const [rows, cols] of each.values()) {
    for (const width of widths) {
      control.progress({ done: timings.length + failed.length, total, unit: "products", phase: "timing products" });
      try {
        timings.push(await timed(machine, rows, cols, width, runs, pace));
      } catch (error) {
        if (control.signal.aborted) throw error;
        failed.push({ rows, cols, width, why: (error as Error).message });
      }
    }
  }
  const { name, device, clock } = machine;
  const about = `Product of one token with packed codes, unpacked on the way, on this device (${device}), by ${clock}: the median of ${runs} runs. A matrix that fits a cache is read from there. It is this device's figure, not a server's.`;
  return { machine: name, device, clock, timings, failed, about };
}

async function timed(
  machine: LatencyMachine,
  rows: number,
  cols: number,
  width: Width,
  runs: number,
  pace: () => Promise<void>,
): Promise<Timing> {
  const rowsTimed = Math.min(rows, Math.floor(machine.limit / rowBytes(cols, width)));
  if (rowsTimed < 1) throw new Error("not one row of it fits the memory that may be used");
  const packed = drawPacked(rowsTimed, cols, width, SEED);
  const token = drawToken(cols, width, SEED);
  const loaded = await machine.load(packed, token);
  try {
    // The first one compiles, and is not timed.
    await loaded.time(1);
    const some = firstRows(packed, CHECKED_ROWS);
    if (!agrees(some, token, (await loaded.product()).subarray(0, some.rows))) {
      throw new Error("its product is not the one that it should be");
    }
    let products = 1;
    for (let ms = await loaded.time(1); ms < LEAST_MS && products < MOST_PRODUCTS; ms = await loaded.time(products)) {
      products = Math.min(
        MOST_PRODUCTS,
        Math.max(2 * products, Math.ceil((1.2 * LEAST_MS * products) / Math.max(ms, 0.01))),
      );
      await pace();
    }
    const times: number[] = [];
    for (let run = 0; run < runs; run++) {
      times.push((((await loaded.time(products)) / products) * rows) / rowsTimed);
      await pace();
    }
    times.sort((a, b) => a - b);
    const [lower, median, upper] = [0.25, 0.5, 0.75].map((share) => quantile(times, share));
    if (!(median > 0)) throw new Error("its time is below what the clock can tell");
    return { rows, cols, width, median, lower, upper, products, rowsTimed };
  } finally {
    loaded.close();
  }
}

function firstRows(packed: Packed, most: number): Packed {
  const rows = Math.min(packed.rows, most);
  const { groups, words, scales } = packed;
  return { ...packed, rows, words: words.subarray(0, rows * groups * 4), scales: scales.subarray(0, rows * groups) };
}

/** Between neighbours in proportion. */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
}
