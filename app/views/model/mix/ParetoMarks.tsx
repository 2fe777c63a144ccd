/** All recipes of a tensor, error against bits, small enough for a row of the table: those that nothing beats joined, the assigned one marked. */
import { memo } from "react";
import type { AllocationTable } from "../../../../kernels/allocation/types.ts";

interface Props {
  table: AllocationTable;
  tensor: number;
  elements: number;
  choice: number;
  width: number;
  height: number;
}

export interface TensorPoint {
  choice: number;
  /** Bits a value. */
  bits: number;
  loss: number;
  /** Nothing has a smaller loss at no more bits. */
  best: boolean;
}

/** The recipes that a tensor can have, by bits. */
export function tensorPoints(table: AllocationTable, tensor: number, elements: number): TensorPoint[] {
  const width = table.choices.length;
  const points: TensorPoint[] = [];
  for (let choice = 0; choice < width; choice++) {
    const [loss, bits] = [table.loss[tensor * width + choice], table.bits[tensor * width + choice] / elements];
    if (Number.isFinite(loss) && Number.isFinite(bits)) points.push({ choice, bits, loss, best: false });
  }
  points.sort((a, b) => a.bits - b.bits || a.loss - b.loss);
  let least = Number.POSITIVE_INFINITY;
  for (const point of points) {
    if (point.loss >= least) continue;
    point.best = true;
    least = point.loss;
  }
  return points;
}

const PAD = 3;

export const ParetoMarks = memo(function ParetoMarks({ table, tensor, elements, choice, width, height }: Props) {
  const points = tensorPoints(table, tensor, elements);
  const positive = points.filter(({ loss }) => loss > 0);
  if (positive.length === 0) return null;
  const logs = positive.map(({ loss }) => Math.log(loss));
  const [lo, hi] = [Math.min(...logs), Math.max(...logs)];
  const [b0, b1] = [positive[0].bits, positive[positive.length - 1].bits];
  const x = (bits: number) => PAD + ((width - 2 * PAD) * (Math.min(bits, b1) - b0)) / (b1 - b0 || 1);
  const y = (loss: number) =>
    loss > 0 ? PAD + ((height - 2 * PAD) * (hi - Math.log(loss))) / (hi - lo || 1) : height - 1;
  const best = positive.filter((point) => point.best);
  const own = points.find((point) => point.choice === choice);
  return (
    <svg width={width} height={height} aria-hidden="true" className="block">
      <path
        d={best.map((p, k) => `${k === 0 ? "M" : "L"}${x(p.bits).toFixed(1)},${y(p.loss).toFixed(1)}`).join("")}
        fill="none"
        stroke="var(--faint)"
        strokeWidth={0.75}
      />
      {positive.map((p) => (
        <circle key={p.choice} cx={x(p.bits)} cy={y(p.loss)} r={1.2} fill={p.best ? "var(--ink)" : "var(--faint)"} />
      ))}
      {own && <circle cx={x(own.bits)} cy={y(own.loss)} r={2.6} fill="var(--mark)" />}
    </svg>
  );
});
