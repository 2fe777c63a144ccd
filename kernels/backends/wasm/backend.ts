import type { Accumulator } from "../../measure/accumulator.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Scales } from "../../scales/resolve.ts";
import type { BlockStatistics } from "../../scales/statistics.ts";
import type { Backend, EncodedTile, Tile } from "../backend.ts";
import { invertTransforms } from "../transforms.ts";
import { refusal } from "./element.ts";
import { Field } from "./fields.ts";
import { instantiate } from "./instance.ts";
import { Machine } from "./machine.ts";
import { loadWasm } from "./module.ts";
import { finishReport, type ReportMemory, rangeOf, resultRange, startReport } from "./report.ts";
import { blocksOf, gridFields, windowSize, windowsOf } from "./windows.ts";

function addStatistics(machine: Machine, plan: Plan, tile: Tile, into: BlockStatistics): void {
  machine.begin(plan);
  const { first, count } = blocksOf(plan.grid, tile);
  const arrays = [into.amax, into.min, into.max, into.signed, into.bad].map((a) => a.subarray(first, first + count));
  const addresses = arrays.map((a) => (a.length > 0 ? machine.put(a) : 0));
  const input = machine.heap.take(4 * windowSize(tile.rows, tile.cols), false);
  machine.set([
    ...gridFields(plan, tile),
    ...[Field.amax, Field.min, Field.max, Field.signed, Field.bad].map((f, i): [Field, number] => [f, addresses[i]]),
    [Field.input, input],
  ]);
  for (const w of windowsOf(tile.rows, tile.cols)) {
    machine.floats(input, w.to - w.from).set(tile.input.subarray(w.from, w.to));
    machine.set(windowFields(w));
    machine.kernels.statistics();
  }
  arrays.forEach((a, i) => {
    if (a.length === 0) return;
    if (a instanceof Uint8Array) a.set(new Uint8Array(machine.heap.buffer, addresses[i], a.length));
    else a.set(machine.floats(addresses[i], a.length));
  });
}

function windowFields(w: { row: number; rows: number; col: number; width: number }): [Field, number][] {
  return [
    [Field.row0, w.row],
    [Field.rows, w.rows],
    [Field.col0, w.col],
    [Field.width, w.width],
  ];
}

/** Encodes a tile; results before the inverse transforms, codes where asked for. */
function encodeTile(machine: Machine, tile: Tile, wantCodes: boolean): EncodedTile {
  const n = windowSize(tile.rows, tile.cols);
  const input = machine.heap.take(4 * n, false);
  const output = machine.heap.take(4 * n, false);
  const codesAt = wantCodes ? machine.heap.take(4 * n, false) : 0;
  const quantized = new Float32Array(tile.rows * tile.cols);
  const codes = wantCodes ? new Uint32Array(tile.rows * tile.cols) : null;
  machine.set([
    [Field.input, input],
    [Field.result, output],
    [Field.codes, codesAt],
  ]);
  for (const w of windowsOf(tile.rows, tile.cols)) {
    const size = w.to - w.from;
    machine.floats(input, size).set(tile.input.subarray(w.from, w.to));
    machine.set(windowFields(w));
    machine.kernels.encode();
    quantized.set(machine.floats(output, size), w.from);
    codes?.set(machine.words(codesAt, size), w.from);
  }
  return { quantized, result: quantized, codes };
}

/** Adds a tile to a report, encoding it on the way. */
function reportTile(machine: Machine, tile: Tile): void {
  const original = machine.heap.take(4 * windowSize(tile.rows, tile.cols), false);
  machine.set([[Field.original, original]]);
  for (const w of windowsOf(tile.rows, tile.cols)) {
    machine.floats(original, w.to - w.from).set(tile.original.subarray(w.from, w.to));
    machine.set(windowFields(w));
    machine.kernels.report();
  }
}

/** Adds a tile to a report whose results are at hand. */
function accumulateTile(machine: Machine, tile: Tile, result: Float32Array): void {
  const n = windowSize(tile.rows, tile.cols);
  const original = machine.heap.take(4 * n, false);
  const results = machine.heap.take(4 * n, false);
  machine.set([
    [Field.original, original],
    [Field.result, results],
  ]);
  for (const w of windowsOf(tile.rows, tile.cols)) {
    machine.floats(original, w.to - w.from).set(tile.original.subarray(w.from, w.to));
    machine.floats(results, w.to - w.from).set(result.subarray(w.from, w.to));
    machine.set(windowFields(w));
    machine.kernels.accumulate();
  }
}

function quantizeTile(machine: Machine, plan: Plan, tile: Tile, scales: Scales, into: Accumulator): void {
  machine.begin(plan);
  machine.putScales(plan, tile, scales);
  machine.set(gridFields(plan, tile));
  const memory: ReportMemory = startReport(machine, plan, tile, resultRange(plan, scales), into);
  if (plan.transforms.length === 0) reportTile(machine, tile);
  else {
    const { quantized } = encodeTile(machine, tile, false);
    accumulateTile(machine, tile, invertTransforms(plan, tile, quantized));
  }
  machine.kernels.settle();
  finishReport(machine, plan, memory, into);
}

/** Adds results that somebody else made. */
function measureTile(machine: Machine, plan: Plan, tile: Tile, result: Float32Array, into: Accumulator): void {
  machine.begin(plan);
  machine.set(gridFields(plan, tile));
  const memory = startReport(machine, plan, tile, rangeOf(result), into);
  accumulateTile(machine, tile, result);
  machine.kernels.settle();
  finishReport(machine, plan, memory, into);
}

function encode(machine: Machine, plan: Plan, tile: Tile, scales: Scales): EncodedTile {
  machine.begin(plan);
  machine.putScales(plan, tile, scales);
  machine.set([...gridFields(plan, tile), [Field.countCodes, 0]]);
  const coded = plan.element.format.kind !== "identity";
  const encoded = encodeTile(machine, tile, coded);
  return { ...encoded, result: invertTransforms(plan, tile, encoded.quantized) };
}

/**
 * The backend of SIMD kernels, bit-identical to the reference in everything it decides. `module` is what another worker
 * compiled. Fails where WebAssembly or its SIMD is missing.
 */
export async function createWasmBackend(module?: WebAssembly.Module): Promise<Backend> {
  const machine = new Machine(await instantiate(module ?? (await loadWasm())));
  return {
    name: "wasm",
    refuses: refusal,
    async statistics(plan, tile, into) {
      addStatistics(machine, plan, tile, into);
    },
    async quantize(plan, tile, scales, into) {
      try {
        quantizeTile(machine, plan, tile, scales, into);
      } catch (error) {
        // Without memory in the middle: what was counted so far must not show up in the next tile.
        machine.kernels.settle();
        throw error;
      }
    },
    async measureResult(plan, tile, result, into) {
      try {
        measureTile(machine, plan, tile, result, into);
      } catch (error) {
        machine.kernels.settle();
        throw error;
      }
    },
    encode: async (plan, tile, scales) => encode(machine, plan, tile, scales),
  };
}
