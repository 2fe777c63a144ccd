/** Model recipes A and B, the text that judges them, and how one looks at both: the Model view's part of an experiment. */
import { choice, count, optionalText, text } from "../../link/fields.ts";
import type { LinkPart } from "../../link/scheme.ts";
import { createPart } from "../../state/part.ts";

/** The view's name. */
export const MODEL = "model";

/** What the network's map is coloured by. */
export const mapModes = ["a", "b", "d"] as const;
export const lowerPanes = ["text", "go", "in"] as const;
export const charts = ["window", "token"] as const;
export const devices = ["auto", "webgpu", "wasm"] as const;

export interface ModelState {
  /** Rules for weights, or a recipe for all layers'; none leaves the model as it is stored. */
  a: string;
  b: string;
  /** Rules for activations, and for keys and values that are kept. */
  actA: string;
  actB: string;
  kvA: string;
  kvB: string;
  /** The text that judges (`text-choice.ts`); `null` takes the model's own. */
  text: string | null;
  /** Tokens a window. */
  length: number;
  /** Tokens from one window to the next; 0: as many as a window has. */
  stride: number;
  /** At most so many windows, drawn with the seed where the text has more. */
  windows: number;
  seed: number;
  map: (typeof mapModes)[number];
  pane: (typeof lowerPanes)[number];
  chart: (typeof charts)[number];
  device: (typeof devices)[number];
  /** Megabytes that weights and hidden states may take, beyond which the model passes layer by layer; 0: what is usual. */
  memory: number;
  /** Begins the continuation; `null` for the text's own first words. */
  prompt: string | null;
}

export const modelPart = createPart<ModelState>(MODEL, {
  // As on the Bench: floats against integers at 4.5 bits a weight each.
  a: "nvfp4",
  b: "int4/32:f16",
  actA: "",
  actB: "",
  kvA: "",
  kvB: "",
  text: null,
  length: 512,
  stride: 0,
  windows: 32,
  seed: 0,
  map: "a",
  pane: "text",
  chart: "window",
  device: "auto",
  memory: 0,
  prompt: null,
});

export const modelOf = modelPart.of;
export const withModel = modelPart.with;

/** More than any window of a network has. */
const MOST = 2 ** 20;

export const modelLink: LinkPart<ModelState> = {
  part: modelPart,
  what: "the model view",
  written: ({ look }) => (look.tab === MODEL ? ["a", "b"] : []),
  fields: {
    a: text("la", "model recipe A"),
    b: text("lb", "model recipe B"),
    actA: text("laa", "A's activations"),
    actB: text("lba", "B's activations"),
    kvA: text("lak", "A's KV cache"),
    kvB: text("lbk", "B's KV cache"),
    text: optionalText("lt", "the text"),
    length: count("ln", "the window length", MOST),
    stride: count("ls", "the stride", MOST),
    windows: count("lw", "the windows", MOST),
    seed: count("lr", "the seed of windows", 2 ** 32 - 1),
    map: choice("lm", "the network's colours", mapModes),
    pane: choice("lp", "the pane", lowerPanes),
    chart: choice("lo", "the chart", charts),
    device: choice("ld", "the device", devices),
    memory: count("lg", "the memory", MOST),
    prompt: optionalText("lq", "the prompt"),
  },
};
