/** What a Gaussian allows: the curve 2^(-2R), below which no code can be, and Lloyd and Max's points. */
import { gaussianLimit, LLOYD_MAX } from "../../../kernels/precision/rates.ts";
import { FONT } from "../../charts/Axes.tsx";
import type { Axes } from "./axes.ts";
import { BITS, type SweepMetric } from "./state.ts";

/** The metric of an error in units of the variance; null where it has no limit. */
export function ofError(metric: SweepMetric, variance: number): ((error: number) => number) | null {
  if (metric === "nmse") return (error) => error;
  if (metric === "mse") return (error) => error * variance;
  if (metric === "sqnrDb") return (error) => -10 * Math.log10(error);
  return null;
}

interface Props {
  axes: Axes;
  metric: SweepMetric;
  against: SweepMetric;
  variance: number;
  clip: string;
}

/** Steps of the curve. */
const STEPS = 64;

export function Limits({ axes, metric, against, variance, clip }: Props) {
  const value = ofError(metric, variance);
  if (!value || against !== BITS) return null;
  const place = (bits: number, error: number) => [axes.x(bits), axes.y(value(error))];
  const curve = Array.from({ length: STEPS + 1 }, (_, i) => {
    const bits = axes.atX(axes.left + ((axes.right - axes.left) * i) / STEPS);
    return place(bits, gaussianLimit(bits))
      .map((at) => at.toFixed(1))
      .join(" ");
  });
  const books = LLOYD_MAX.map((error, i) => ({ bits: i + 1, at: place(i + 1, error) }));
  return (
    <g clipPath={`url(#${clip})`} className="limits">
      <path d={`M${curve.join("L")}`} fill="none" stroke="var(--ink)" strokeDasharray="5 3" strokeOpacity={0.7}>
        <title>2^(−2R): no code of so many bits has less error on a Gaussian</title>
      </path>
      {books.map(({ bits, at: [x, y] }) => (
        <g key={bits}>
          <path d={`M${x - 4} ${y}h8M${x} ${y - 4}v8`} stroke="var(--ink)" fill="none">
            <title>{`Lloyd and Max's book of ${bits} ${bits === 1 ? "bit" : "bits"}: ${LLOYD_MAX[bits - 1]}`}</title>
          </path>
          <text {...FONT} x={x + 6} y={y - 5} fill="var(--muted)">
            {bits === 1 ? "Lloyd–Max 1" : bits}
          </text>
        </g>
      ))}
    </g>
  );
}
