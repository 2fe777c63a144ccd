import { startCross } from "../linalg/cross.ts";
import { startGram } from "../linalg/gram.ts";
import { matrixBytes, type Pace } from "../linalg/run.ts";
import { GRAM_BUDGET, gigabytes } from "./needs.ts";
import { makeReservoir } from "./reservoir.ts";
import { addChannels, channelsOf, pacedQuantiles, QUANTILES, startChannels } from "./statistics.ts";
import type { Calibration, CalibrationSource } from "./types.ts";

export interface ReduceOptions {
  /** Tokens of the reservoir. Default 512. */
  keep?: number;
  /** Of the reservoir's draws. Default 1. */
  seed?: number;
  /** Bytes that the Gram matrix may take; beyond it there is none, and a note. */
  gramBudget?: number;
  /** Whether the cross moment is wanted: tokens then come with what they were before the layers upstream were quantized. */
  cross?: boolean;
  /** Called every few hundredths of a second; may reject, which cancels. */
  pace?: Pace;
}

/** Activations on their way into a calibration. */
export interface Reduction {
  /**
   * Adds whole tokens, row-major float32, in their order; with the cross moment, the same tokens `before`. A token that is not finite
   * in either is left out.
   */
  add(rows: Float32Array, before?: Float32Array): Promise<void>;
  /** Everything that was added; nothing is to be added afterwards. */
  finish(source: CalibrationSource): Promise<Calibration>;
  /** Gives memory back where `finish` is not called. */
  close(): void;
}

/** Starts the reduction of activations with `cols` channels. The result does not depend on how tokens come in pieces. */
export async function startReduction(cols: number, options: ReduceOptions = {}): Promise<Reduction> {
  const { keep = 512, seed = 1, gramBudget = GRAM_BUDGET, pace } = options;
  const fits = matrixBytes(cols) <= gramBudget;
  const gram = fits ? await startGram(cols, { pace, budget: 1.5 * gramBudget }) : null;
  const cross = options.cross && fits ? await startCross(cols, { pace }) : null;
  const channels = startChannels(cols);
  const reservoir = makeReservoir(cols, keep, seed);
  let seen = 0;
  return {
    async add(rows, before) {
      const finite = finiteTokens(rows, cols, cross ? before : undefined);
      for (const t of finite) reservoir.offer(seen + t, rows.subarray(t * cols, (t + 1) * cols));
      seen += rows.length / cols;
      const kept = tokensAt(rows, cols, finite);
      await pace?.(0, 1);
      addChannels(kept, channels);
      await pace?.(0, 1);
      await gram?.add(kept);
      if (cross && before) await cross.add(tokensAt(before, cols, finite), kept);
    },
    async finish(source) {
      const { tokens } = channels;
      const sum = gram && tokens > 0 ? await gram.finish() : null;
      if (gram && !sum) gram.close();
      const moment = cross && tokens > 0 ? await cross.finish() : null;
      if (cross && !moment) cross.close();
      const rows = reservoir.rows();
      const calibration = {
        ...{ cols, tokens, leftOut: seen - tokens },
        ...{ gram: sum, ...channelsOf(channels) },
        quantiles: await pacedQuantiles(rows, cols, QUANTILES, async () => pace?.(0, 1)),
        rows: tokens > 0 ? rows : null,
        ...{ cross: moment, output: null, source },
      };
      const tooLarge = `the Gram matrix of ${cols} columns takes ${gigabytes(matrixBytes(cols))} and is left out: ${gigabytes(gramBudget)} are possible`;
      return { ...calibration, notes: [...tokenNotes(calibration), ...(fits ? [] : [tooLarge])] };
    },
    close() {
      gram?.close();
      cross?.close();
    },
  };
}

/** Tokens all of whose values are finite, in the other array, too, where there is one. */
export function finiteTokens(rows: Float32Array, cols: number, other?: Float32Array): number[] {
  const out: number[] = [];
  for (let t = 0; t * cols < rows.length; t++) {
    let off = 0;
    for (let i = t * cols; i < (t + 1) * cols; i++) off += rows[i] - rows[i];
    if (other) for (let i = t * cols; i < (t + 1) * cols; i++) off += other[i] - other[i];
    if (off === 0) out.push(t);
  }
  return out;
}

/** Those tokens; the rows themselves where it is all of them. */
export function tokensAt(rows: Float32Array, cols: number, tokens: readonly number[]): Float32Array {
  if (tokens.length * cols === rows.length) return rows;
  const out = new Float32Array(tokens.length * cols);
  tokens.forEach((t, i) => {
    out.set(rows.subarray(t * cols, (t + 1) * cols), i * cols);
  });
  return out;
}

/** What the reader must know of the tokens of a calibration. */
export function tokenNotes({ tokens, leftOut, cols }: { tokens: number; leftOut: number; cols: number }): string[] {
  const notes: string[] = [];
  if (leftOut > 0) {
    notes.push(`${leftOut} of ${tokens + leftOut} tokens hold NaN or Inf and are left out of the calibration`);
  }
  if (tokens < cols) {
    notes.push(
      `the calibration has ${tokens} tokens for ${cols} channels: its Gram matrix says nothing of ${cols - tokens} directions`,
    );
  }
  return notes;
}
