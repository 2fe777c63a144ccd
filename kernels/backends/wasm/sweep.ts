import type { Plan } from "../../plan/plan.ts";
import type { SweepBackend, SweepTile, SweepWork } from "../sweep.ts";
import { addErrors, addFacts, type SweepSums } from "../sweep-sums.ts";
import { invertTransforms } from "../transforms.ts";
import { elementTables, refusal } from "./element.ts";
import { Field, Kind } from "./fields.ts";
import { instantiate } from "./instance.ts";
import { Machine } from "./machine.ts";
import { loadWasm } from "./module.ts";
import { gridFields, windowSize, windowsOf } from "./windows.ts";

/** Where the kernels leave their counts, in float64s from `sumsAddress()`. */
const SATURATED = 6;
const FLUSHED = 7;
const SUMS = 16;

/** Elements whose sums are closed together, as the reference closes its own. */
const STRETCH = 4096;

/** Encodes a tile window by window; `visit` finds each window's input and results in wasm memory. */
function encodeWindows(
  machine: Machine,
  { plan, scales, sums }: SweepWork,
  tile: SweepTile,
  visit: (from: number, to: number, input: number, result: number) => void,
): void {
  machine.begin(plan);
  machine.putScales(plan, tile, scales);
  const n = windowSize(tile.rows, tile.cols);
  const input = machine.heap.take(4 * n, false);
  const output = machine.heap.take(4 * n, false);
  machine.set([
    ...gridFields(plan, tile),
    [Field.countCodes, 0],
    [Field.codes, 0],
    [Field.input, input],
    [Field.result, output],
  ]);
  machine.doubles(machine.kernels.sumsAddress(), SUMS).fill(0);
  for (const { row, rows, col, width, from, to } of windowsOf(tile.rows, tile.cols)) {
    machine.floats(input, to - from).set(tile.input.subarray(from, to));
    machine.set([
      [Field.row0, row],
      [Field.rows, rows],
      [Field.col0, col],
      [Field.width, width],
    ]);
    machine.kernels.encode();
    visit(from, to, input, output);
  }
  const counts = machine.doubles(machine.kernels.sumsAddress(), SUMS);
  sums.saturated += counts[SATURATED];
  sums.flushed += counts[FLUSHED];
}

/** Adds the errors of n values and results in wasm memory; stretches that hold NaN or Inf are left to careful hands. */
function addWindow(machine: Machine, x: number, y: number, n: number, into: SweepSums): void {
  const { kernels } = machine;
  const out = machine.doubles(kernels.errorsAddress(), 6);
  for (let from = 0; from < n; from += STRETCH) {
    const count = Math.min(STRETCH, n - from);
    const [at, result] = [x + 4 * from, y + 4 * from];
    if (!kernels.sumErrors(at, result, count)) {
      addErrors(false, machine.floats(at, count), machine.floats(result, count), into);
      continue;
    }
    into.signal += out[0];
    into.error += out[1];
    into.absError += out[2];
    into.dot += out[3];
    into.energy += out[4];
    if (out[5] > into.maxAbs) into.maxAbs = out[5];
  }
}

function evaluateOne(machine: Machine, work: SweepWork, tile: SweepTile): void {
  const { plan, sums } = work;
  addFacts(tile.facts, sums);
  if (plan.transforms.length === 0) {
    encodeWindows(machine, work, tile, (from, to, input, result) => addWindow(machine, input, result, to - from, sums));
    return;
  }
  const quantized = new Float32Array(tile.original.length);
  encodeWindows(machine, work, tile, (from, to, _, result) => quantized.set(machine.floats(result, to - from), from));
  const back = invertTransforms(plan, tile, quantized);
  const n = windowSize(tile.rows, tile.cols);
  const x = machine.heap.take(4 * n, false);
  const y = machine.heap.take(4 * n, false);
  for (const { from, to } of windowsOf(tile.rows, tile.cols)) {
    machine.floats(x, to - from).set(tile.original.subarray(from, to));
    machine.floats(y, to - from).set(back.subarray(from, to));
    addWindow(machine, x, y, to - from, sums);
  }
}

/** Kinds of elements that go through SIMD; the others take the exact path one by one, which the reference outruns. */
const FAST = [Kind.copy, Kind.integer, Kind.float, Kind.book, Kind.randomInteger, Kind.randomFloat];

function refuses(plan: Plan): string | null {
  const refused = refusal(plan);
  if (refused !== null) return refused;
  const kind = elementTables(plan.element).fields.find(([field]) => field === Field.kind)?.[1];
  return kind !== undefined && FAST.includes(kind) ? null : "has no fast path for these elements";
}

/**
 * Sweeps on the SIMD kernels, with sums in float64. `module` is what another worker
 * compiled. Fails where WebAssembly or its SIMD is missing.
 */
export async function createWasmSweep(module?: WebAssembly.Module): Promise<SweepBackend> {
  const machine = new Machine(await instantiate(module ?? (await loadWasm())));
  return {
    name: "wasm",
    refuses,
    async evaluate(work, tile, pace) {
      for (const one of work) {
        evaluateOne(machine, one, tile);
        await pace();
      }
    },
  };
}
