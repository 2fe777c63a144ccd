/** What a paper asks of a recipe, and what it claims of one, as data: nothing here computes. */
import type { Citation } from "../step.ts";

/** A tensor by a generator of sources: its name, size, seed and parameters, as a link writes them. */
export interface Generated {
  name: string;
  rows: number;
  cols: number;
  seed: number;
  params?: Record<string, number>;
}

/** What a recipe is tried on. */
export interface PaperInput {
  weight: Generated;
  /** Activations, tokens x columns of the weight: the calibration, where a recipe needs one. */
  inputs?: Generated;
  /** What the activations go through themselves, where a claim is of both. */
  activations?: string;
}

/** The figures that claims are about: metrics of a report, and what quantized activations do to the outputs. */
export type PaperFigure =
  | "nmse"
  | "sqnrDb"
  | "outputNmse"
  | "meanAbs"
  | "cosine"
  | "bias"
  | "bitsPerWeight"
  | "flushed"
  | "joint"
  | "weightOnly"
  | "activationOnly";

/** What a figure is to be. */
export interface Wanted {
  /** In words, a clause. */
  says: string;
  /** What it is to be, within a share of it ... */
  is?: number;
  within?: number;
  /** ... or at the most, or at the least. */
  most?: number;
  least?: number;
}

/** A figure of a recipe on an input. */
export interface RecipeClaim extends Wanted {
  on: PaperInput;
  recipe: string;
  figure: PaperFigure;
  /** The figure is divided by that of this recipe on the same input. */
  over?: string;
}

/** A figure of an allocation, a signal or a model, which no report of one tensor has. */
export interface ComputedClaim extends Wanted {
  /**
   * Where it is computed: a file and a function that it exports, as "kernels/allocation/testing/amaq.ts: gain". Called without arguments, it
   * gives the figure, or a promise of it; null where what it needs (a GPU, a checkpoint) is not there, which is said and passed over.
   */
  computed: string;
}

export type Claim = RecipeClaim | ComputedClaim;

export interface PaperRecipe {
  says: string;
  recipe: string;
  /** A recipe of activations that goes with it. */
  activations?: string;
  /** What it has to know of inputs, as a step's needs say it; nothing where it is left out. */
  calibration?: "channels" | "rows" | "gram" | "cross" | "gradients";
}

export interface Paper extends Citation {
  /** Its section in the catalogue of recipes. */
  section: string;
  recipes: readonly PaperRecipe[];
  claims: readonly Claim[];
  /** Needs a network that runs: nothing of it is tried on tensors alone. */
  lab?: true;
}
