import type { CalibrationNeed } from "../calibration/types.ts";
import type { Ladder } from "../formats/ladder.ts";
import type { Library } from "../formats/library-ladder.ts";
import type { CodedFormat, Format, IntegerFormat } from "../formats/types.ts";
import type { BlockCodec } from "../ggml/codecs.ts";
import type { BlockShape, Recipe } from "../grammar/ast.ts";
import type { BlockGrid } from "../report/report.ts";
import type { Rounding } from "../rounding/rounding.ts";
import type { RowTransform } from "../steps/row-transform.ts";
import type { PlannedStep } from "../steps/step.ts";
import type { PlannedCode } from "./code.ts";

/**
 * Slack before a value counts as beyond the range: rounding amax/qmax to float32 may leave amax a few parts in 2^24
 * beyond qmax times the scale, and that is no saturation anybody means.
 */
export const END_SLACK = 1 + 2 ** -16;

/** How elements get from the exact quotient to a code. */
export interface ElementSpec {
  format: Format;
  /** `null` for float32 itself. A library's has a level for each zero that it has a code for. */
  ladder: Ladder | null;
  rounding: Rounding;
  /** Set for integers, which need no search. For an affine format min is 0 and the zero point moves it. */
  integer: IntegerFormat | null;
  affine: boolean;
  /** Middles between levels, as the arithmetic has them. */
  middles: Float64Array;
  /** Quotients outside count as beyond the range; for affine integers as if the zero point were zero. */
  ends: { low: number; high: number };
  sat: "clamp" | "nan" | "inf";
  nonfinite: "skip" | "poison";
  /** The definition, or the float32 arithmetic of a library: see `scales/libraries.ts` and `formats/library-ladder.ts`. */
  arith: "exact" | Library;
  /** The stored scale of an all-zero block; `null` is the rounded ideal, "min" the least positive value of the scale's format. */
  zeroScale: number | "min" | null;
  /** Bits of a stored zero point and the format it goes through; `null` is an unsigned integer of the element's width. */
  zeroPoint: { format: Format; bits: number } | null;
}

/** The ends of a block's values that are not clipped; the lower one counts for affine formats alone. */
export type Clip = readonly [low: number, high: number];

/** What a NumPy program computes a clip with: functions it takes, and the ends as a tuple of the block's values `v`. */
export interface ClipProgram {
  functions: readonly string[];
  clip: string;
}

/** What a scale rule looks at in a block. Backends, searches and NumPy programs know these ways and no rule by its name. */
export type Finding =
  /** The largest magnitude, or both ends for affine formats, which tiles find part by part. */
  | { kind: "extent" }
  /** A clip of its own, from all finite values of a block. */
  | {
      kind: "clip";
      of(values: Float32Array): Clip;
      /** Null where the rule is not written as Python. */
      python: ((number: (x: number) => string) => ClipProgram) | null;
      /** The rank of a value's level, where it is not that of the nearest one: for a block of these values. */
      ranks?(values: Float32Array): (x: number) => number;
    }
  /** The factor on the clip, from 1 down to `least` in `grid` steps, with the least sum of |error|^p; or 1 and the `factors` of a clip. */
  | {
      kind: "shrink";
      p: number;
      grid: number;
      least: number;
      weighted: boolean;
      factors?(clip: number): readonly number[];
    }
  /**
   * The stored scale with the least sum of |error|^p, on a grid up to `most` where its codes are too many to try each; or the plain
   * rule's and its multiples by `factors` alone, all above 1.
   */
  | {
      kind: "search";
      p: number;
      grid: number;
      least: number;
      most: number;
      weighted: boolean;
      factors?: readonly number[];
    }
  /** A scale, or a share of the range, learned by gradient descent: `scales/learned.ts`. */
  /** Scales, blocks or zero points that follow from the whole matrix: `scales/fits/`, by this name. */
  | { kind: "fit"; by: "fine" | "dgq" }
  | { kind: "learned"; what: "step" | "clip"; steps: number; rate: number; weighted: boolean };

/** Whether a search multiplies each |error|^p by the mean square of its input channel. It has to have them: there is no search without. */
export const isWeighted = (finding: Finding | undefined): boolean =>
  finding !== undefined && "weighted" in finding && finding.weighted;

/** An ideal scale that is a power of two: its exponent is that of the clip less `shift`, and one more from a significand of `from` on. */
export interface SharedExponent {
  shift: number;
  /** Above 1, and 2 where it never is one more. */
  from: number;
}

/** A scale rule as it was read from a recipe. */
export interface PlannedRule {
  /** For people, and for lists of the rules that a backend or another tool has. */
  name: string;
  /** Its parameters: two rules of one name are the same where these are equal. */
  params: Readonly<Record<string, number | string>>;
  finding: Finding;
  /** null where the ideal scale is the clip over the divisor. */
  exponent: SharedExponent | null;
  /** What the clip is divided by, where that is not what the format says: 1 where the clip is the scale itself. */
  over?: number;
}

/** Whether the ideal scale is the largest magnitude (or the range, of affine formats) over the divisor, and nothing else. */
export const isPlainRule = ({ finding, exponent }: PlannedRule): boolean =>
  finding.kind === "extent" && exponent === null;

/** One level of scale: how it is found from what it scales, and how it is stored. */
export interface ScaleLevel {
  /** What this level scales: its format and largest value give the exponents of ~mx. */
  inner: { format: CodedFormat; maxAbs: number };
  /** Canonical notation of this level's own format and rounding, for people. */
  text: string;
  /** What is stored, where a block quantizer stores more than scales. */
  what?: "scales" | "minima" | "offsets";
  format: Format;
  ladder: Ladder | null;
  rounding: Rounding;
  /** How the clip is found in the blocks of what this level scales. */
  rule: PlannedRule;
  /** The clip over this is the ideal scale. Negative for the signed maximum. */
  divisor: number;
  /** Whether the recipe itself says what the divisor is (`reach=`). */
  reach?: true;
  /** Blocks of what this level scales: the elements for level 0, the scales of the level below otherwise. */
  grid: BlockGrid;
  shape: BlockShape;
  /** Stored scales below this are raised to it before rounding. */
  least: number;
  /** bitsandbytes subtracts the mean of the scales before it quantizes them. */
  offset: "none" | "mean";
}

/** A recipe made ready for a matrix of a given size: all that a backend needs, and no tensor yet. */
export interface Plan {
  recipe: Recipe;
  /** Canonical. */
  text: string;
  rows: number;
  cols: number;
  /** Every step of the recipe, in its order. */
  steps: PlannedStep[];
  /** The same as transforms that rows stream through, where all of them are that; else one that refuses to work: see `streamedTransforms`. */
  transforms: RowTransform[];
  /**
   * A quantizer that makes whole blocks of bytes, as ggml's; `element` and `levels` then only describe what it stores, and
   * statistics, scales and codes go through `ggml/packed.ts`. `null` for all others.
   */
  codec: BlockCodec | null;
  /** Codes that are found for the whole matrix; `null` for all others. `element` is then float32, and there are no levels. */
  code: PlannedCode | null;
  /** The elements among which each block takes the one that errs least, each a plan of its own, by squared or absolute errors. */
  choice?: { plans: Plan[]; by: "mse" | "mae" };
  /** The name (`sha256_...`) of a module of the reader's that quantizes; left out for all others. `element` is then float32 likewise. */
  module?: string;
  element: ElementSpec;
  /** Innermost first; empty for a direct cast. */
  levels: ScaleLevel[];
  /** Blocks over the elements (kind "none" for a direct cast). */
  grid: BlockGrid;
  /** True where level 0 needs all elements of a block at once (percentiles and searches). */
  wholeBlocks: boolean;
  /**
   * The column of the tensor that stands at each column here, where a step moved columns; random rounding draws by it. Set by the
   * engine for the quantizer inside such steps, and known to the reference alone.
   */
  origin?: Uint32Array;
  /**
   * What the quantizer itself uses of a calibration: importance matrices where there is one, weighted searches always (`isWeighted`). It
   * is in `options.calibration` of a run, behind the steps before the quantizer. Left out: nothing.
   */
  uses?: CalibrationNeed;
  /** What a run says where the quantizer uses a calibration and there was none. */
  unweighted?: string;
  bits: { what: string; bitsPerWeight: number }[];
  notes: string[];
}
