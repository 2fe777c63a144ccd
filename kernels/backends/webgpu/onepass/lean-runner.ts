import { floatBits } from "../../../exact/bits.ts";
import { codeCount } from "../../../formats/codes.ts";
import type { Accumulator } from "../../../measure/accumulator.ts";
import type { Plan } from "../../../plan/plan.ts";
import { valueRangeExponent } from "../../../report/bins.ts";
import type { Scales } from "../../../scales/resolve.ts";
import type { Measuring, Tile } from "../../backend.ts";
import type { ComputeDevice, Dispatch } from "../device/device.ts";
import type { ResidentTiles } from "../device/resident.ts";
import type { RotatedTiles } from "../rotate/rotated-tiles.ts";
import { rotationParts, signBits } from "../rotate/rotations.ts";
import { addEncodeCounts, addMeasureCounts } from "../tiles/counts.ts";
import { elementWords, onGrid } from "../tiles/element.ts";
import { blocksOf, pieceWords } from "../tiles/pieces.ts";
import type { Kernels } from "../wgsl/kernels.ts";
import { LEAN_COUNTS, type LeanText } from "../wgsl/lean-fields.ts";
import { MOST_RANKS, SCALE_FROM } from "../wgsl/lean-scale.ts";
import { SETTLE_WORKGROUPS, SETTLED_WORDS } from "../wgsl/settle.ts";
import { settleTurnedFields } from "../wgsl/settle-turned.ts";
import { MEASURE_WORDS } from "../wgsl/terms.ts";
import { gathering } from "./gathering.ts";
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
  turnedOf,
  turnWords,
} from "./lean.ts";
import { cellsOf } from "./lean-cells.ts";
import { type FoundScales, type ScaleFinder, scaleFinder } from "./lean-scales.ts";
import { addLean, addSettled, blocksAreRows, gatherLayout } from "./lean-sums.ts";
import { LEAST_COUNTED, scaleCounting } from "./scale-counts.ts";
import type { DeviceTraits } from "./traits.ts";

const WORD = 4;
/** Fours of values that the lean kernels may leave open, by the block where those are rotated, and so many that are read back with everything else. */
const OPEN_CAPACITY = 2 ** 16;
const OPEN_CAPACITY_TURNED = 2 ** 18;
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
  readonly #rotated: RotatedTiles;

  constructor(
    compute: ComputeDevice,
    kernels: Kernels,
    traits: DeviceTraits,
    resident: ResidentTiles,
    rotated: RotatedTiles,
  ) {
    this.#compute = compute;
    this.#kernels = kernels;
    this.#traits = traits;
    this.#resident = resident;
    this.#rotated = rotated;
  }

  /**
   * Encodes and measures a tile whose scales are known. False where the plan's blocks or levels, or limits, do not allow
   * that, or where too many values were too close to call; nothing is added then.
   */
  async quantize(plan: Plan, tile: Tile, scales: Scales, into: Accumulator): Promise<boolean> {
    const layout = this.#layoutOf(plan, tile, 0, into);
    if (!layout) return false;
    const [first, end] = blocksOf(plan.grid, wholeTile(tile));
    const side = {
      text: { scaleFrom: plan.levels.length > 0 ? SCALE_FROM.given : SCALE_FROM.one, bySteps: false },
      words: {},
      scales: this.#compute.upload("scales", scales.effective.subarray(first, end)),
      lookup: new Uint32Array(0),
      before: [],
      stored: 0,
    };
    return (await this.#run(plan, tile, layout, side, into)) !== null;
  }

  /**
   * One pass with scales found on the way; null where the plan does not suit. `turnedAmax` is the largest magnitude after
   * the plan's transforms. `inTurn` keeps calls apart.
   */
  measure(
    plan: Plan,
    amax: number,
    turnedAmax: number,
    inTurn: <T>(work: () => Promise<T>) => Promise<T>,
  ): Measuring | null {
    const valueExponent = valueRangeExponent(amax);
    if (!suitsLean(plan, valueExponent)) return null;
    const finder = scaleFinder(plan, turnedAmax);
    if (!finder) return null;
    this.#compileAhead(plan, finder);
    return {
      wants: (place) => !this.#resident.holds(place),
      add: (tile, into) =>
        inTurn(async () => {
          // What was here may have made room for something else meanwhile.
          if (tile.input.length === 0 && !this.#resident.holds(tile)) return false;
          const stored = finder.storedOnDevice ? tile.rows * plan.grid.gridCols : 0;
          const layout = this.#layoutOf(plan, tile, stored, into);
          if (!layout) return false;
          const side = await this.#scaleSide(plan, tile, finder, stored);
          const found = side && (await this.#run(plan, tile, layout, side, into));
          if (found) finder.add(found);
          return found !== null;
        }),
      scales: () => finder.summary(),
    };
  }

  /** Has kernels compiled while values are still being read. */
  #compileAhead(plan: Plan, { text }: ScaleFinder): void {
    const kernels = this.#kernels;
    const all = [
      kernels.lean(textOf(plan, text, this.#traits)),
      kernels.settle(turnedOf(plan) > 0 ? "turned" : "values"),
      kernels.gather(),
      kernels.rowAmax(),
    ];
    // Whoever runs them hears of failures.
    for (const kernel of all) kernel.catch(() => {});
  }

  /** Null where the plan's blocks or levels, the values' range or limits do not allow a pass that stores so many scales. */
  #layoutOf(plan: Plan, tile: Tile, stored: number, into: Accumulator): LeanLayout | null {
    if (!suitsLean(plan, into.valueExponent)) return null;
    const layout = leanLayout(plan, tile, into);
    const most = this.#compute.device.limits.maxStorageBufferBindingSize;
    return Math.max(layout.words + stored, tile.rows * tile.cols) * WORD <= most ? layout : null;
  }

  /** What `before` is to find counts as found from here on: it has to run. */
  async #scaleSide(plan: Plan, tile: Tile, finder: ScaleFinder, stored: number): Promise<ScaleSide | null> {
    const compute = this.#compute;
    const { text, words, steps, given } = finder;
    const side = { text, words, lookup: steps, before: [] as Dispatch[], stored };
    if (text.scaleFrom !== SCALE_FROM.givenAmax) return { ...side, scales: compute.upload("scales", given) };
    const amax = await this.#rotated.rowAmax(plan, tile);
    return amax && { ...side, scales: amax.buffer, before: amax.before };
  }

  /** Null where too many values were too close to call. */
  async #run(
    plan: Plan,
    tile: Tile,
    layout: LeanLayout,
    side: ScaleSide,
    into: Accumulator,
  ): Promise<FoundScales | null> {
    const compute = this.#compute;
    const { element } = plan;
    const gather = gatherLayout(tile, layout, into.map);
    const words = layout.words + side.stored;
    const codes = codeCount(element.ladder!.format);
    const countBytes = (LEAN_COUNTS + codes + MOST_RANKS) * WORD;
    const counts = compute.storage("lean.counts", countBytes);
    const out = compute.storage("lean.out", words * WORD);
    const capacity = capacityOf(plan);
    const open = compute.storage("lean.open", (capacity + 1) * 2 * WORD);
    const settled = compute.storage("lean.settled", capacity * 4 * SETTLED_WORDS * WORD);
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
        pipeline: await this.#kernels.settle(plan.transforms.length > 0 ? "turned" : "values"),
        label: "settle",
        buffers: [spec, piece, input, table, open, counts, settled, ...this.#turn(plan)],
        workgroups: SETTLE_WORKGROUPS,
      },
      await gathering(compute, this.#kernels, gather, out, gathered),
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
      true,
    );
    const [fours, dead] = new Uint32Array(list);
    if (fours > capacity) return null;
    const all = new Uint32Array(counted);
    addMeasureCounts(all, into);
    addEncodeCounts(all.subarray(MEASURE_WORDS), into);
    addLean(plan, tile, layout, gather, { segments, sums, gathered: sumsGathered }, into);
    if (fours <= OPEN_AT_ONCE) addSettled(plan, tile, new Uint32Array(list, 2 * WORD, 2 * fours), terms, into);
    else await this.#addMany(plan, tile, open, settled, fours, into);
    return {
      ranks: all.slice(LEAN_COUNTS + codes),
      stored: counting ? new Float32Array(0) : new Float32Array(stored).slice(),
      counted: counting && { counts: new Uint32Array(stored).slice(), count: side.stored },
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
    const words = pieceWords(plan.grid, wholeTile(tile), { valueExponent, squareShift: 0, magnitudeShift: 0 });
    return {
      spec: this.#compute.upload("spec", elementWords(plan.element).spec, true),
      piece: this.#compute.upload("piece", words, true),
    };
  }

  #words(plan: Plan, layout: LeanLayout, tile: Tile, side: ScaleSide, into: Accumulator): GPUBuffer {
    const words = leanWords({
      ...placeWords(tile, layout),
      ...filterWords(plan, into.valueExponent),
      ...turnWords(plan, into.valueExponent),
      ...side.words,
      open_capacity: capacityOf(plan),
      cells_at: side.lookup.length / 2,
      signs_at: (side.lookup.length + cellWords(plan).length) / 2,
      row_steps: rowSteps(layout, this.#traits.subgroup),
    });
    return this.#compute.upload("lean", words, true);
  }

  #lookup(plan: Plan, { lookup }: ScaleSide): GPUBuffer {
    const cells = cellWords(plan);
    const signs = plan.transforms.length > 0 ? signWords(plan) : nothing;
    const words = new Uint32Array(lookup.length + cells.length + 2 * Math.ceil(signs.length / 2));
    words.set(lookup);
    words.set(cells, lookup.length);
    words.set(signs, lookup.length + cells.length);
    return this.#compute.upload("lean.lookup", words);
  }

  /** What the settling of rotated blocks has beside the others'. */
  #turn(plan: Plan): GPUBuffer[] {
    if (plan.transforms.length === 0) return [];
    const [transform] = plan.transforms;
    const values: Record<(typeof settleTurnedFields)[number][0], number> = {
      block: transform.block,
      cols: plan.cols,
      factor: floatBits(rotationParts(transform).factor),
    };
    const words = Uint32Array.from(settleTurnedFields, ([name]) => values[name]);
    return [this.#compute.upload("settle.turn", words, true), this.#compute.upload("settle.signs", signWords(plan))];
  }
}

const nothing = new Uint32Array(0);

const capacityOf = ({ transforms }: Plan): number => (transforms.length > 0 ? OPEN_CAPACITY_TURNED : OPEN_CAPACITY);

const cellWords = ({ element }: Plan): Uint32Array =>
  onGrid(element) ? Uint32Array.of(0, 0) : cellsOf(element)!.words;

/** A sign a column. */
function signWords({ transforms, cols }: Plan): Uint32Array {
  const words = new Uint32Array(Math.ceil(cols / 32));
  words.set(signBits(transforms[0]).subarray(0, words.length));
  return words;
}

function wholeTile({ row0, rows, cols }: Tile) {
  return { row: row0, rows, col: 0, cols, start: 0, count: rows * cols };
}
