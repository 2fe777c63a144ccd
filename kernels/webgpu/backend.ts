import type { Backend, EncodedTile, Tile } from "../backend.ts";
import type { Plan } from "../plan/plan.ts";
import { accumulate } from "../reference/accumulate.ts";
import type { Accumulator } from "../report/accumulator.ts";
import type { Scales } from "../scales/resolve.ts";
import type { BlockStatistics } from "../scales/statistics.ts";
import { invertTransforms } from "../transforms/rows.ts";
import type { Counted } from "./counts.ts";
import { ComputeDevice } from "./device.ts";
import { compileKernels, type Shaders, shaders } from "./kernels.ts";
import { LeanRunner } from "./lean-runner.ts";
import { type Piece, piecesOf } from "./pieces.ts";
import { binningOf } from "./range.ts";
import { refusalOf } from "./refuses.ts";
import { ResidentTiles } from "./resident.ts";
import { PieceRunner } from "./runner.ts";
import { traitsOf } from "./traits.ts";

export interface WebgpuOptions {
  /** Most elements of a dispatch; fewer where the device's limits ask for it. */
  pieceElements?: number;
  shaders?: Shaders;
  /** Tests make the arithmetic of other texts worse, or leave the lean kernels out. */
  rewrite?: (text: string) => string;
  lean?: boolean;
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
): Promise<Backend> {
  const compute = new ComputeDevice(typeof device === "function" ? await device() : device);
  await compute.alive();
  const rewrite = options.rewrite ?? ((text: string) => text);
  const kernels = await compileKernels(compute, options.shaders ?? shaders, rewrite);
  const resident = new ResidentTiles(compute);
  const runner = new PieceRunner(compute, kernels, resident);
  const lean =
    options.lean === false ? null : new LeanRunner(compute, kernels, await traitsOf(compute, rewrite), resident);
  const { maxStorageBufferBindingSize, maxBufferSize } = compute.device.limits;
  const most = Math.min(
    options.pieceElements ?? PIECE_ELEMENTS,
    Math.floor(Math.min(maxStorageBufferBindingSize, maxBufferSize) / BYTES_PER_ELEMENT),
  );
  // Buffers are shared: a call waits for the one before it, whichever way that ended.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => resident.clear());
    return turn;
  };
  const eachPiece = (tile: Tile, visit: (piece: Piece) => Promise<void>) =>
    inTurn(async () => {
      for (const piece of piecesOf(tile, most)) await visit(piece);
    });

  const whole = (tile: Tile) => tile.input.length <= (options.pieceElements ?? FUSED_ELEMENTS);

  const encode = async (plan: Plan, tile: Tile, scales: Scales, counted: Counted): Promise<EncodedTile> => {
    const coded = plan.element.format.kind !== "identity";
    const quantized = new Float32Array(tile.rows * tile.cols);
    const codes = coded ? new Uint32Array(quantized.length) : null;
    await eachPiece(tile, (piece) => runner.encode(plan, tile, piece, scales, counted, quantized, codes));
    return { quantized, result: invertTransforms(plan, tile, quantized), codes };
  };

  return {
    name: "webgpu",
    tileElements: TILE_ELEMENTS,
    refuses: refusalOf,
    async statistics(plan: Plan, tile: Tile, into: BlockStatistics) {
      if (whole(tile) && (await inTurn(() => runner.amax(plan, tile, into)))) return;
      return eachPiece(tile, (piece) => runner.statistics(plan, tile, piece, into));
    },
    async quantize(plan: Plan, tile: Tile, scales: Scales, into: Accumulator) {
      const binning = binningOf(plan, scales, into.valueExponent);
      if (binning && plan.transforms.length === 0) {
        if (lean && whole(tile) && (await inTurn(() => lean.quantize(plan, tile, scales, into)))) return;
        if (whole(tile) && (await inTurn(() => runner.quantizeFused(plan, tile, scales, binning, into)))) return;
        return eachPiece(tile, (piece) => runner.quantize(plan, tile, piece, scales, binning, into));
      }
      accumulate(plan, tile, (await encode(plan, tile, scales, into)).result, into);
    },
    measure: (plan, amax) => lean?.measure(plan, amax, inTurn) ?? null,
    encode: (plan, tile, scales) => encode(plan, tile, scales, { saturated: 0, flushed: 0, codes: null }),
  };
}
