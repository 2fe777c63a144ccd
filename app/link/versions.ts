/** Experiments that were written under an earlier version of the numbers' definition. */
import { NUMBERS_VERSION } from "../../kernels/report/report.ts";
import { fromVersion } from "../../kernels/sweep/versions.ts";
import type { Experiment } from "../state/experiment.ts";
import type { Scheme } from "./scheme.ts";

/** The version that a text names where this page knows it: the present one for no text, `null` for one it cannot know. */
export function earlierVersion(text: string | undefined): number | null {
  if (text === undefined) return NUMBERS_VERSION;
  const version = /^[1-9][0-9]{0,5}$/.test(text) ? Number(text) : Number.NaN;
  return version <= NUMBERS_VERSION ? version : null;
}

export interface BroughtUp {
  experiment: Experiment;
  /** What differs for those recipes that are touched. */
  said: string[];
}

/**
 * Writes the recipes of an experiment so that they give the figures that they gave, as far as that can be done.
 * @param from what the experiment came in, for the sentences
 */
export function bringUp(scheme: Scheme, experiment: Experiment, version: number, from: "link" | "file"): BroughtUp {
  const said = new Map<string, string[]>();
  const bring = (what: string | null, text: string): string => {
    const now = fromVersion(version, text);
    if (what === null) return now.text;
    for (const difference of now.says) said.set(difference, [...(said.get(difference) ?? []), what]);
    return now.text;
  };
  const own = { ...experiment, a: bring("recipe A", experiment.a), b: bring("recipe B", experiment.b) };
  const whole = scheme.parts.reduce(
    (e, { part }) => (part.rewritten ? part.with(e, part.rewritten(part.of(e), bring)) : e),
    own,
  );
  const sentences = [...said].map(
    ([difference, where]) =>
      `The ${from} is of version ${version} of the numbers, this page computes version ${NUMBERS_VERSION}. ` +
      `In ${where.join(" and ")}: ${difference}.`,
  );
  return { experiment: whole, said: sentences };
}
