import type { Accumulator } from "../../../measure/accumulator.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { Tile } from "../../backend.ts";
import type { ComputeDevice, Dispatch } from "../device/device.ts";
import { addMeasureCounts } from "../tiles/counts.ts";
import { elementWords } from "../tiles/element.ts";
import { pieceWords } from "../tiles/pieces.ts";
import type { Kernels } from "../wgsl/kernels.ts";
import { LEAN_COUNTS } from "../wgsl/lean-fields.ts";
import { MOST_RANKS } from "../wgsl/lean-scale.ts";
import { SETTLE_WORKGROUPS, SETTLED_WORDS } from "../wgsl/settle.ts";
import { gathering } from "./gathering.ts";
import { givenText, givenWords, leanLayout, leanWords, placeWords, rowSteps, suitsGiven } from "./lean.ts";
import { addLean, addSettled, blocksAreRows, gatherLayout } from "./lean-sums.ts";
import type { DeviceTraits } from "./traits.ts";

const WORD = 4;
/** Fours of values that may be left open. */
const OPEN_CAPACITY = 2 ** 11;

/** What measures a tile's results when it runs, what it reads back, and who adds that up: false where too much was open. */
export interface Measurement {
  zeroed: [GPUBuffer, number][];
  dispatches: Dispatch[];
  wanted: [GPUBuffer, number, number?][];
  add(bytes: ArrayBuffer[]): boolean;
}

/**
 * Measures results that lie on the device against what came in, by the lean kernels' sums. For a GPU that was admitted to
 * rotations: its differences of floats are rounded as the definition rounds them.
 */
export class ResultMeasurer {
  readonly #compute: ComputeDevice;
  readonly #kernels: Kernels;
  readonly #traits: DeviceTraits;

  constructor(compute: ComputeDevice, kernels: Kernels, traits: DeviceTraits) {
    this.#compute = compute;
    this.#kernels = kernels;
    this.#traits = traits;
  }

  /** Null where the plan's blocks, the values' range or limits do not allow it. */
  async prepare(
    plan: Plan,
    tile: Tile,
    original: GPUBuffer,
    results: GPUBuffer,
    into: Accumulator,
  ): Promise<Measurement | null> {
    if (!suitsGiven(plan, into.valueExponent)) return null;
    const compute = this.#compute;
    const layout = leanLayout(plan, tile, into);
    const gather = gatherLayout(tile, layout, into.map);
    const most = compute.device.limits.maxStorageBufferBindingSize;
    if (Math.max(layout.words, tile.rows * tile.cols) * WORD > most) return null;
    const countBytes = (LEAN_COUNTS + MOST_RANKS) * WORD;
    const listBytes = (OPEN_CAPACITY + 1) * 2 * WORD;
    const counts = compute.storage("lean.counts", countBytes);
    const out = compute.storage("lean.out", layout.words * WORD);
    // As long as the kernels may fill it, whatever other lists there are.
    const open = compute.storage("given.open", listBytes);
    const settled = compute.storage("given.settled", OPEN_CAPACITY * 4 * SETTLED_WORDS * WORD);
    const gathered = compute.storage("lean.gathered", gather.outWords * WORD);
    const binning = { valueExponent: into.valueExponent, squareShift: 0, magnitudeShift: 0 };
    const whole = { row: tile.row0, rows: tile.rows, col: 0, cols: tile.cols, start: 0, count: tile.rows * tile.cols };
    const spec = compute.upload("given.spec", elementWords(plan.element).spec, true);
    const piece = compute.upload("given.piece", pieceWords(plan.grid, whole, binning), true);
    const words = leanWords({
      ...placeWords(tile, layout),
      ...givenWords(into.valueExponent),
      open_capacity: OPEN_CAPACITY,
      row_steps: rowSteps(layout, this.#traits.subgroup),
    });
    const lean = compute.upload("lean", words, true);
    const table = compute.upload("given.table", elementWords(plan.element).table);
    const bands = compute.upload("lean.bands", layout.bands.spans);
    const lookup = compute.upload("lean.lookup", new Uint32Array(2));
    const dispatches: Dispatch[] = [
      {
        pipeline: await this.#kernels.lean(givenText(this.#traits)),
        label: "measure",
        buffers: [spec, piece, lean, original, results, table, bands, lookup, counts, out, open],
        workgroups: layout.workgroups,
      },
      {
        pipeline: await this.#kernels.settle("given"),
        label: "settle",
        buffers: [piece, original, results, open, counts, settled],
        workgroups: SETTLE_WORKGROUPS,
      },
      await gathering(compute, this.#kernels, gather, out, gathered),
    ];
    return {
      zeroed: [
        [counts, countBytes],
        [open, 2 * WORD],
      ],
      dispatches,
      wanted: [
        [counts, countBytes],
        [out, blocksAreRows(plan) ? 0 : layout.colsAt * WORD],
        [out, (layout.storedAt - layout.sumsAt) * WORD, layout.sumsAt * WORD],
        [gathered, gather.outWords * WORD],
        [open, listBytes],
        [settled, OPEN_CAPACITY * 4 * SETTLED_WORDS * WORD],
      ],
      add([counted, segments, sums, sumsGathered, list, terms]) {
        const [fours] = new Uint32Array(list);
        if (fours > OPEN_CAPACITY) return false;
        addMeasureCounts(new Uint32Array(counted), into);
        addLean(plan, tile, layout, gather, { segments, sums, gathered: sumsGathered }, into);
        addSettled(plan, tile, new Uint32Array(list, 2 * WORD, 2 * fours), terms, into);
        return true;
      },
    };
  }
}
