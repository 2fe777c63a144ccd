/** The report's drawings: SVG with its colours in it, which need neither the page's theme nor a script. */
import { printable } from "../../../../../kernels/text/printable.ts";
import { type ColorTable, luminance, sequentialTable } from "../../../../charts/colormap.ts";
import { formatNumber } from "../../../../charts/numbers.ts";
import { scaleLinear, scaleLog } from "../../../../charts/scale.ts";
import { gridOf, type MixReport, type ReportRow } from "./data.ts";

const INK = "#14181d";
const LINE = "#c5cbd2";
const MUTED = "#4d5762";
const BLUE = "#0063a8";
const ORANGE = "#b3500a";
const FONT = { fontSize: 9, fontFamily: "system-ui, sans-serif" } as const;
/** Units of the drawing are points on paper, about: an A4 page is 520 wide inside its margins. */
const WIDTH = 680;
/** Rows of layers beyond this get no text of their own. */
const READABLE = 140;

/** From dark for few bits to light for many; dark ones are where the budget was saved. */
function colourOf(table: ColorTable, t: number): { fill: string; text: string } {
  const k = 3 * Math.max(0, Math.min(255, Math.round(255 * t)));
  const [r, g, b] = [table[k], table[k + 1], table[k + 2]];
  const light = luminance([r, g, b]) > 0.3;
  return { fill: `rgb(${r}, ${g}, ${b})`, text: light ? INK : "#ffffff" };
}

export function ReportMap({ rows, order }: { rows: readonly ReportRow[]; order: readonly string[] }) {
  if (rows.length === 0) return <p>There are no tensors.</p>;
  const { roles, layers, cells } = gridOf(rows, order);
  const table = sequentialTable();
  const bits = cells.map((cell) => cell.bits).filter(Number.isFinite);
  const [lo, hi] = [Math.min(...bits), Math.max(...bits)];
  const [left, top] = [34, 62];
  const wide = (WIDTH - left) / roles.length;
  const high = layers.length > READABLE ? Math.max(1, (14 * READABLE) / layers.length) : 14;
  const height = top + high * layers.length + 26;
  const label = `Bits a weight by layer and role: ${layers.length} layers, ${roles.length} roles, ${formatNumber(lo)} to ${formatNumber(hi)} bits`;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={label} {...FONT}>
      {roles.map((role, i) => (
        <text
          key={role}
          transform={`translate(${(left + (i + 0.5) * wide).toFixed(1)},${top - 5}) rotate(-35)`}
          fill={MUTED}
        >
          {printable(role)}
        </text>
      ))}
      {high >= 9 &&
        layers.map((layer, i) => (
          <text key={layer} x={left - 5} y={top + (i + 0.72) * high} textAnchor="end" fill={MUTED}>
            {layer}
          </text>
        ))}
      {cells.map(({ column, row, bits: b, words, tensors }) => {
        const { fill, text } = colourOf(table, hi > lo ? (b - lo) / (hi - lo) : 1);
        const [x, y] = [left + column * wide, top + row * high];
        return (
          <g key={`${column} ${row}`}>
            <title>{`${roles[column]}, layer ${layers[row]}: ${words}, ${formatNumber(b)} bits a weight, ${tensors} tensors`}</title>
            <rect
              x={x.toFixed(1)}
              y={y.toFixed(1)}
              width={(wide - 1).toFixed(1)}
              height={Math.max(0.5, high - 1).toFixed(1)}
              fill={Number.isFinite(b) ? fill : "#ffffff"}
              stroke={Number.isFinite(b) ? "none" : LINE}
            />
            {high >= 9 && wide >= 30 && Number.isFinite(b) && (
              <text x={(x + wide / 2).toFixed(1)} y={(y + high * 0.72).toFixed(1)} textAnchor="middle" fill={text}>
                {wide > 8 + 5 * words.length ? words : b.toFixed(2)}
              </text>
            )}
          </g>
        );
      })}
      <text x={left} y={height - 8} fill={MUTED}>
        {`Colour: bits a weight, ${formatNumber(lo)} (dark) to ${formatNumber(hi)} (light). Columns: roles; rows: layers.`}
      </text>
    </svg>
  );
}

export function ReportFrontier({ frontier, unit }: { frontier: NonNullable<MixReport["frontier"]>; unit: string }) {
  const { bits, loss, chosen } = frontier;
  const points = Array.from(bits, (b, i) => ({ b, l: loss[i] })).filter(({ b, l }) => Number.isFinite(b) && l > 0);
  if (points.length === 0) return <p>The frontier has no point with a loss above zero.</p>;
  const [width, height, left, right, top, bottom] = [WIDTH, 220, 56, WIDTH - 14, 18, 184];
  const range = (xs: number[]): [number, number] => [Math.min(...xs), Math.max(...xs)];
  const x = scaleLinear()
    .domain(range(points.map(({ b }) => b)))
    .range([left, right]);
  const [least, most] = range(points.map(({ l }) => l));
  const y = scaleLog()
    .domain(most > least ? [least, most] : [least / 2, most * 2])
    .range([bottom, top]);
  // A page shows no more than a few hundred steps.
  const step = Math.max(1, Math.floor(points.length / 400));
  const path = points
    .filter((_, i) => i % step === 0 || i === points.length - 1)
    .map(({ b, l }) => `${x(b).toFixed(1)},${y(l).toFixed(1)}`)
    .join(" ");
  const decades = Array.from({ length: 40 }, (_, i) => 10 ** (i - 24)).filter((t) => t >= least && t <= most);
  const at = chosen >= 0 && chosen < bits.length ? { b: bits[chosen], l: loss[chosen] } : null;
  const label = `Least predicted loss for each size, ${formatNumber(points[0].b)} to ${formatNumber(points.at(-1)!.b)} bits a weight`;
  return (
    <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label} {...FONT}>
      {(decades.length > 0 ? decades : [least, most]).map((t) => (
        <g key={t}>
          <line x1={left} x2={right} y1={y(t)} y2={y(t)} stroke={LINE} strokeWidth={0.5} />
          <text x={left - 5} y={y(t) + 3} textAnchor="end" fill={MUTED}>
            {formatNumber(t, 1)}
          </text>
        </g>
      ))}
      {x.ticks(8).map((t) => (
        <g key={t}>
          <line x1={x(t)} x2={x(t)} y1={bottom} y2={bottom + 4} stroke={MUTED} />
          <text x={x(t)} y={bottom + 15} textAnchor="middle" fill={MUTED}>
            {formatNumber(t)}
          </text>
        </g>
      ))}
      <line x1={left} x2={right} y1={bottom} y2={bottom} stroke={MUTED} />
      <polyline points={path} fill="none" stroke={BLUE} strokeWidth={1.4} />
      {at && at.l > 0 && (
        <g>
          <circle cx={x(at.b)} cy={y(at.l)} r={4} fill={ORANGE} stroke="#ffffff" />
          <text
            x={x(at.b) + (x(at.b) > right - 160 ? -8 : 8)}
            y={y(at.l) - 6}
            textAnchor={x(at.b) > right - 160 ? "end" : "start"}
            fill={ORANGE}
          >
            {`chosen: ${at.b.toFixed(3)} bits, ${formatNumber(at.l)}`}
          </text>
        </g>
      )}
      <text x={4} y={10} fill={MUTED}>
        {`predicted loss, ${unit} (log)`}
      </text>
      <text x={right} y={height - 6} textAnchor="end" fill={MUTED}>
        bits a weight
      </text>
    </svg>
  );
}
