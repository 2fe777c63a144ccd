import { codeCount } from "../../../formats/codes.ts";
import type { Accumulator } from "../../../measure/accumulator.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { Scales } from "../../../scales/resolve.ts";
import type { BlockStatistics } from "../../../scales/statistics.ts";
import type { EncodedTile, Tile } from "../../backend.ts";
import { isUnturned } from "../../transforms.ts";
import type { ComputeDevice, Dispatch } from "../device/device.ts";
import type { ResidentTiles } from "../device/resident.ts";
import type { Measurement, ResultMeasurer } from "../onepass/result-measurer.ts";
import type { RotatedTiles } from "../rotate/rotated-tiles.ts";
import type { Rotator } from "../rotate/rotations.ts";
import { type Cut, partCount } from "../tiles/bands.ts";
import { addEncodeCounts, addMeasureCounts, type Counted } from "../tiles/counts.ts";
import { elementWords, onGrid } from "../tiles/element.ts";
import { addLost, lostTooMany } from "../tiles/elements.ts";
import { type Binning, blocksOf, type Piece, pieceWords } from "../tiles/pieces.ts";
import { ENCODE_COUNTS, ENCODE_ELEMENTS } from "../wgsl/encode.ts";
import { FUSED_COUNTS } from "../wgsl/fused.ts";
import type { Kernels } from "../wgsl/kernels.ts";
import { MEASURE_CHUNK, MEASURE_ELEMENTS, MEASURE_SUMS } from "../wgsl/measure.ts";
import { PART_THREADS, PROFILE_WORDS, STATISTICS_WORDS } from "../wgsl/parts.ts";
import { LOST_WORDS, MEASURE_WORDS } from "../wgsl/terms.ts";
import { addFused, fusedLayout, fusedWords } from "./fused.ts";
import { addProfile, cutBlocks, profilingsOf } from "./profiles.ts";
import { addAmax, addPartStatistics, amaxLayout, needsOnlyAmax } from "./statistics.ts";

const WORD = 4;
const NO_BINNING: Binning = { valueExponent: 0, squareShift: 0, magnitudeShift: 0 };
/** Extremes do not round, so their parts may be longer than those of sums. */
const STATISTICS_PARTS = { thread: 64, group: 4096 };

/** A piece's values on the device. */
interface PieceValues {
  original: GPUBuffer;
  /** What enters the quantizer. */
  input: GPUBuffer;
  /** Turns results back; `flag`, zero before, then says whether that left the range. */
  turnBack(results: GPUBuffer): Promise<Dispatch[]>;
  flag: [GPUBuffer, number][];
}

/** Buffers and sizes of an encoding that is about to run. */
interface Encoding {
  dispatch: Dispatch;
  piece: GPUBuffer;
  results: GPUBuffer;
  codes: GPUBuffer;
  counts: GPUBuffer;
  countBytes: number;
}

/** Whether a rotation left the range in which it can be trusted. */
const leftRange = (flag: ArrayBuffer | undefined): boolean => flag !== undefined && new Uint32Array(flag)[0] !== 0;

/**
 * Sends pieces of tiles through the kernels, one at a time. A tile whose transforms are still to be done is rotated here;
 * it comes as one piece. Calls give false, and have added nothing, where that cannot be done.
 */
export class PieceRunner {
  readonly #compute: ComputeDevice;
  readonly #kernels: Kernels;
  readonly #resident: ResidentTiles;
  readonly #rotator: Rotator;
  readonly #rotated: RotatedTiles;

  constructor(
    compute: ComputeDevice,
    kernels: Kernels,
    resident: ResidentTiles,
    rotator: Rotator,
    rotated: RotatedTiles,
  ) {
    this.#compute = compute;
    this.#kernels = kernels;
    this.#resident = resident;
    this.#rotator = rotator;
    this.#rotated = rotated;
  }

  async statistics(plan: Plan, tile: Tile, piece: Piece, into: BlockStatistics): Promise<boolean> {
    const compute = this.#compute;
    const cut = cutBlocks(plan.grid, piece, { ...STATISTICS_PARTS, singleRows: into.signed.length > 0 });
    const bytes = partCount(cut) * STATISTICS_WORDS * WORD;
    const out = compute.storage("statistics.out", bytes);
    const values = await this.#valuesOf(plan, tile, piece);
    if (!values) return false;
    const { statisticsByGroup, statisticsByThread } = this.#kernels;
    const pipeline = cut.byGroup ? statisticsByGroup : statisticsByThread;
    const dispatch = this.#reduce("statistics", pipeline, cut, [values.input, out]);
    const [found] = await compute.run([], [dispatch], [[out, bytes]]);
    addPartStatistics(plan, cut, new Uint32Array(found), into);
    return true;
  }

  /** Adds a tile to its blocks' largest magnitudes, where those are all that is asked for; else false. */
  async amax(plan: Plan, tile: Tile, into: BlockStatistics): Promise<boolean> {
    const compute = this.#compute;
    if (!needsOnlyAmax(plan) || !this.#fits(tile.input.byteLength)) return false;
    const { words, across, workgroups } = amaxLayout(plan, tile);
    const bytes = tile.rows * across * WORD;
    const input = isUnturned(plan, tile) ? (await this.#rotated.of(plan, tile))?.values : this.#resident.bufferOf(tile);
    if (!input) return false;
    const out = compute.storage("amax.out", bytes);
    const buffers = [compute.upload("amax", words, true), input, out];
    const dispatch = { pipeline: this.#kernels.amax, label: "amax", buffers, workgroups };
    const [found] = await compute.run([], [dispatch], [[out, bytes]]);
    addAmax(plan, tile, across, new Uint32Array(found), into);
    return true;
  }

  #fits(bytes: number): boolean {
    return bytes <= this.#compute.device.limits.maxStorageBufferBindingSize;
  }

  /** Writes what a piece is quantized to, codes and results into the tile's arrays, and counts. */
  async encode(
    plan: Plan,
    tile: Tile,
    piece: Piece,
    scales: Scales,
    counted: Counted,
    into: EncodedTile,
  ): Promise<boolean> {
    const values = await this.#valuesOf(plan, tile, piece);
    if (!values) return false;
    const encoding = this.#prepare(plan, piece, values, scales, NO_BINNING);
    const bytes = piece.count * WORD;
    const { codes } = into;
    const wanted: [GPUBuffer, number][] = [
      [encoding.counts, encoding.countBytes],
      [encoding.results, bytes],
    ];
    if (codes) wanted.push([encoding.codes, bytes]);
    const zeroed: [GPUBuffer, number][] = [[encoding.counts, encoding.countBytes], ...values.flag];
    const [counts, quantized, codeBytes] = await this.#compute.run(zeroed, [encoding.dispatch], wanted);
    const back = await values.turnBack(encoding.results);
    if (back.length > 0) {
      const [results, left] = await this.#compute.run([], back, [[encoding.results, bytes], ...values.flag]);
      if (leftRange(left)) return false;
      into.result.set(new Float32Array(results), piece.start);
    }
    addEncodeCounts(new Uint32Array(counts), counted);
    into.quantized.set(new Float32Array(quantized), piece.start);
    codes?.set(new Uint32Array(codeBytes), piece.start);
    return true;
  }

  /** Encodes and measures a piece without bringing its elements back; a rotated tile by `measurer` where that can. */
  async quantize(
    plan: Plan,
    tile: Tile,
    piece: Piece,
    scales: Scales,
    binning: Binning,
    into: Accumulator,
    measurer: ResultMeasurer | null,
  ): Promise<boolean> {
    const compute = this.#compute;
    const values = await this.#valuesOf(plan, tile, piece);
    if (!values) return false;
    const encoding = this.#prepare(plan, piece, values, scales, binning);
    const measurement = await measurer?.prepare(plan, tile, values.original, encoding.results, into);
    if (measurement && (await this.#quantizeGiven(values, encoding, measurement, into))) return true;
    const own = this.#measurement(plan, tile, piece, encoding.piece, values.original, encoding.results, binning, into);
    const back = await values.turnBack(encoding.results);
    const [encoded, ...rest] = await compute.run(
      [[encoding.counts, encoding.countBytes], ...own.zeroed, ...values.flag],
      [encoding.dispatch, ...back, ...own.dispatches],
      [[encoding.counts, encoding.countBytes], ...own.wanted, ...values.flag],
    );
    const measured = own.wanted.length;
    if (leftRange(rest[measured]) || !own.add(rest.slice(0, measured))) return false;
    addEncodeCounts(new Uint32Array(encoded), into);
    return true;
  }

  /** Measures a piece of results that somebody else made. False, and nothing is added, where too many terms are too far apart. */
  async measure(
    plan: Plan,
    tile: Tile,
    piece: Piece,
    result: Float32Array,
    binning: Binning,
    into: Accumulator,
  ): Promise<boolean> {
    const compute = this.#compute;
    const part = (values: Float32Array) => values.subarray(piece.start, piece.start + piece.count);
    const original = compute.upload("input", part(tile.original));
    const results = compute.upload("results.given", part(result));
    const words = compute.upload("piece", pieceWords(plan.grid, piece, binning), true);
    const own = this.#measurement(plan, tile, piece, words, original, results, binning, into);
    return own.add(await compute.run(own.zeroed, own.dispatches, own.wanted));
  }

  /** What measures a piece's results by the kernels that take any blocks, lying on the device beside what came in. */
  #measurement(
    plan: Plan,
    tile: Tile,
    piece: Piece,
    pieceBuffer: GPUBuffer,
    original: GPUBuffer,
    results: GPUBuffer,
    binning: Binning,
    into: Accumulator,
  ): Measurement {
    const compute = this.#compute;
    const bytes = piece.count * WORD;
    const chunks = Math.ceil(piece.count / MEASURE_CHUNK);
    const measureBytes = (MEASURE_WORDS + LOST_WORDS) * WORD;
    const counts = compute.storage("measure.counts", measureBytes);
    const sums = compute.storage("measure.sums", chunks * MEASURE_SUMS * WORD);
    const terms = ["errors", "signals", "magnitudes"].map((name) => compute.storage(name, bytes));
    const measure: Dispatch = {
      pipeline: this.#kernels.measure,
      label: "measure",
      buffers: [pieceBuffer, original, results, counts, sums, ...terms],
      workgroups: Math.ceil(piece.count / MEASURE_ELEMENTS),
    };
    const profilings = profilingsOf(plan.grid, piece, into);
    const outs = profilings.map(({ name, cut }): [GPUBuffer, number] => {
      const size = partCount(cut) * PROFILE_WORDS * WORD;
      return [compute.storage(`${name}.out`, size), size];
    });
    const { profileByGroup, profileByThread } = this.#kernels;
    const reductions = profilings.map(({ name, cut }, i) =>
      this.#reduce(name, cut.byGroup ? profileByGroup : profileByThread, cut, [...terms, outs[i][0]]),
    );
    return {
      zeroed: [[counts, measureBytes]],
      dispatches: [measure, ...reductions],
      wanted: [[counts, measureBytes], [sums, chunks * MEASURE_SUMS * WORD], ...outs],
      add([measured, summed, ...rest]) {
        const words = new Uint32Array(measured);
        if (lostTooMany(words)) return false;
        addMeasureCounts(words, into);
        addLost(plan, tile, piece.start, words, into);
        addSums(new Float32Array(summed), binning, into);
        profilings.forEach((profiling, i) => {
          addProfile(profiling, rest[i], 2 ** -binning.squareShift, into);
        });
        return true;
      },
    };
  }

  /** The same where the lean kernels can measure what was rotated back; false where they or a rotation cannot after all. */
  async #quantizeGiven(
    { turnBack, flag }: PieceValues,
    { dispatch, results, counts, countBytes }: Encoding,
    measurement: Measurement,
    into: Accumulator,
  ): Promise<boolean> {
    const [encoded, ...rest] = await this.#compute.run(
      [[counts, countBytes], ...flag, ...measurement.zeroed],
      [dispatch, ...(await turnBack(results)), ...measurement.dispatches],
      [[counts, countBytes], ...measurement.wanted, ...flag],
    );
    const measured = measurement.wanted.length;
    if (leftRange(rest[measured]) || !measurement.add(rest.slice(0, measured))) return false;
    addEncodeCounts(new Uint32Array(encoded), into);
    return true;
  }

  /**
   * Encodes and measures a tile in one pass over it. False, and nothing is added, where the plan's blocks, or limits, do not
   * allow that, or where too many terms are too far apart for float32.
   */
  async quantizeFused(plan: Plan, tile: Tile, scales: Scales, binning: Binning, into: Accumulator): Promise<boolean> {
    const compute = this.#compute;
    const layout = fusedLayout(plan, tile, into.map);
    const outBytes = (layout?.words ?? 0) * WORD;
    if (!layout || !this.#fits(Math.max(tile.input.byteLength, outBytes))) return false;
    const { spec, table } = elementWords(plan.element);
    const piece = { row: tile.row0, rows: tile.rows, col: 0, cols: tile.cols, start: 0, count: tile.input.length };
    const [first, end] = blocksOf(plan.grid, piece);
    const codes = plan.element.ladder ? codeCount(plan.element.ladder.format) : 0;
    const countBytes = (FUSED_COUNTS + codes + LOST_WORDS) * WORD;
    const counts = compute.storage("fused.counts", countBytes);
    const out = compute.storage("fused.out", outBytes);
    const buffers = [
      compute.upload("spec", spec, true),
      compute.upload("piece", pieceWords(plan.grid, piece, binning), true),
      compute.upload("fused", fusedWords(plan, tile, layout, binning), true),
      this.#resident.bufferOf(tile),
      compute.upload("scales", scales.effective.subarray(first, end)),
      compute.upload("zero points", scales.zeroPoints.subarray(first, end)),
      compute.upload("table", table),
      compute.upload("fused.bands", layout.bands.spans),
      counts,
      out,
    ];
    const pipeline = await this.#kernels.fused(onGrid(plan.element) ? "fusedGrid" : "fusedTable");
    const dispatch = { pipeline, label: "fused", buffers, workgroups: layout.workgroups };
    const [counted, summed] = await compute.run(
      [[counts, countBytes]],
      [dispatch],
      [
        [counts, countBytes],
        [out, outBytes],
      ],
    );
    const words = new Uint32Array(counted);
    if (lostTooMany(words)) return false;
    addMeasureCounts(words, into);
    addEncodeCounts(words.subarray(MEASURE_WORDS), into);
    addFused(plan, tile, layout, binning, summed, into);
    addLost(plan, tile, 0, words, into);
    return true;
  }

  /** Null where the rotated values leave the range. */
  async #valuesOf(plan: Plan, tile: Tile, piece: Piece): Promise<PieceValues | null> {
    if (!isUnturned(plan, tile)) {
      const part = tile.input.subarray(piece.start, piece.start + piece.count);
      const original = this.#compute.upload("input", part);
      return { original, input: original, turnBack: async () => [], flag: [] };
    }
    const rotated = await this.#rotated.of(plan, tile);
    return (
      rotated && {
        original: this.#resident.bufferOf(tile),
        input: rotated.values,
        turnBack: (results) => this.#rotator.inverse(plan, tile.rows, results, rotated.leftOut),
        flag: [[this.#rotator.flag, WORD]],
      }
    );
  }

  #prepare(plan: Plan, piece: Piece, { input }: PieceValues, scales: Scales, binning: Binning): Encoding {
    const compute = this.#compute;
    const { spec, table } = elementWords(plan.element);
    const [first, end] = blocksOf(plan.grid, piece);
    const coded = plan.element.ladder ? codeCount(plan.element.ladder.format) : 0;
    const countBytes = (ENCODE_COUNTS + coded) * WORD;
    const words = compute.upload("piece", pieceWords(plan.grid, piece, binning), true);
    const results = compute.storage("results", piece.count * WORD);
    const codes = compute.storage("codes", piece.count * WORD);
    const counts = compute.storage("encode.counts", countBytes);
    const buffers = [
      compute.upload("spec", spec, true),
      words,
      input,
      compute.upload("scales", scales.effective.subarray(first, end)),
      compute.upload("zero points", scales.zeroPoints.subarray(first, end)),
      compute.upload("table", table),
      results,
      codes,
      counts,
    ];
    const workgroups = Math.ceil(piece.count / ENCODE_ELEMENTS);
    const dispatch = { pipeline: this.#kernels.encode, label: "encode", buffers, workgroups };
    return { dispatch, piece: words, results, codes, counts, countBytes };
  }

  #reduce(name: string, pipeline: GPUComputePipeline, cut: Cut, buffers: GPUBuffer[]): Dispatch {
    const compute = this.#compute;
    const sizes = Int32Array.of(cut.width, cut.rows.entries.length, cut.cols.entries.length, 0);
    const bands = [
      compute.upload(`${name}.bands`, sizes, true),
      compute.upload(`${name}.rows`, cut.rows.spans),
      compute.upload(`${name}.cols`, cut.cols.spans),
    ];
    const parts = partCount(cut);
    const workgroups = cut.byGroup ? parts : Math.ceil(parts / PART_THREADS);
    return { pipeline, label: name, buffers: [...bands, ...buffers], workgroups };
  }
}

function addSums(sums: Float32Array, binning: Binning, into: Accumulator): void {
  const [square, magnitude] = [2 ** -binning.squareShift, 2 ** -binning.magnitudeShift];
  for (let at = 0; at < sums.length; at += MEASURE_SUMS) {
    into.signal += sums[at] * square;
    into.dot += sums[at + 1] * square;
    into.energy += sums[at + 2] * square;
    into.absError += sums[at + 3] * magnitude;
  }
}
