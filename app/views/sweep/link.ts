/** How a link holds a sweep: its grid as it is read, and how one looks at it. */
import * as v from "valibot";
import { choice, count, flag, optionalText, rangeSchema, text, texts } from "../../link/fields.ts";
import { numbers } from "../../link/numbers.ts";
import type { Field, LinkPart } from "../../link/scheme.ts";
import { isLog, type Sweep, sweepMetrics, sweepPart, sweepParts } from "./state.ts";

/** The view's name. */
export const SWEEP = "sweep";

/** More places inside an octave than this tell nothing new. */
const MOST_PHASES = 64;
/** More parts that the picture leaves out than anybody chose. */
const MOST_HIDDEN = 1024;

const hidden: Field<Sweep["hidden"]> = {
  key: "gh",
  what: "the sweep's filter",
  schema: v.pipe(v.array(v.object({ part: v.picklist(sweepParts), value: v.string() })), v.maxLength(MOST_HIDDEN)),
  several: true,
  print: (all) => all.map((one) => `${one.part}:${one.value}`),
  parse: (all) =>
    all.map((one) => {
      const colon = one.indexOf(":");
      return { part: one.slice(0, Math.max(0, colon)), value: one.slice(colon + 1) };
    }),
};

const zoom: Field<Sweep["zoom"]> = {
  key: "gz",
  what: "the zoom",
  schema: v.nullable(v.object({ x: rangeSchema, y: rangeSchema })),
  print: (extent) => (extent ? [[extent.x.lo, extent.x.hi, extent.y.lo, extent.y.hi].join(":")] : []),
  parse: ([first]) => {
    const read = numbers(first, ["x0", "x1", "y0", "y1"]);
    if (typeof read !== "object" || read === null) return read;
    const { x0, x1, y0, y1 } = read as Record<string, number>;
    return { x: { lo: x0, hi: x1 }, y: { lo: y0, hi: y1 } };
  },
};

export const sweepLink: LinkPart<Sweep> = {
  part: sweepPart,
  what: "the sweep",
  fields: {
    grid: text("g", "the sweep's grid"),
    tensors: texts("gt", "the sweep's tensors"),
    small: flag("gn", "which of the sweep's tensors take part"),
    fallBack: flag("gf", "what the sweep does with steps that do not fit"),
    metric: choice("gm", "the sweep's metric", sweepMetrics),
    against: choice("gx", "what the sweep's metric is against", sweepMetrics),
    phases: count("gp", "the sweep's phases", MOST_PHASES),
    part: choice("gb", "the sweep's colours", sweepParts),
    hidden,
    shown: optionalText("gs", "the sweep's tensor"),
    zoom,
  },
  written: ({ look }) => (look.tab === SWEEP ? ["grid"] : []),
  mended({ metric, against, zoom: extent }) {
    // A frontier is of two metrics.
    if (metric === against) {
      const { metric, against } = sweepPart.initial;
      return { some: { metric, against, zoom: null }, dropped: ["the sweep's metric"] };
    }
    // A logarithmic axis has no place for zero.
    const lost = extent && ((isLog(metric) && extent.y.lo <= 0) || (isLog(against) && extent.x.lo <= 0));
    return lost ? { some: { zoom: null }, dropped: [zoom.what] } : { some: {}, dropped: [] };
  },
  earlier: ({ sweep }) => sweep,
};
