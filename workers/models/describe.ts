/** A model as the page and the command line are told of it: plain data. */
import type { MatrixView } from "../../kernels/report/report.ts";
import { UserError } from "../errors/user-error.ts";
import type { OpenSource } from "../sources/open.ts";
import { placesOf } from "./bind.ts";
import type { Model, ModelSize } from "./model.ts";

/** A part of the network as it lies in the source. */
export interface DescribedPart {
  /** The stored tensor's name, which rules match and the Bench opens; where it is missing, what the network calls it. */
  name: string;
  /** What the network calls it. */
  part: string;
  layer: number | "ends";
  /** "q_proj", "norm", "embedding" ... */
  role: string;
  linear: boolean;
  /** As the network wants it. */
  shape: readonly number[];
  /** How the stored tensor is read as a matrix, rows = outputs; null where it is missing. */
  view: MatrixView | null;
  bitsPerWeight: number | null;
  /** What is done to the stored matrix for the network, in words; null for nothing. */
  adapted: string | null;
  missing: boolean;
}

/** How a layer's queries and keys meet. */
export interface DescribedAttention {
  /** What the network calls it: "model.layers.0.self_attn". */
  name: string;
  heads: number;
  keyHeads: number;
  /** Scores are multiplied by it. */
  scale: number;
  /** Scores become cap tanh(scores / cap); null for none. */
  cap: number | null;
  /** A token sees itself and so many less one before it; null: all. */
  window: number | null;
}

export interface DescribedTokenizer {
  about: string;
  size: number;
  /** The token that a text begins with, and how it is spelled; null for none. */
  start: { id: number; text: string } | null;
  /** Whether the tokenizer itself puts it there. */
  addsStart: boolean;
  ends: { id: number; text: string }[];
  /** How many tokens stand for no text. */
  special: number;
}

export interface ModelDescription {
  /** "Llama, 6 layers of width 256"; null where no architecture could be told. */
  about: string | null;
  family: string | null;
  layers: number;
  width: number;
  vocabulary: number;
  /** Longest window that positions allow; null where any is. */
  positions: number | null;
  /** Tokens of the windows that it was trained on, as far as its files say. */
  trainedWindow: number | null;
  tied: boolean;
  parts: DescribedPart[];
  /** Of each layer. */
  attention: DescribedAttention[];
  size: ModelSize;
  /** What has to be held at least: the ends and the largest layer. */
  least: ModelSize;
  tokenizer: DescribedTokenizer | null;
  /** Why it cannot be run, in sentences; empty where it can. */
  problems: readonly string[];
  notes: readonly string[];
}

const nothing: ModelSize = { parameters: 0, read: 0, memory: 0 };

/** What is known of the model in a source; where there is none, the reason is its problem. Rejects with AbortError. */
export async function describeModel(source: OpenSource, open: () => Promise<Model>): Promise<ModelDescription> {
  try {
    return described(await open());
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return {
      about: null,
      family: null,
      layers: 0,
      width: 0,
      vocabulary: 0,
      positions: null,
      trainedWindow: null,
      tied: false,
      parts: [],
      attention: [],
      size: nothing,
      least: nothing,
      tokenizer: null,
      problems: [error.message],
      notes: source.info.notes,
    };
  }
}

function described(model: Model): ModelDescription {
  const { architecture, parts, tokenizer, problems, notes } = model;
  const { about, family, layers, width, vocabulary, positions, trainedWindow, tied } = architecture;
  const places = placesOf(architecture);
  const sizes = places.filter((of) => of !== "ends").map((of) => model.size(of));
  const largest = sizes.reduce((most, one) => (one.memory > most.memory ? one : most), nothing);
  return {
    about,
    family,
    layers,
    width,
    vocabulary,
    positions,
    trainedWindow,
    tied,
    parts: places.flatMap((layer) =>
      architecture.parts(layer).flatMap(({ name, role, linear, shape, optional }): DescribedPart[] => {
        const bound = parts.get(name);
        if (!bound && optional) return [];
        const { tensor, view, bitsPerWeight } = bound?.stored ?? { tensor: name, view: null, bitsPerWeight: null };
        const adapted = bound?.adapted ?? null;
        return [
          { name: tensor, part: name, layer, role, linear, shape, view, bitsPerWeight, adapted, missing: !bound },
        ];
      }),
    ),
    attention: Array.from({ length: layers }, (_, layer) => {
      const { name, heads, keyHeads, scale, cap, window } = architecture.design(layer).attention;
      return { name, heads, keyHeads, scale, cap, window };
    }),
    size: model.size("all"),
    least: added(model.size("ends"), largest),
    tokenizer: tokenizer && describedTokenizer(tokenizer),
    problems,
    notes,
  };
}

const added = (a: ModelSize, b: ModelSize): ModelSize => ({
  parameters: a.parameters + b.parameters,
  read: a.read + b.read,
  memory: a.memory + b.memory,
});

function describedTokenizer(tokenizer: NonNullable<Model["tokenizer"]>): DescribedTokenizer {
  const { about, size, start, addsStart, ends, special } = tokenizer;
  const spelled = (id: number) => ({ id, text: tokenizer.pieces([id])[0] });
  return {
    about,
    size,
    start: start === null ? null : spelled(start),
    addsStart,
    ends: [...ends].map(spelled),
    special: special.size,
  };
}
