import type { Plan } from "../plan/plan.ts";
import { invertTransforms } from "../transforms/rows.ts";
import { Machine } from "../wasm/backend.ts";
import { elementTables, refusal } from "../wasm/element.ts";
import { Field, Kind } from "../wasm/fields.ts";
import { instantiate, loadWasm } from "../wasm/module.ts";
import { gridFields, windowSize, windowsOf } from "../wasm/windows.ts";
import type { SweepBackend, SweepTile, SweepWork } from "./backend.ts";
import { addErrors, addFacts } from "./sums.ts";

/** Where the kernels leave their counts, in float64s from `sumsAddress()`. */
const SATURATED = 6;
const FLUSHED = 7;
const SUMS = 16;

/** Encodes a tile window by window and gives each window's results, which stay in wasm memory until the next. */
function encodeWindows(
  machine: Machine,
  { plan, scales, sums }: SweepWork,
  tile: SweepTile,
  visit: (from: number, to: number, result: Float32Array) => void,
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
    visit(from, to, machine.floats(output, to - from));
  }
  const counts = machine.doubles(machine.kernels.sumsAddress(), SUMS);
  sums.saturated += counts[SATURATED];
  sums.flushed += counts[FLUSHED];
}

function evaluateOne(machine: Machine, work: SweepWork, tile: SweepTile): void {
  const { plan, sums } = work;
  const finite = tile.facts.nonFinite === 0;
  addFacts(tile.facts, sums);
  if (plan.transforms.length === 0) {
    encodeWindows(machine, work, tile, (from, to, result) =>
      addErrors(finite, tile.original.subarray(from, to), result, sums),
    );
    return;
  }
  const quantized = new Float32Array(tile.original.length);
  encodeWindows(machine, work, tile, (from, _to, result) => quantized.set(result, from));
  addErrors(finite, tile.original, invertTransforms(plan, tile, quantized), sums);
}

/** Kinds of elements that go through SIMD; the others take the exact path one by one, which the reference outruns. */
const FAST = [Kind.copy, Kind.integer, Kind.float, Kind.book];

function refuses(plan: Plan): string | null {
  const refused = refusal(plan);
  if (refused !== null) return refused;
  const kind = elementTables(plan.element).fields.find(([field]) => field === Field.kind)?.[1];
  return kind !== undefined && FAST.includes(kind) ? null : "has no fast path for these elements";
}

/**
 * Sweeps on the SIMD kernels: they encode, and the sums are taken here in float64. `module` is what another worker
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
