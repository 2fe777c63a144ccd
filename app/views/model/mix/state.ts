/** Which tensor gets which recipe, and how one looks at it: the mix's part of an experiment. Few words: every page loads it. */
import * as v from "valibot";
import { choice, count, flag, optionalText, text, texts } from "../../../link/fields.ts";
import type { Field, LinkPart } from "../../../link/scheme.ts";
import type { Experiment } from "../../../state/experiment.ts";
import { createPart } from "../../../state/part.ts";

export const sides = ["run", "mix"] as const;
export const units = ["b", "gb"] as const;
/** What is scored beside matrices, where somebody asks for it; `experts`: each of a stack by itself. */
export const kinds = ["embeddings", "head", "small", "experts"] as const;
export type Kind = (typeof kinds)[number];

export interface MixState {
  /** Whether the view shows a run or the mix. */
  side: (typeof sides)[number];
  /** Recipes to choose from, in the notation of kernels/sweep. */
  grid: string;
  /** The signal that is added up: a name of kernels/signals. */
  signal: string;
  /** Signals that are scored beside it, to be looked at. */
  also: string[];
  /** Thousandths of the rows that are read; 0: all of a small model's, a fiftieth of a large one's. */
  share: number;
  seed: number;
  kinds: Kind[];
  /** In bits a weight or GB, as `unit` says; null before somebody chose one. */
  budget: number | null;
  unit: (typeof units)[number];
  /** Tokens of the KV cache that the budget covers as well; 0: none. */
  context: number;
  /** What keys and values are stored in: a recipe, or rules over them; empty for float16. */
  cache: string;
  /** Rules of a model recipe: what they match has its recipe, whatever the budget. */
  pins: string;
  /** So many first and last layers are kept as stored. */
  first: number;
  last: number;
  /** Bits at least by role: `down_proj:4;v_proj:6`. */
  least: string;
  /** What a runtime can take: a name of kernels/allocation; empty for anything. */
  runtime: string;
  /** What the map is coloured by: empty for the assignment's bits, `gain`, `share`, or a recipe's score as `=recipe`. */
  colour: string;
  /** Whether experts of a layer are one cell. */
  folded: boolean;
  /** Patterns of names that are selected, with commas between them. */
  chosen: string;
  /** The marked tensor. */
  tensor: string | null;
  /** The table's column, with `-` before it where it falls. */
  sort: string;
  /** The panel beside the frontier. */
  panel: string;
}

/** Widths in the blocks of llama.cpp and MLX, the standard floats beside them. */
export const defaultGrid = "(int2,int3,int4,int5,int6,int8)/(32,128):f16;mxfp4;nvfp4;mxfp6;mxfp8";

export const mixPart = createPart<MixState>(
  "mix",
  {
    ...{ side: "run", grid: defaultGrid, signal: "nmse", also: [], share: 0, seed: 0, kinds: [] },
    ...{ budget: null, unit: "b", context: 0, cache: "", pins: "", first: 0, last: 0, least: "", runtime: "" },
    ...{ colour: "", folded: true, chosen: "", tensor: null, sort: "-share", panel: "" },
  },
  { budget: "source", tensor: "source", chosen: "source" },
  {
    rewritten: ({ grid, pins, colour }, rewrite) => ({
      grid: grid === defaultGrid ? grid : rewrite("the mix's grid", grid),
      ...(pins && { pins: rewrite("the mix's pins", pins) }),
      ...(colour.startsWith("=") && { colour: `=${rewrite(null, colour.slice(1))}` }),
    }),
  },
);

export const mixOf = mixPart.of;
export const withMix = (experiment: Experiment, some: Partial<MixState>): Experiment => mixPart.with(experiment, some);

/** More than any model has. */
const MOST = 2 ** 24;
const THOUSAND = 1000;

const budget: Field<MixState["budget"]> = {
  key: "mb",
  what: "the budget",
  schema: v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0))),
  print: (value) => (value === null ? [] : [String(value)]),
  parse: ([first]) => (first === "" ? "" : Number(first)),
};

const scored: Field<Kind[]> = {
  key: "mk",
  what: "the kinds of tensors",
  schema: v.array(v.picklist(kinds)),
  several: true,
  print: (values) => values,
  parse: (all) => [...all],
};

export const mixLink: LinkPart<MixState> = {
  part: mixPart,
  what: "the mix",
  // Newcomers may see another grid one day.
  written: (experiment) => (mixOf(experiment).side === "mix" && experiment.look.tab === "model" ? ["grid"] : []),
  fields: {
    side: choice("mx", "the side of the model view", sides),
    grid: text("mg", "the mix's grid"),
    signal: text("ms", "the mix's signal"),
    also: texts("ma", "the other signals"),
    share: count("mh", "the share of rows", THOUSAND),
    seed: count("md", "the seed of rows", 2 ** 32 - 1),
    kinds: scored,
    budget,
    unit: choice("mu", "the budget's unit", units),
    context: count("mc", "the context", MOST),
    cache: text("mv", "the KV cache of the budget"),
    pins: text("mp", "the pins"),
    first: count("mf", "the first layers kept", MOST),
    last: count("ml", "the last layers kept", MOST),
    least: text("mm", "the least bits by role"),
    runtime: text("mr", "the runtime"),
    colour: text("mo", "the map's colours"),
    folded: flag("mz", "how experts are shown"),
    chosen: text("mq", "the selection"),
    tensor: optionalText("mt", "the marked tensor"),
    sort: text("my", "the order of tensors"),
    panel: text("mw", "the mix's panel"),
  },
};
