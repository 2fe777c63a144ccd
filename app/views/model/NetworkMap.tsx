/** The network as a map: what each weight does down the side, layers across, coloured by what A or B does to it. */
import { type KeyboardEvent, useId, useMemo, useState } from "react";
import { KEEP } from "../../../kernels/notation/index.ts";
import { FONT } from "../../charts/Axes.tsx";
import { ChartFrame, Nothing } from "../../charts/ChartFrame.tsx";
import { Choice } from "../../charts/Controls.tsx";
import {
  type ColorScale,
  divergingTable,
  parseColor,
  place as placeOn,
  sequentialTable,
} from "../../charts/colormap.ts";
import { formatNumber, formatShortCount } from "../../charts/numbers.ts";
import { PlotSurface } from "../../charts/PlotSurface.tsx";
import type { Side, Stale } from "../../charts/types.ts";
import { useSize } from "../../charts/useSize.ts";
import { useThemeColors } from "../../charts/useThemeColors.ts";
import { type PlaceFigures, placeFigures, type Tensors } from "./placeFigures.ts";
import { gridOf, type Place } from "./places.ts";
import type { ModelState } from "./state.ts";
import type { ModelInView } from "./useModel.ts";

interface Props {
  model: ModelInView;
  tensors: Tensors;
  stale: Stale | null;
  mode: ModelState["map"];
  onMode: (mode: ModelState["map"]) => void;
  onOpen: (place: Place) => void;
}

/** Letters that can be read on any colour. */
const HALO = { fill: "var(--ink)", stroke: "var(--panel)", strokeWidth: 3, paintOrder: "stroke" } as const;

interface Shown {
  place: Place;
  a: PlaceFigures;
  b: PlaceFigures;
}

const LEFT = 84;
const TOP = 18;
const GAP = 2;
const ROW = { least: 14, most: 30 };
const COLUMN = { least: 5, most: 96 };
/** A cell at least so large holds the number of its rule. */
const NUMBERED = { width: 16, height: 12 };

const words = (f: PlaceFigures): string => {
  const recipes = f.recipes.map((recipe) => recipe ?? KEEP).join(", ");
  if (f.touched === 0) return "kept as stored";
  if (f.known < f.touched) return `${recipes}: no figures yet`;
  const error = f.nmse === null ? "no signal" : `NMSE ${formatNumber(f.nmse, 3)}`;
  return `${recipes}: ${f.bits === null ? "" : `${f.bits.toFixed(3)} b, `}${error}${f.broken > 0 ? `, ${f.broken} broken` : ""}`;
};

export const placeName = ({ role, layer }: Place): string => (layer === "ends" ? role : `layer ${layer} ${role}`);

/** Colours by error: a logarithmic scale over what a side has, or the ratio of both sides' errors around one. */
function scaleOf(all: readonly Shown[], mode: ModelState["map"]): ColorScale | null {
  if (mode === "d") {
    const ratios = all.flatMap(({ a, b }) => (a.nmse && b.nmse ? [Math.abs(Math.log2(a.nmse / b.nmse))] : []));
    return ratios.length === 0
      ? null
      : { kind: "diverging", lo: -Math.max(0.01, ...ratios), hi: Math.max(0.01, ...ratios) };
  }
  const errors = all.map((one) => one[mode].nmse).filter((x): x is number => x !== null && x > 0);
  if (errors.length === 0) return null;
  const [lo, hi] = [Math.min(...errors), Math.max(...errors)];
  return { kind: "log", lo: lo < hi ? lo : hi / 2, hi };
}

const shownValue = ({ a, b }: Shown, mode: ModelState["map"]): number | null => {
  if (mode !== "d") return (mode === "a" ? a : b).nmse;
  return a.nmse && b.nmse ? Math.log2(a.nmse / b.nmse) : null;
};

export function NetworkMap({ model, tensors, stale, mode, onMode, onOpen }: Props) {
  const [ref, size] = useSize({ width: 620, height: 260 });
  const [at, setAt] = useState<{ row: number; column: number } | null>(null);
  const grid = useMemo(() => gridOf(model.info?.parts ?? []), [model.info]);
  const { a: rulesA, b: rulesB } = model;
  const shown = useMemo(() => {
    const look = (place: Place): Shown => ({
      place,
      a: placeFigures(place, "a", rulesA, tensors),
      b: placeFigures(place, "b", rulesB, tensors),
    });
    const rows = grid.cells.map((row) => row.map((place) => place && look(place)));
    // What stands before the first layer and behind the last has a row of its own.
    return grid.ends.length > 0 ? [...rows, grid.ends.map(look)] : rows;
  }, [grid, rulesA, rulesB, tensors]);
  const flat = useMemo(() => shown.flat().filter((one): one is Shown => one !== null), [shown]);
  const scale = useMemo(() => scaleOf(flat, mode), [flat, mode]);
  const theme = useThemeColors();
  const table = useMemo(
    () =>
      mode === "d"
        ? divergingTable(parseColor(theme["--a"]), parseColor(theme["--surface"]), parseColor(theme["--b"]))
        : sequentialTable(),
    [mode, theme],
  );
  const colour = (value: number): string => {
    const k = 3 * Math.round(255 * placeOn(scale!, value));
    return `rgb(${table[k]}, ${table[k + 1]}, ${table[k + 2]})`;
  };
  const ends = grid.ends.length > 0 ? grid.roles.length : -1;
  const height = Math.max(ROW.least, Math.min(ROW.most, (size.height - TOP - 22) / Math.max(1, shown.length)));
  const width = Math.max(COLUMN.least, Math.min(COLUMN.most, (size.width - LEFT - 4) / Math.max(1, grid.layers)));
  const endWidth = Math.min(150, (size.width - LEFT - 4) / Math.max(1, grid.ends.length));
  const box = (row: number, column: number) => ({
    x: LEFT + column * (row === ends ? endWidth : width),
    y: TOP + row * height + (row === ends ? 4 : 0),
    width: (row === ends ? endWidth : width) - GAP,
    height: height - GAP,
  });
  const marked = at ? (shown[at.row]?.[at.column] ?? null) : null;
  const find = (event: { clientX: number; clientY: number; currentTarget: HTMLElement }) => {
    const frame = event.currentTarget.getBoundingClientRect();
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
    const row = Math.floor((y - TOP) / height);
    const column = Math.floor((x - LEFT) / (row === ends ? endWidth : width));
    return shown[row]?.[column] ? { row, column } : null;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { row, column } = at ?? { row: 0, column: -1 };
    const last = (r: number) => (shown[r]?.length ?? 1) - 1;
    const to = new Map([
      ["ArrowRight", { row, column: Math.min(last(row), column + 1) }],
      ["ArrowLeft", { row, column: Math.max(0, column - 1) }],
      ["ArrowDown", { row: Math.min(shown.length - 1, row + 1), column: Math.max(0, column) }],
      ["ArrowUp", { row: Math.max(0, row - 1), column: Math.max(0, column) }],
      ["Home", { row, column: 0 }],
      ["End", { row, column: last(row) }],
    ]).get(event.key);
    if (event.key === "Enter" && marked) onOpen(marked.place);
    else if (to) setAt({ row: to.row, column: Math.min(last(to.row), to.column) });
    else return;
    event.preventDefault();
  };
  // Where there are several rules, cells say which one is theirs; the list of rules has the same numbers.
  const side = mode === "d" ? null : model[mode];
  const numbers =
    side && side.uses.length > 1
      ? ({ place }: Shown) => [...new Set(place.parts.flatMap(({ name }) => side.numberOf(name) ?? []))].join(" ")
      : null;
  const about = model.info && `${model.info.about}, ${formatShortCount(model.info.size.parameters)} parameters. `;
  const step = Math.max(1, Math.ceil(24 / width));
  // What is larger than its place scrolls.
  const whole = {
    width: Math.max(size.width, LEFT + grid.layers * width),
    height: Math.max(size.height - 2, TOP + shown.length * height + 8),
  };
  const hatch = useId();
  const readout = marked
    ? `${placeName(marked.place)}${marked.place.parts.length > 1 ? `, ${marked.place.parts.length} weights` : ""} · A ${words(marked.a)} · B ${words(marked.b)}`
    : null;
  return (
    <ChartFrame
      chart="network"
      title="Network"
      description={`${grid.roles.length} kinds of weights in ${grid.layers} layers, coloured by the error of ${mode === "d" ? "A over that of B" : mode.toUpperCase()}.`}
      caption={mode === "d" ? "log2 of NMSE of A over that of B" : `NMSE of ${mode.toUpperCase()}, logarithmic`}
      stale={stale}
      controls={
        <>
          {scale && <Key scale={scale} mode={mode} table={table} />}
          <Choice
            label="What the network is coloured by"
            value={mode}
            options={[
              { value: "a", label: "A", name: "A, error of A" },
              { value: "b", label: "B", name: "B, error of B" },
              { value: "d", label: "A/B", name: "A/B, ratio of the errors" },
            ]}
            onChange={onMode}
          />
        </>
      }
      table={() => ({
        caption: "Weights of the network",
        columns: ["layer", "role", "weights", "stored, b", "A", "A, b", "NMSE of A", "B", "B, b", "NMSE of B"],
        rows: flat.map(({ place, a, b }) => [
          place.layer === "ends" ? "ends" : place.layer,
          place.role,
          place.parts.length,
          place.parts[0]?.bitsPerWeight ?? null,
          ...[a.recipes.map((recipe) => recipe ?? KEEP).join(" "), a.bits, a.nmse],
          ...[b.recipes.map((recipe) => recipe ?? KEEP).join(" "), b.bits, b.nmse],
        ]),
      })}
      footer={
        <p className="m-0 h-[18px] truncate text-xs" role="status" data-network-readout title={readout ?? undefined}>
          {readout ?? (
            <span className="text-muted">
              {about}
              Point or use the arrow keys to read a weight; click or Enter opens it on the Bench with its recipes.
            </span>
          )}
        </p>
      }
    >
      <div ref={ref} className="absolute inset-0 overflow-auto">
        {flat.length === 0 ? (
          <Nothing>No weights of a network</Nothing>
        ) : (
          <div className="relative" style={whole}>
            <svg {...whole} role="img" aria-label="The network's weights by layer and role" className="block">
              <defs>
                <pattern id={hatch} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                  <line x1="0" y1="0" x2="0" y2="5" stroke="var(--bad)" strokeWidth="1.5" />
                </pattern>
              </defs>
              <g {...FONT} fill="var(--muted)">
                {grid.roles.map((role, row) => (
                  <text key={role} x={LEFT - 6} y={TOP + row * height + height / 2} dy="0.32em" textAnchor="end">
                    {role.length > 13 ? `${role.slice(0, 12)}…` : role}
                  </text>
                ))}
                {ends >= 0 && (
                  <text x={LEFT - 6} y={TOP + ends * height + height / 2 + 4} dy="0.32em" textAnchor="end">
                    ends
                  </text>
                )}
                <text x={2} y={12}>
                  layer
                </text>
                {Array.from({ length: Math.ceil(grid.layers / step) }, (_, i) => i * step).map((layer) => (
                  <text key={layer} x={LEFT + layer * width + (width - GAP) / 2} y={12} textAnchor="middle">
                    {layer}
                  </text>
                ))}
              </g>
              {shown.map((cells, row) =>
                cells.map((one, column) => {
                  if (!one) return null;
                  const where = box(row, column);
                  const value = shownValue(one, mode);
                  const missing = one.place.parts.every((part) => part.missing);
                  const kept = mode === "d" ? one.a.touched + one.b.touched === 0 : one[mode as Side].touched === 0;
                  const broken = (mode === "b" ? 0 : one.a.broken) + (mode === "a" ? 0 : one.b.broken);
                  const fill = missing
                    ? `url(#${hatch})`
                    : kept || value === null || !scale
                      ? "var(--grid)"
                      : colour(value);
                  return (
                    <g key={`${one.place.layer} ${one.place.role}`}>
                      <rect
                        {...where}
                        rx={2}
                        fill={fill}
                        stroke={broken > 0 ? "var(--bad)" : kept || value === null ? "var(--line)" : "none"}
                        strokeWidth={broken > 0 ? 2 : 1}
                        strokeDasharray={!kept && value === null && !missing ? "2 2" : undefined}
                      />
                      {numbers && where.width >= NUMBERED.width && where.height >= NUMBERED.height && row !== ends && (
                        <text
                          {...FONT}
                          {...HALO}
                          x={where.x + where.width / 2}
                          y={where.y + where.height / 2}
                          dy="0.32em"
                          textAnchor="middle"
                        >
                          {numbers(one)}
                        </text>
                      )}
                      {row === ends && (
                        <text {...FONT} x={where.x + 5} y={where.y + where.height / 2} dy="0.32em" {...HALO}>
                          {one.place.role}
                        </text>
                      )}
                    </g>
                  );
                }),
              )}
              {at && marked && (
                <rect {...box(at.row, at.column)} rx={2} fill="none" stroke="var(--mark)" strokeWidth={2} />
              )}
            </svg>
            <PlotSurface
              kind="map"
              label="Network: arrow keys go from weight to weight, Enter opens one on the Bench"
              className="inset-0 cursor-pointer"
              onPointerMove={(event) => event.pointerType === "mouse" && setAt(find(event))}
              onPointerLeave={(event) => event.pointerType === "mouse" && setAt(null)}
              onClick={(event) => {
                const found = find(event);
                // A thumb has no hover: its first tap reads, the second opens.
                const again = at !== null && found?.row === at.row && found.column === at.column;
                if (found && again) onOpen(shown[found.row][found.column]!.place);
                else setAt(found);
              }}
              onKeyDown={onKeyDown}
            />
          </div>
        )}
      </div>
    </ChartFrame>
  );
}

/** The colours with their ends. */
function Key({ scale, mode, table }: { scale: ColorScale; mode: ModelState["map"]; table: Uint8ClampedArray }) {
  const stops = Array.from({ length: 17 }, (_, i) => {
    const k = 3 * Math.round((i / 16) * 255);
    return `rgb(${table[k]}, ${table[k + 1]}, ${table[k + 2]})`;
  });
  const end = (x: number) => (mode === "d" ? `×${formatNumber(2 ** x, 2)}` : formatNumber(x, 2));
  return (
    <span className="inline-flex items-center gap-1 text-[11px] text-muted">
      {mode === "d" ? "NMSE A/B" : `NMSE of ${mode.toUpperCase()}`} {end(scale.lo)}
      <span
        aria-hidden="true"
        className="inline-block h-2 w-16 rounded-sm"
        style={{ background: `linear-gradient(to right, ${stops.join(", ")})` }}
      />
      {end(scale.hi)}
    </span>
  );
}
