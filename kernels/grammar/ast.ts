/**
 * The recipe as a tree. What the parser gives and the printer takes; every other form of a recipe (controls on the
 * page, columns of a table, links) is made from this one.
 *
 * The tree is *expanded*: an alias such as `nvfp4` is gone after parsing and only its parts remain, and what equals a
 * default is absent (`null`). Two recipes are the same experiment exactly when their trees are deeply equal.
 */

/**
 * A value inside parentheses: `0.01`, `half`, or a whole recipe, in parentheses of its own where it is more than a name
 * with arguments. `call` is kept for parameters that take a name of another kind; no registered one does yet.
 */
export type Value =
  | { type: "number"; value: number }
  | { type: "word"; value: string }
  | { type: "call"; call: Call }
  | { type: "recipe"; recipe: Recipe };

export interface Arg {
  /**
   * The key of its parameter; `null` where the canonical text has none, which is for positional parameters. Read
   * arguments with the functions of `args.ts`, which know the signature, rather than by this.
   */
  key: string | null;
  value: Value;
}

/** A name with arguments: a format, a step, a scale rule or a rounding. */
export interface Call {
  name: string;
  args: Arg[];
}

/** Which elements share a scale. `cols`, `rows` and `n` are positive integers. */
export type BlockShape =
  /** `n` consecutive elements of a row. */
  | { kind: "run"; n: number }
  | { kind: "tile"; rows: number; cols: number }
  | { kind: "row" }
  | { kind: "col" }
  | { kind: "tensor" }
  /** `n` consecutive elements in row-major order, across row ends. */
  | { kind: "flat"; n: number };

export interface Quantizer {
  /** The element format with its options. */
  base: Call;
  /** `null` is round to nearest even. */
  rounding: Call | null;
  /** `null` means no scale: a direct cast. */
  block: BlockShape | null;
  /** `null` is absmax (min-max for an affine format). */
  rule: Call | null;
  /** How the scales are stored: a quantizer of the matrix of scales. `null` is float32. */
  scale: Quantizer | null;
}

export interface Recipe {
  /** Steps that act on the input, first to last. */
  before: Call[];
  quantizer: Quantizer;
  /** Steps that correct the result, first to last. */
  after: Call[];
}

/** A codebook that a link or a file gave a name: `my4:=codebook(-1,0,1)`. */
export interface Definition {
  name: string;
  base: Call;
}
