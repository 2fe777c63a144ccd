/** How a link writes a sweep: its grid as it is read, and how one looks at it. */
import { defaultSweep, type Sweep } from "../state/experiment.ts";
import { numbers } from "./numbers.ts";

/** Keys of the parts. */
export const sweepKeys = {
  grid: "g",
  tensors: "gt",
  small: "gn",
  fallBack: "gf",
  metric: "gm",
  phases: "gp",
  part: "gb",
  hidden: "gh",
  shown: "gs",
  zoom: "gz",
} as const satisfies Record<keyof Sweep, string>;

/** What each part is to a person, with its pairs of key and unescaped text. The sweep of whoever looks at it is written out, whatever newcomers see by then. */
export function printSweepParts(sweep: Sweep, seen: boolean): [string, [string, string][]][] {
  const { grid, tensors, small, fallBack, metric, phases, part, hidden, shown, zoom } = sweep;
  const out: [string, [string, string][]][] = [];
  const add = (what: string, key: keyof Sweep, ...values: string[]) => {
    if (values.length > 0) out.push([`the sweep's ${what}`, values.map((value) => [sweepKeys[key], value])]);
  };
  if (seen || grid !== defaultSweep.grid) add("grid", "grid", grid);
  add("tensors", "tensors", ...tensors);
  if (small !== defaultSweep.small) add("norms and biases", "small", small ? "1" : "0");
  if (fallBack !== defaultSweep.fallBack) add("way with steps that do not fit", "fallBack", fallBack ? "1" : "0");
  if (metric !== defaultSweep.metric) add("metric", "metric", metric);
  if (phases !== defaultSweep.phases) add("phases", "phases", String(phases));
  if (part !== defaultSweep.part) add("colours", "part", part);
  add("filter", "hidden", ...hidden.map((one) => `${one.part}:${one.value}`));
  if (shown !== null) add("tensor", "shown", shown);
  if (zoom) add("zoom", "zoom", [zoom.x.lo, zoom.x.hi, zoom.y.lo, zoom.y.hi].join(":"));
  return out;
}

function parseZoom(text: string | undefined): unknown {
  const read = numbers(text, ["x0", "x1", "y0", "y1"]);
  if (typeof read !== "object" || read === null) return read;
  const { x0, x1, y0, y1 } = read as Record<string, number>;
  return { x: { lo: x0, hi: x1 }, y: { lo: y0, hi: y1 } };
}

/** `1` and `0`; anything else is for the schema to refuse. */
const flag = (text: string | undefined): unknown =>
  text === undefined ? undefined : text === "1" ? true : text === "0" ? false : "";

/** What stands in a link's parts, to be checked by the schema. */
export function parseSweepParts(parts: ReadonlyMap<string, string[]>): Record<keyof Sweep, unknown> {
  const first = (key: keyof Sweep) => parts.get(sweepKeys[key])?.[0];
  const phases = first("phases");
  return {
    grid: first("grid"),
    tensors: parts.get(sweepKeys.tensors),
    small: flag(first("small")),
    fallBack: flag(first("fallBack")),
    metric: first("metric"),
    phases: phases === undefined ? undefined : Number(phases),
    part: first("part"),
    hidden: parts.get(sweepKeys.hidden)?.map((text) => {
      const colon = text.indexOf(":");
      return { part: text.slice(0, Math.max(0, colon)), value: text.slice(colon + 1) };
    }),
    shown: first("shown"),
    zoom: parseZoom(first("zoom")),
  };
}
