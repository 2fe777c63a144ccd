/**
 * Whether two results are the same: texts that are equal for equal things and for no others. Everything that keeps, finds or
 * compares results goes by these.
 */
import type { RunRequest, Target } from "./target.ts";

// No text of JSON holds a line feed, so that one between two of them is no part of either.
const JOIN = "\n";

/** What the keys of a source's matrices, and of all that comes of them, begin with. */
export const sourcePrefix = (source: string): string => `[${JSON.stringify(source)},`;

/** A tensor and its reading, whatever is given beside it. */
export const matrixKey = ({ source, tensor, view, sample }: Target): string =>
  JSON.stringify([source, tensor, view.split, view.transpose, sample]);

/** What `given(1)`, `given(2)` ... stand for. */
export const givenKey = ({ given = [] }: Pick<Target, "given">): string => JSON.stringify(given);

/** What is known of inputs, and how they are quantized: nothing, one or two texts. */
export const inputsKeys = ({ calibration, activations }: Pick<Target, "calibration" | "activations">): string[] =>
  calibration === undefined ? [] : [calibration, ...(activations === undefined ? [] : [activations])];

/** A recipe's result on a matrix, whatever computed it: every backend gives the same. */
export const resultKey = (
  matrix: string,
  recipe: string,
  definitions: readonly string[],
  given = givenKey({}),
  inputs: readonly string[] = [],
): string => matrix + JOIN + JSON.stringify([recipe, definitions, given, ...inputs]);

/** What is asked for: a result, by the backend that someone chose. */
export const requestKey = ({ target, recipe, definitions, backend }: RunRequest): string =>
  resultKey(matrixKey(target), recipe, definitions, givenKey(target), inputsKeys(target)) +
  JOIN +
  JSON.stringify(backend);

/** The tensor that a key of these is about. */
export const tensorOf = (key: string): string => JSON.parse(key.split(JOIN, 1)[0])[1];
