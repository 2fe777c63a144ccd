/** Keys of a link that are taken. */
import { calibrationKeys } from "./calibration.ts";
import { otherKeys } from "./others.ts";

/** Of the experiment itself; what views and panels keep has keys of their own. */
export const ownKeys: readonly string[] = [
  ..."s raw twin t shape m part a b def tab on left n v".split(" "),
  ...Object.values(otherKeys),
  ...Object.values(calibrationKeys),
];
