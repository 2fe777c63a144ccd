/** Where bits and losses lie on the chart of the frontier. Losses are on a logarithmic axis with a lane for none; a straight one where some are below zero. */
import type { Tick } from "../../../charts/Axes.tsx";
import { formatNumber, superscript, tickFormat } from "../../../charts/numbers.ts";
import { scaleLinear, scaleLog } from "../../../charts/scale.ts";
import type { Size } from "../../../charts/useSize.ts";
import { logExtent, logTicks } from "../../sweep/scales.ts";

export const MARGIN = { top: 26, right: 14, bottom: 32, left: 56 };
const LANE = 16;

export interface FrontierAxes {
  x(value: number): number;
  y(loss: number): number;
  /** The value at a place. */
  at(px: number): number;
  xTicks: Tick[];
  yTicks: Tick[];
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** Where losses of zero lie; null where there is no lane. */
  zero: number | null;
}

/** @param xs along the lower axis, in its unit; @param losses of everything that is drawn */
export function frontierAxes(size: Size, xs: readonly [number, number], losses: readonly number[]): FrontierAxes {
  const { left, top } = MARGIN;
  const right = Math.max(left + 60, size.width - MARGIN.right);
  const log = losses.every((loss) => loss >= 0);
  const lane = log && losses.some((loss) => loss === 0);
  const floor = Math.max(top + 40, size.height - MARGIN.bottom);
  const bottom = floor - (lane ? LANE : 0);
  const pad = (xs[1] - xs[0] || Math.abs(xs[0]) || 1) * 0.02;
  const x = scaleLinear()
    .domain([xs[0] - pad, xs[1] + pad])
    .range([left, right]);
  const xValues = x.ticks(Math.max(2, Math.floor((right - left) / 70)));
  const { format } = tickFormat(xValues);
  const xTicks = xValues.map((value) => ({ at: x(value), label: format(value) }));
  const base = { x, at: x.invert, xTicks, left, right, top, bottom: floor };
  if (log) {
    const extent = logExtent(losses) ?? { lo: 0.1, hi: 1 };
    const y = scaleLog().domain([extent.lo, extent.hi]).range([bottom, top]);
    const ticks = logTicks(extent);
    const room = Math.max(2, Math.floor((bottom - top) / 20));
    const shown = ticks.length <= room ? ticks : ticks.filter((t) => t.strong);
    const every = Math.max(1, Math.ceil(shown.length / room));
    return {
      ...base,
      y: (loss) => (loss === 0 ? floor - LANE / 2 + 3 : y(loss)),
      yTicks: shown.filter((_, i) => i % every === 0).map(({ value }) => ({ at: y(value), label: powerLabel(value) })),
      zero: lane ? floor - LANE / 2 + 3 : null,
    };
  }
  const y = scaleLinear()
    .domain([Math.min(...losses), Math.max(...losses)])
    .range([bottom, top]);
  const yValues = y.ticks(Math.max(2, Math.floor((bottom - top) / 40)));
  const spelled = tickFormat(yValues);
  return { ...base, y, yTicks: yValues.map((value) => ({ at: y(value), label: spelled.format(value) })), zero: null };
}

/** Powers of ten as such where they are small. */
const powerLabel = (value: number): string => {
  const exponent = Math.round(Math.log10(value));
  const power = Math.abs(value / 10 ** exponent - 1) < 1e-9;
  return power && (exponent < -3 || exponent > 5) ? `10${superscript(exponent)}` : formatNumber(value, 1);
};
