/** An importance matrix of either form as what is known of the inputs of each weight. */
import type { Calibration, CalibrationSource } from "../../../kernels/calibration/index.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { hex, Sha256 } from "../../bytes/sha256.ts";
import { UserError } from "../../errors/user-error.ts";
import { layerName } from "../names.ts";
import { looksLikeDat, openDat } from "./dat.ts";
import { openGgufImatrix } from "./gguf.ts";
import { ggufWeightName, holdsExperts } from "./names.ts";
import { type Imatrix, type ImatrixEntry, meanSquares } from "./types.ts";

/** Whether the file is an importance matrix of either form. Rejects with UserError where it is one that is damaged. */
export async function isImatrixFile(file: ByteSource, signal?: AbortSignal): Promise<boolean> {
  return (await openGgufImatrix(file, signal)) !== null || (await looksLikeDat(file, signal));
}

/** Reads the directory of either form. Rejects with UserError where the file is none, and with AbortError. */
export async function openImatrix(file: ByteSource, signal?: AbortSignal): Promise<Imatrix> {
  return (await openGgufImatrix(file, signal)) ?? (await openDat(file, signal));
}

/** The entry of a weight: that of its name, or of the name that converters to GGUF give it; undefined where there is none. */
export function entryFor({ entries }: Imatrix, weight: string): ImatrixEntry | undefined {
  const names = [weight, ggufWeightName(weight)].filter((name) => name !== null).map(layerName);
  return entries.find(({ name }) => names.includes(layerName(name)));
}

/**
 * What an entry tells of the inputs of a weight with so many columns: mean squares by column, `experts` of them where it has several
 * matrices. Where the entry is of other columns, the calibration says its own.
 */
export async function calibrationOf(
  { form }: Imatrix,
  entry: ImatrixEntry,
  cols: number,
  source: Omit<CalibrationSource, "digest">,
  signal: AbortSignal,
): Promise<Calibration> {
  const read = await entry.read(signal);
  const { values, idle } = meanSquares(read, form);
  const { counts } = read;
  const shared = counts.length === 1 && holdsExperts(entry.name);
  const whole = values.length % cols === 0 && (shared || values.length === counts.length * cols);
  const width = whole ? cols : values.length / counts.length;
  const experts = values.length / width;
  const digest = new Sha256();
  digest.update(new Uint8Array(values.buffer));
  const tokens = form === "gguf" ? counts.reduce((sum, count) => sum + count, 0) : null;
  if (tokens === 0) throw new UserError(`${source.name}: no token was counted.`);
  const of = Float64Array.from(values);
  return {
    cols: width,
    tokens,
    leftOut: 0,
    ...{ gram: null, meanAbs: null, min: null, max: null, quantiles: null, rows: null },
    ...{ cross: null, output: null },
    mean: read.plain && tokens !== null ? meansOf(read.plain, width, tokens) : null,
    meanSquare: experts === 1 ? of : overExperts(of, width, counts),
    ...(experts > 1 && { experts: { count: experts, meanSquare: of } }),
    source: { ...source, digest: hex(digest.finish()) },
    notes: idle > 0 ? [`${idle} of ${counts.length} experts met no token: their columns count alike`] : [],
  };
}

/** Means over the tokens of all experts, from their sums. */
function meansOf(plain: Float32Array, cols: number, tokens: number): Float64Array {
  const out = new Float64Array(cols);
  plain.forEach((sum, i) => {
    out[i % cols] += sum / tokens;
  });
  return out;
}

/** Mean squares over the tokens of all experts; where they are not counted for each, every expert counts as much. */
function overExperts(values: Float64Array, cols: number, counts: Float64Array): Float64Array {
  const experts = values.length / cols;
  const weight = (e: number): number => (counts.length === experts ? counts[e] : 1);
  const sums = new Float64Array(cols);
  let total = 0;
  for (let e = 0; e < experts; e++) {
    total += weight(e);
    for (let c = 0; c < cols; c++) sums[c] += weight(e) * values[e * cols + c];
  }
  return sums.map((sum) => sum / total);
}
