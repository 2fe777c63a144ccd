import { referenceBackend } from "../backends/reference/backend.ts";
import { readTile } from "../backends/tiles.ts";
import { quotient as quotientUnder } from "../codes/scalar/encoder.ts";
import { binary, floatBits } from "../exact/bits.ts";
import { codeBits } from "../formats/codes.ts";
import type { MatrixSource } from "../matrix/source.ts";
import { blockExtent, blockOf } from "../plan/blocks.ts";
import type { Plan } from "../plan/plan.ts";
import type { InspectedScale, Inspection } from "../report/report.ts";
import type { Scales } from "../scales/resolve.ts";
import type { BlockStatistics } from "../scales/statistics.ts";

/** 32 bits of a float32, grouped sign, exponent, fraction. */
export function float32Bits(x: number): string {
  const bits = binary(floatBits(x), 32);
  return `${bits.slice(0, 1)} ${bits.slice(1, 9)} ${bits.slice(9)}`;
}

/** The whole arithmetic of one element, by the reference whatever backend made the report. */
export async function inspectElement(
  source: MatrixSource,
  plan: Plan,
  scales: Scales,
  stats: BlockStatistics,
  row: number,
  col: number,
): Promise<Inspection> {
  const tile = await readTile(source, plan, row, row + 1);
  const encoded = await referenceBackend.encode(plan, tile, scales);
  const block = blockOf(plan.grid, row, col);
  const x = tile.original[col];
  const input = tile.input[col];
  const scaled = plan.levels.length > 0;
  const scale = scaled ? scales.effective[block] : 1;
  const zeroPoint = plan.element.affine ? scales.zeroPoints[block] : null;
  const code = encoded.codes ? encoded.codes[col] : null;
  const offset = plan.codec && plan.codec.offsets.length > 0 ? scales.blocks!.offsets[block] : null;
  const quotient = quotientOf(plan, scales, input - (offset ?? 0), scale, block);
  const near = neighbours(plan, quotient, zeroPoint ?? 0);
  const quantized = encoded.quantized[col];
  return {
    row,
    col,
    x,
    xBits: float32Bits(x),
    input,
    block,
    ...blockEnds(plan, stats, block),
    scales: scaled ? inspectScales(plan, scales, row, col) : [],
    scale,
    zeroPoint,
    ...(offset === null ? {} : { offset }),
    quotient,
    below: near.below,
    above: near.above,
    tie: near.below !== near.above && quotient === near.middle,
    code,
    codeBits: code !== null && plan.element.format.kind !== "identity" ? codeBits(plan.element.format, code) : null,
    level: levelOf(plan, code, quantized, zeroPoint ?? 0),
    quantized,
    result: encoded.result[col],
    error: Math.fround(x - encoded.result[col]),
    state: stateOf(plan, stats, input, scale, offset ?? 0, quotient, quantized, block, zeroPoint ?? 0),
  };
}

/** The same with a code that a solver chose, and what it stands for. */
export function chosenBy(
  name: string,
  plan: Plan,
  inspection: Inspection,
  code: number,
  quantized: number,
): Inspection {
  const { format } = plan.element;
  const { input, state, zeroPoint } = inspection;
  const level = levelOf(plan, code, quantized, zeroPoint ?? 0);
  const plain = state === "ordinary" || state === "flushed" || state === "saturated";
  const atEnd = state === "saturated" && code === inspection.code;
  return {
    ...inspection,
    code,
    codeBits: format.kind === "identity" ? null : codeBits(format, code),
    chosen: { by: name, nearest: inspection.code },
    level,
    quantized,
    result: quantized,
    error: Math.fround(inspection.x - quantized),
    state: !plain || atEnd ? state : input !== 0 && level === 0 ? "flushed" : "ordinary",
  };
}

const quotientOf = (plan: Plan, scales: Scales, input: number, scale: number, block: number): number =>
  quotientUnder(plan.element, input, { scale, reciprocal: scales.reciprocal[block] ?? 1, zeroPoint: 0 });

/** Levels around a quotient, cut to the ends of the range, and their middle. */
function neighbours(plan: Plan, q: number, zeroPoint: number): { below: number; above: number; middle: number } {
  const { ladder, affine, integer, middles } = plan.element;
  if (!ladder || Number.isNaN(q)) return { below: q, above: q, middle: q };
  if (affine) {
    // A fractional zero point moves the levels: they are integers less it.
    const whole = Math.floor(zeroPoint);
    const fraction = zeroPoint - whole;
    const clamp = (k: number) => Math.min(integer!.max, Math.max(0, k + whole)) - zeroPoint;
    const [below, above] = [clamp(Math.floor(q + fraction)), clamp(Math.ceil(q + fraction))];
    return { below, above, middle: (below + above) / 2 };
  }
  const rank = ladder.floor(q);
  if (rank < 0) return { below: ladder.levels[0], above: ladder.levels[0], middle: ladder.levels[0] };
  const below = ladder.levels[rank];
  if (below === q || rank + 1 === ladder.levels.length) return { below, above: below, middle: below };
  return { below, above: ladder.levels[rank + 1], middle: middles[rank] };
}

function levelOf(plan: Plan, code: number | null, quantized: number, zeroPoint: number): number {
  const { ladder, affine } = plan.element;
  if (code === null || !ladder) return quantized;
  if (affine) return code - zeroPoint;
  const rank = ladder.codes.indexOf(code);
  // Not among the levels: negative zero, or a code that stands for no number.
  return rank < 0 ? (quantized === 0 ? 0 : Number.NaN) : ladder.levels[rank];
}

function blockEnds(plan: Plan, stats: BlockStatistics, block: number) {
  const scaled = plan.levels.length > 0;
  const amax = scaled ? stats.amax[block] : Number.NaN;
  const affine = plan.element.affine;
  return {
    blockAmax: amax,
    blockMin: affine ? stats.min[block] : -amax,
    blockMax: affine ? stats.max[block] : amax,
  };
}

/** The block of each level that holds the element, innermost first; where there are offsets, theirs follow likewise. */
function inspectScales(plan: Plan, scales: Scales, row: number, col: number): InspectedScale[] {
  let [r, c] = [row, col];
  return plan.levels.map((level, i) => {
    if (i === plan.codec?.scales.length) [r, c] = [row, col];
    const block = blockOf(level.grid, r, c);
    const stored = scales.levels[i];
    const code = stored.codes ? stored.codes[block] : null;
    [r, c] = [Math.floor(block / level.grid.gridCols), block % level.grid.gridCols];
    return {
      format: level.text,
      ...(level.what ? { what: level.what } : {}),
      ideal: stored.ideal[block],
      code,
      codeBits:
        code === null || level.format.kind === "identity"
          ? float32Bits(stored.values[block])
          : codeBits(level.format, code),
      value: stored.values[block],
      block,
      extent: i === 0 ? blockExtent(level.grid, block) : null,
    };
  });
}

function stateOf(
  plan: Plan,
  stats: BlockStatistics,
  input: number,
  scale: number,
  offset: number,
  q: number,
  quantized: number,
  block: number,
  zeroPoint: number,
): Inspection["state"] {
  const { ends, format } = plan.element;
  if (input - input !== 0 || Number.isNaN(scale)) return "non-finite";
  if (plan.levels.length > 0 && scale === 0 && offset === 0) return stats.amax[block] > 0 ? "dead block" : "zero block";
  if (plan.levels.length > 0 && stats.amax[block] === 0) return "zero block";
  if (format.kind !== "identity" && (q + zeroPoint > ends.high || q + zeroPoint < ends.low)) return "saturated";
  return input !== 0 && quantized === 0 ? "flushed" : "ordinary";
}
