/** Where a format stands: as a direct cast, as the element of a block, or as how a scale is stored. */
export type Role = "cast" | "element" | "scale";

/**
 * What a registered name may be followed by. Every registry (formats, roundings, scale rules, steps) describes its
 * entries with signatures; the parser checks against them, the printer drops what equals a default, completion offers them.
 */
export interface Parameter {
  /** The key that stands before `=`; positional parameters may be written without it. */
  key: string;
  /**
   * `word` takes one of `words`; `values` is an open list of numbers; `quantizer` is a recipe in parentheses or a name, and `quantizers`
   * an open list of them; `digest` is
   * `sha256_` and 64 hexadecimal digits, which name a file by its content; `expression` what `expression.ts` reads, as a word.
   */
  kind: "number" | "integer" | "word" | "values" | "quantizer" | "quantizers" | "digest" | "expression";
  words?: readonly string[];
  /** A parameter of kind number may also take one of `words` (as `zero=min`). */
  min?: number;
  max?: number;
  /** Left out of the canonical form when equal. Absent: the parameter is required, unless `optional`. */
  default?: number | string;
  optional?: boolean;
  /** May be written without its key, in the order of declaration. A word that belongs to exactly one parameter needs none. */
  positional?: boolean;
  /** Where a format must stand for this option to mean anything; anywhere where absent. Elsewhere it is a mistake. */
  roles?: readonly Role[];
  /** The word that another parameter of the call must have for this one to mean anything. */
  needs?: { key: string; word: string };
  /** Printed even when it equals its default: seeds of anything random. */
  always?: boolean;
  describe: string;
}

export interface Entry {
  name: string;
  /** One line for completion and for the `formats` command. */
  describe: string;
  params: readonly Parameter[];
  /** A format that brings its own rounding, blocks and scales: nothing may be set after it, and it stores no scales. */
  whole?: boolean;
}

/** A short name for a quantizer, perhaps with steps. */
export interface Alias {
  name: string;
  /** Recipe text without the alias itself, e.g. `mxfp4` -> `e2m1/32~mx(floor):e8m0`. */
  text: string;
  describe: string;
  /** For a library's preset: where it is not that library to the bit, in a sentence without its end. */
  differs?: string;
  /** Printed only for exactly its own tree, never with overrides. */
  exact?: boolean;
}

/** All registered names. Names are disjoint across the four kinds, so a word tells what it is. */
export interface Vocabulary {
  /** A registered format, or one built from its name (`e3m2`, `ue5m3`); `undefined` if the name is no format. */
  format(name: string): Entry | undefined;
  /** For completion; ExMy names beyond the registered are understood but not listed. */
  formats: readonly Entry[];
  roundings: readonly Entry[];
  rules: readonly Entry[];
  steps: readonly (Entry & { place: "before" | "after" })[];
  aliases: readonly Alias[];
}
