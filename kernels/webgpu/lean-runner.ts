import type { Measuring, Tile } from "../backend.ts";
import { codeCount } from "../formats/codes.ts";
import { blockCount } from "../plan/blocks.ts";
import type { Plan } from "../plan/plan.ts";
import type { Accumulator } from "../report/accumulator.ts";
import { valueRangeExponent } from "../report/bins.ts";
import type { Scales } from "../scales/resolve.ts";
import { addEncodeCounts, addMeasureCounts } from "./counts.ts";
import type { ComputeDevice, Dispatch } from "./device.ts";
import { elementWords, onGrid } from "./element.ts";
import type { Kernels } from "./kernels.ts";
import {
  filterWords,
  type LeanLayout,
  type LeanWords,
  leanLayout,
  leanWords,
  placeWords,
  rowSteps,
  suitsLean,
  textOf,
} from "./lean.ts";
import { cellsOf } from "./lean-cells.ts";
import { type FoundScales, type ScaleFinder, scaleFinder } from "./lean-scales.ts";
import { addLean, addSettled, blocksAreRows, gatherLayout } from "./lean-sums.ts";
import { blocksOf, pieceWords } from "./pieces.ts";
import type { ResidentTiles } from "./resident.ts";
import { LEAST_COUNTED, scaleCounting } from "./scale-counts.ts";
import type { DeviceTraits } from "./traits.ts";
import { GATHER_THREADS } from "./wgsl/gather.ts";
import { LEAN_COUNTS, type LeanText } from "./wgsl/lean-fields.ts";
import { MOST_RANKS, SCALE_FROM } from "./wgsl/lean-scale.ts";
import { SETTLE_WORKGROUPS, SETTLED_WORDS } from "./wgsl/settle.ts";
import { MEASURE_WORDS } from "./wgsl/terms.ts";

const WORD = 4;
/** Fours of values that the lean kernels may leave open, and so many that are read back with everything else. */
const OPEN_CAPACITY = 2 ** 16;
const OPEN_AT_ONCE = 2 ** 10;

/** How a pass gets its scales: words of the uniform, the buffers that they name, and what runs before. */
interface ScaleSide {
  text: Pick<LeanText, "scaleFrom" | "bySteps">;
  words: Partial<LeanWords>;
  scales: GPUBuffer;
  lookup: Uint32Array;
  before: Dispatch[];
  /** Words of stored scales that are read back. */
  stored: number;
}

/** Runs the lean kernels: see `wgsl/lean.ts`. */
export class LeanRunner {
  readonly #compute: ComputeDevice;
  readonly #kernels: Kernels;
  readonly #traits: DeviceTraits;
  readonly #resident: ResidentTiles;

  constructor(compute: ComputeDevice, kernels: Kernels, traits: DeviceTraits, resident: ResidentTiles) {
    this.#compute = compute;
    this.#kernels = kernels;
    this.#traits = traits;
    this.#resident = resident;
  }

  /**
   * Encodes and measures a tile whose scales are known. False where the plan's blocks or levels, or limits, do not allow
   * that, or where too many values were too close to call; nothing is added then.
   */
  async quantize(plan: Plan, tile: Tile, scales: Scales, into: Accumulator): Promise<boolean> {
    if (!this.#suits(plan, tile, into.valueExponent)) return false;
    const [first, end] = blocksOf(plan.grid, wholeTile(tile));
    const side = {
      text: { scaleFrom: plan.levels.length > 0 ? SCALE_FROM.given : SCALE_FROM.one, bySteps: false },
      words: {},
      scales: this.#compute.upload("scales", scales.effective.subarray(first, end)),
      lookup: new Uint32Array(0),
      before: [],
      stored: 0,
    };
    return (await this.#run(plan, tile, side, into)) !== null;
  }

  /** One pass with scales found on the way; null where the plan does not suit. `inTurn` keeps calls apart. */
  measure(plan: Plan, amax: number, inTurn: <T>(work: () => Promise<T>) => Promise<T>): Measuring | null {
    const valueExponent = valueRangeExponent(amax);
    if (!suitsLean(plan, valueExponent)) return null;
    const finder = scaleFinder(plan, amax);
    if (!finder) return null;
    this.#compileAhead(plan, finder);
    return {
      wants: (place) => !this.#resident.holds(place),
      add: (tile, into) =>
        inTurn(async () => {
          // What was here may have made room for something else meanwhile.
          if (tile.input.length === 0 && !this.#resident.holds(tile)) return false;
          if (!this.#suits(plan, tile, into.valueExponent)) return false;
          const found = await this.#run(plan, tile, await this.#scaleSide(plan, tile, finder), into);
          if (found) finder.add(found);
          return found !== null;
        }),
      scales: () => finder.summary(),
    };
  }

  /** The largest finite magnitude of a tile's values; null where their rows are no whole fours. */
  async largest(tile: Tile): Promise<number | null> {
    if (tile.cols % 4 !== 0 || !this.#fits(tile.input.byteLength)) return null;
    const { buffer, before } = await this.#rowAmax(tile);
    const [found] = await this.#compute.run([], before, [[buffer, tile.rows * WORD]]);
    return new Float32Array(found).reduce((a, b) => Math.max(a, b), 0);
  }

  /** Has kernels compiled while values are still being read. */
  #compileAhead(plan: Plan, { text }: ScaleFinder): void {
    const kernels = this.#kernels;
    const all = [kernels.lean(textOf(plan, text, this.#traits)), kernels.settle(), kernels.gather(), kernels.rowAmax()];
    // Whoever runs them hears of failures.
    for (const kernel of all) kernel.catch(() => {});
  }

  #suits(plan: Plan, tile: Tile, valueExponent: number): boolean {
    return suitsLean(plan, valueExponent) && this.#fits(tile.rows * tile.cols * WORD);
  }

  #fits(bytes: number): boolean {
    return bytes <= this.#compute.device.limits.maxStorageBufferBindingSize;
  }

  async #scaleSide(plan: Plan, tile: Tile, finder: ScaleFinder): Promise<ScaleSide> {
    const compute = this.#compute;
    const { text, words, steps, given } = finder;
    const perTile = blockCount(plan.grid) === 1 ? 1 : tile.rows * plan.grid.gridCols;
    const side = { text, words, lookup: steps, before: [] as Dispatch[], stored: finder.storedOnDevice ? perTile : 0 };
    if (text.scaleFrom !== SCALE_FROM.givenAmax) return { ...side, scales: compute.upload("scales", given) };
    const { buffer, before } = await this.#rowAmax(tile);
    return { ...side, scales: buffer, before };
  }

  /** The largest magnitude of each row of a tile, and what has to run before. */
  async #rowAmax(tile: Tile): Promise<{ buffer: GPUBuffer; before: Dispatch[] }> {
    const { buffer, fresh } = this.#resident.rowAmaxOf(tile);
    if (!fresh) return { buffer, before: [] };
    const place = this.#compute.upload("row-amax", Uint32Array.of(tile.rows, tile.cols / 4), true);
    const buffers = [place, this.#resident.bufferOf(tile), buffer];
    const pipeline = await this.#kernels.rowAmax();
    return { buffer, before: [{ pipeline, label: "row amax", buffers, workgroups: tile.rows }] };
  }

  async #run(plan: Plan, tile: Tile, side: ScaleSide, into: Accumulator): Promise<FoundScales | null> {
    const compute = this.#compute;
    const { element } = plan;
    const layout = leanLayout(plan, tile, into);
    const gather = gatherLayout(tile, layout, into.map);
    const words = layout.words + side.stored;
    if (!this.#fits(words * WORD)) return null;
    const codes = codeCount(element.ladder!.format);
    const countBytes = (LEAN_COUNTS + codes + MOST_RANKS) * WORD;
    const counts = compute.storage("lean.counts", countBytes);
    const out = compute.storage("lean.out", words * WORD);
    const open = compute.storage("lean.open", (OPEN_CAPACITY + 1) * 2 * WORD);
    const settled = compute.storage("lean.settled", OPEN_CAPACITY * 4 * SETTLED_WORDS * WORD);
    const gathered = compute.storage("lean.gathered", gather.outWords * WORD);
    const input = this.#resident.bufferOf(tile);
    const table = compute.upload("table", elementWords(element).table);
    const { spec, piece } = this.#shared(plan, tile, into.valueExponent);
    const lean = [spec, piece, this.#words(plan, layout, tile, side, into), input, side.scales, table];
    const bands = compute.upload("lean.bands", layout.bands.spans);
    const dispatches: Dispatch[] = [
      ...side.before,
      {
        pipeline: await this.#kernels.lean(textOf(plan, side.text, this.#traits)),
        label: "lean",
        buffers: [...lean, bands, this.#lookup(plan, side), counts, out, open],
        workgroups: layout.workgroups,
      },
      {
        pipeline: await this.#kernels.settle(),
        label: "settle",
        buffers: [spec, piece, input, table, open, counts, settled],
        workgroups: SETTLE_WORKGROUPS,
      },
      {
        pipeline: await this.#kernels.gather(),
        label: "gather",
        buffers: [
          compute.upload("gather", gather.words, true),
          compute.upload("gather.bands", gather.firstBands),
          out,
          gathered,
        ],
        workgroups: Math.ceil(gather.outWords / GATHER_THREADS),
      },
    ];
    // Of a whole matrix at once; tiles cannot be joined by their counts.
    const counting =
      side.stored >= LEAST_COUNTED && tile.rows === plan.rows
        ? await scaleCounting(compute, this.#kernels, out, layout.storedAt, side.stored)
        : null;
    dispatches.push(...(counting?.dispatches ?? []));
    const storedBytes = counting?.bytes ?? side.stored * WORD;
    const [counted, segments, sums, stored, sumsGathered, list, terms] = await compute.run(
      [
        [counts, countBytes],
        [open, 2 * WORD],
        ...(counting ? [[counting.counts, counting.bytes] as [GPUBuffer, number]] : []),
      ],
      dispatches,
      [
        [counts, countBytes],
        [out, blocksAreRows(plan) ? 0 : layout.colsAt * WORD],
        [out, (layout.storedAt - layout.sumsAt) * WORD, layout.sumsAt * WORD],
        counting ? [counting.counts, storedBytes] : [out, storedBytes, layout.storedAt * WORD],
        [gathered, gather.outWords * WORD],
        [open, (OPEN_AT_ONCE + 1) * 2 * WORD],
        [settled, OPEN_AT_ONCE * 4 * SETTLED_WORDS * WORD],
      ],
    );
    const [fours, dead] = new Uint32Array(list);
    if (fours > OPEN_CAPACITY) return null;
    const all = new Uint32Array(counted);
    addMeasureCounts(all, into);
    addEncodeCounts(all.subarray(MEASURE_WORDS), into);
    addLean(plan, tile, layout, gather, { segments, sums, gathered: sumsGathered }, into);
    if (fours <= OPEN_AT_ONCE) addSettled(plan, tile, new Uint32Array(list, 2 * WORD, 2 * fours), terms, into);
    else await this.#addMany(plan, tile, open, settled, fours, into);
    return {
      ranks: all.subarray(LEAN_COUNTS + codes),
      stored: counting ? new Float32Array(0) : new Float32Array(stored),
      counted: counting && { counts: new Uint32Array(stored), count: side.stored },
      dead,
    };
  }

  async #addMany(
    plan: Plan,
    tile: Tile,
    open: GPUBuffer,
    settled: GPUBuffer,
    fours: number,
    into: Accumulator,
  ): Promise<void> {
    const listBytes = (fours + 1) * 2 * WORD;
    const [list, terms] = await this.#compute.run(
      [],
      [],
      [
        [open, listBytes],
        [settled, fours * 4 * SETTLED_WORDS * WORD],
      ],
    );
    addSettled(plan, tile, new Uint32Array(list, 2 * WORD), terms, into);
  }

  #shared(plan: Plan, tile: Tile, valueExponent: number): { spec: GPUBuffer; piece: GPUBuffer } {
    const binning = { valueExponent, squareShift: 0, magnitudeShift: 0 };
    const words = pieceWords(plan.grid, wholeTile(tile), binning);
    return {
      spec: this.#compute.upload("spec", elementWords(plan.element).spec, true),
      piece: this.#compute.upload("piece", words, true),
    };
  }

  #words(plan: Plan, layout: LeanLayout, tile: Tile, side: ScaleSide, into: Accumulator): GPUBuffer {
    const words = leanWords({
      ...placeWords(tile, layout),
      ...filterWords(plan, into.valueExponent),
      ...side.words,
      open_capacity: OPEN_CAPACITY,
      cells_at: side.lookup.length / 2,
      row_steps: rowSteps(layout, this.#traits.subgroup),
    });
    return this.#compute.upload("lean", words, true);
  }

  #lookup({ element }: Plan, { lookup }: ScaleSide): GPUBuffer {
    const cells = onGrid(element) ? Uint32Array.of(0, 0) : cellsOf(element)!.words;
    const words = new Uint32Array(lookup.length + cells.length);
    words.set(lookup);
    words.set(cells, lookup.length);
    return this.#compute.upload("lean.lookup", words);
  }
}

function wholeTile({ row0, rows, cols }: Tile) {
  return { row: row0, rows, col: 0, cols, start: 0, count: rows * cols };
}
