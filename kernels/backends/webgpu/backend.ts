import { largest } from "../../exact/largest.ts";
import { type Accumulator, addAccumulator, makeAccumulator } from "../../measure/accumulator.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Scales } from "../../scales/resolve.ts";
import type { BlockStatistics } from "../../scales/statistics.ts";
import type { Backend, EncodedTile, Measuring, Tile } from "../backend.ts";
import { accumulate } from "../reference/accumulate.ts";
import { applyTransforms, invertTransforms, isUnturned } from "../transforms.ts";
import { ComputeDevice } from "./device/device.ts";
import { ResidentTiles } from "./device/resident.ts";
import { LeanRunner } from "./onepass/lean-runner.ts";
import { ResultMeasurer } from "./onepass/result-measurer.ts";
import { traitsOf } from "./onepass/traits.ts";
import { PieceRunner } from "./passes/runner.ts";
import { RotatedTiles } from "./rotate/rotated-tiles.ts";
import { knowsTransforms, Rotator } from "./rotate/rotations.ts";
import { checkRotatedReports, checkRotations } from "./rotation-check.ts";
import type { SelfCheck } from "./self-check.ts";
import type { Counted } from "./tiles/counts.ts";
import { type Piece, piecesOf } from "./tiles/pieces.ts";
import { binningFor, binningOf, isModerate } from "./tiles/range.ts";
import { refusalOf } from "./tiles/refuses.ts";
import { compileKernels, type Shaders, shaders } from "./wgsl/kernels.ts";

export interface WebgpuOptions {
  /** Most elements of a dispatch; fewer where the device's limits ask for it. */
  pieceElements?: number;
  shaders?: Shaders;
  /** Tests make the arithmetic of other texts worse, or leave the lean kernels out. */
  rewrite?: (text: string) => string;
  lean?: boolean;
}

export interface WebgpuBackend extends Backend {
  /**
   * Compares the GPU's rotations with the processor's, whose additions it has to do to the bit, and from then on rotates
   * on the GPU where they agree. The processor rotates until then.
   */
  admitRotations(): Promise<SelfCheck>;
}

/** Keeps a dispatch far below the seconds after which drivers give up on it. */
const PIECE_ELEMENTS = 2 ** 22;
/** The fused kernels do far less an element. */
const FUSED_ELEMENTS = 2 ** 27;
/** What the engine cuts tensors into: large enough for a dispatch to fill a GPU. */
const TILE_ELEMENTS = 2 ** 24;
/** Bytes of the largest buffer over the number of elements: a part of three words each, in a buffer of twice the size. */
const BYTES_PER_ELEMENT = 24;

/**
 * Quantizes on a GPU. Codes, block statistics, counts and histograms are those of the reference to the bit, since all
 * that decides them is done on integers; sums agree within 1e-6 of the sum of their terms' magnitudes.
 * Calls run one after another. They reject with DeviceLostError when the device goes, and with GpuError when it fails.
 */
export async function createWebgpuBackend(
  device: GPUDevice | (() => Promise<GPUDevice>),
  options: WebgpuOptions = {},
): Promise<WebgpuBackend> {
  const compute = new ComputeDevice(typeof device === "function" ? await device() : device);
  await compute.alive();
  const rewrite = options.rewrite ?? ((text: string) => text);
  const kernels = await compileKernels(compute, options.shaders ?? shaders, rewrite);
  const resident = new ResidentTiles(compute);
  const rotator = new Rotator(compute, kernels);
  const rotated = new RotatedTiles(compute, kernels, resident, rotator);
  const traits = options.lean === false ? null : await traitsOf(compute, rewrite);
  const lean = traits && new LeanRunner(compute, kernels, traits, resident, rotated);
  const measurer = traits && new ResultMeasurer(compute, kernels, traits);
  const runner = new PieceRunner(compute, kernels, resident, rotator, rotated);
  const { maxStorageBufferBindingSize, maxBufferSize } = compute.device.limits;
  const fitting = Math.floor(Math.min(maxStorageBufferBindingSize, maxBufferSize) / BYTES_PER_ELEMENT);
  const most = Math.min(options.pieceElements ?? PIECE_ELEMENTS, fitting);
  const mostRotated = Math.min(options.pieceElements ?? TILE_ELEMENTS, fitting);
  // Buffers are shared: a call waits for the one before it, whichever way that ended.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => resident.clear());
    return turn;
  };
  const eachPiece = (tile: Tile, visit: (piece: Piece) => Promise<unknown>) =>
    inTurn(async () => {
      for (const piece of piecesOf(tile, most)) await visit(piece);
    });

  /** Visits a few rows at a time; where `visit` gives false, `otherwise` gets them as the processor transforms them. */
  const eachSlice = async (
    plan: Plan,
    tile: Tile,
    visit: (slice: Tile, piece: Piece, at: number) => Promise<boolean>,
    otherwise: (slice: Tile, at: number) => Promise<void>,
  ) => {
    for (const piece of piecesOf(tile, mostRotated)) {
      const original = tile.original.subarray(piece.start, piece.start + piece.count);
      const { row, rows } = piece;
      // All of a tile may lie on the device already.
      const slice = rows === tile.rows ? tile : { row0: row, rows, cols: tile.cols, original, input: original };
      if (await inTurn(() => visit(slice, { ...piece, start: 0 }, piece.start))) continue;
      await otherwise({ ...slice, input: applyTransforms(plan, original, rows) }, piece.start);
    }
  };

  const whole = (tile: Tile) => tile.rows * tile.cols <= (options.pieceElements ?? FUSED_ELEMENTS);

  const emptyTile = (plan: Plan, tile: Tile): EncodedTile => {
    const count = tile.rows * tile.cols;
    const quantized = new Float32Array(count);
    const codes = plan.element.format.kind === "identity" ? null : new Uint32Array(count);
    return { quantized, result: plan.transforms.length > 0 ? new Float32Array(count) : quantized, codes };
  };

  const encode = async (plan: Plan, tile: Tile, scales: Scales, counted: Counted): Promise<EncodedTile> => {
    const into = emptyTile(plan, tile);
    if (!isUnturned(plan, tile)) {
      await eachPiece(tile, (piece) => runner.encode(plan, tile, piece, scales, counted, into));
      return { ...into, result: invertTransforms(plan, tile, into.quantized) };
    }
    const fromHere = ({ quantized, result, codes }: EncodedTile, at: number): EncodedTile => {
      return { quantized: quantized.subarray(at), result: result.subarray(at), codes: codes?.subarray(at) ?? null };
    };
    await eachSlice(
      plan,
      // Windows are many and small: none stays on the device.
      { ...tile, source: undefined },
      (slice, piece, at) => runner.encode(plan, slice, piece, scales, counted, fromHere(into, at)),
      async (slice, at) => {
        const encoded = await encode(plan, slice, scales, counted);
        into.quantized.set(encoded.quantized, at);
        into.result.set(encoded.result, at);
        if (encoded.codes) into.codes!.set(encoded.codes, at);
      },
    );
    return into;
  };

  const statistics = async (plan: Plan, tile: Tile, into: BlockStatistics): Promise<void> => {
    if (whole(tile) && (await inTurn(() => runner.amax(plan, tile, into)))) return;
    if (!isUnturned(plan, tile)) return eachPiece(tile, (piece) => runner.statistics(plan, tile, piece, into));
    return eachSlice(
      plan,
      tile,
      (slice, piece) => runner.statistics(plan, slice, piece, into),
      (slice) => statistics(plan, slice, into),
    );
  };

  const quantize = async (
    plan: Plan,
    tile: Tile,
    scales: Scales,
    into: Accumulator,
    trusted: () => Promise<boolean>,
  ): Promise<void> => {
    const binning = binningOf(plan, scales, into.valueExponent);
    const unturned = isUnturned(plan, tile);
    const moderate = isModerate(binning);
    const leanly = lean && moderate && whole(tile) && (plan.transforms.length === 0 || (unturned && (await trusted())));
    if (leanly && (await inTurn(() => lean.quantize(plan, tile, scales, into)))) return;
    if (plan.transforms.length === 0) {
      if (whole(tile) && (await inTurn(() => runner.quantizeFused(plan, tile, scales, binning, into)))) return;
      const all = makeAccumulator(plan, into.valueExponent);
      let summed = true;
      await eachPiece(tile, async (piece) => {
        summed = summed && (await runner.quantize(plan, tile, piece, scales, binning, all, null));
      });
      if (summed) return addAccumulator(all, into);
    }
    if (plan.transforms.length === 0 || !unturned) {
      return accumulate(plan, tile, (await encode(plan, tile, scales, into)).result, into);
    }
    const measuring = moderate && (await trusted()) ? measurer : null;
    return eachSlice(
      plan,
      tile,
      (slice, piece) => runner.quantize(plan, slice, piece, scales, binning, into, measuring),
      (slice) => quantize(plan, slice, scales, into, trusted),
    );
  };

  /** Results of somebody else. Where too much of them is too far apart for float32 sums, the processor adds them all. */
  const measureResult = async (plan: Plan, tile: Tile, result: Float32Array, into: Accumulator): Promise<void> => {
    const binning = binningFor(largest(result, 0), into.valueExponent);
    const all = makeAccumulator(plan, into.valueExponent);
    let summed = true;
    await eachPiece(tile, async (piece) => {
      summed = summed && (await runner.measure(plan, tile, piece, result, binning, all));
    });
    if (summed) addAccumulator(all, into);
    else accumulate(plan, tile, result, into);
  };

  let rotating = false;
  const rotates = (plan: Plan) => rotating && knowsTransforms(plan) && plan.cols <= mostRotated;
  const measure = (plan: Plan, amax: number, turnedAmax: number, trusted: () => Promise<boolean>): Measuring | null => {
    const turned = plan.transforms.length > 0;
    const measuring = turned && !rotates(plan) ? null : lean?.measure(plan, amax, turnedAmax, inTurn);
    if (!measuring || !turned) return measuring ?? null;
    return { ...measuring, add: async (tile, into) => (await trusted()) && measuring.add(tile, into) };
  };
  /** A backend whose lean kernels measure what is rotated where they are `trusted` to add and subtract as defined. */
  const backendThat = (trusted: () => Promise<boolean>): Backend => ({
    name: "webgpu",
    tileElements: TILE_ELEMENTS,
    refuses: refusalOf,
    rotates,
    statistics,
    quantize: (plan, tile, scales, into) => quantize(plan, tile, scales, into, trusted),
    largest: (plan, tile) => inTurn(() => rotated.largest(plan, tile)),
    measureResult,
    measure: (plan, amax, turnedAmax = amax) => measure(plan, amax, turnedAmax, trusted),
    encode: (plan, tile, scales) => encode(plan, tile, scales, { saturated: 0, flushed: 0, codes: null }),
  });
  let reports: Promise<boolean> | null = null;
  // Only who rotates waits for more kernels to be compiled and compared; where one does not compile others do its work.
  const trusted = () => {
    reports ??= checkRotatedReports(backendThat(async () => true)).then(
      ({ ok }) => ok,
      () => false,
    );
    return reports;
  };
  return {
    ...backendThat(trusted),
    async admitRotations() {
      const check = await inTurn(() => checkRotations(compute, rotator));
      rotating = check.ok;
      return check;
    },
  };
}
