/**
 * What a rounding is: which of two neighbouring levels a quotient strictly between them goes to. A rounding is one file here and one
 * line in `index.ts`, which the parser, completion, words, sweeps, NumPy programs and the reference read. The other backends take those
 * that they name, and leave the rest to the reference.
 */
import { seedParameter } from "../../grammar/seed.ts";
import type { Entry, Parameter } from "../../grammar/signature.ts";
import type { Quotient } from "../quotient.ts";

/** `negative` is the sign of the quotient, `lowerOdd` the parity of the lower neighbour's code: the upper one has the other. */
export type Decision = (negative: boolean, lowerOdd: boolean) => boolean;

/**
 * The NumPy of a decision: an expression of the quotients `q` and of `odd`, both arrays; where chance decides, an expression or
 * lines that return one, of random `word`s as well, `lower` and `upper`, and `mode`, which holds the name and the parameters.
 */
type Python = string;

export type Deciding =
  /** The nearer level; midway between the two the upper one where `tieUp` says so. */
  | { by: "nearest"; tieUp: Decision; python: Python }
  /** The upper level wherever the quotient lies between the two. */
  | { by: "side"; up: Decision; python: Python }
  /**
   * A random word of 32 bits. `odds` are those of the upper level: what the quotient's fraction of the way is, with a resolution of
   * 2^-bits, or one half; what is said of expected errors goes by them.
   */
  | {
      by: "chance";
      odds: "fraction" | "half";
      up(x: Quotient, lower: number, upper: number, bits: number, word: number): boolean;
      python: Python;
    };

export interface Mode<Name extends string = string> {
  name: Name;
  /** null where the notation has no name for it: only a library's arithmetic rounds so. */
  entry: Omit<Entry, "name"> | null;
  decides: Deciding;
}

/** A rounding whose name stays a literal, so that lists by name can be checked for being whole. */
export const mode = <const Name extends string>(mode: Mode<Name>): Mode<Name> => mode;

/** Of everything random. */
export const SEED: Parameter = seedParameter("seed of the random bits");
