/** Experiments that were written under an earlier version of the numbers' definition. */
import { NUMBERS_VERSION } from "../../kernels/report/report.ts";
import { fromVersion } from "../../kernels/sweep/versions.ts";
import { defaultSweep, type Experiment } from "../state/experiment.ts";

/** The version that a text names where this page knows it: the present one for no text, `null` for one it cannot know. */
export function earlierVersion(text: string | undefined): number | null {
  if (text === undefined) return NUMBERS_VERSION;
  const version = /^[1-9][0-9]{0,5}$/.test(text) ? Number(text) : Number.NaN;
  return version <= NUMBERS_VERSION ? version : null;
}

/**
 * Writes the recipes of an experiment so that they give the figures that they gave, as far as that can be done, and tells
 * what differs for those of them that are touched.
 * @param from what the experiment came in, for the sentences
 */
export function bringUp(experiment: Experiment, version: number, from: "link" | "file"): string[] {
  const said = new Map<string, string[]>();
  const bring = (what: string, text: string): string => {
    const now = fromVersion(version, text);
    for (const difference of now.says) said.set(difference, [...(said.get(difference) ?? []), what]);
    return now.text;
  };
  experiment.a = bring("recipe A", experiment.a);
  experiment.b = bring("recipe B", experiment.b);
  const { sweep } = experiment;
  // The grid that newcomers see is no part of an old link.
  if (sweep.grid !== defaultSweep.grid) sweep.grid = bring("the sweep", sweep.grid);
  sweep.hidden = sweep.hidden.map((one) => ({ ...one, value: fromVersion(version, one.value).text }));
  return [...said].map(
    ([difference, where]) =>
      `The ${from} is of version ${version} of the numbers, this page computes version ${NUMBERS_VERSION}. ` +
      `In ${where.join(" and ")}: ${difference}.`,
  );
}
