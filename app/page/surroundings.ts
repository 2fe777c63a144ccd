/** What the state is told of the page's views. */
import { linkOf } from "../link/address.ts";
import { parseExperimentFile } from "../link/file.ts";
import { createScheme, type Scheme } from "../link/scheme.ts";
import type { Surroundings } from "../state/workbench.ts";
import type { View } from "./view.ts";

/** How links hold an experiment that these views show. */
export const schemeOf = (views: readonly View[]): Scheme =>
  createScheme(
    views.map((view) => view.id),
    views.flatMap((view) => view.links ?? []),
  );

export function surroundingsOf(views: readonly View[], scheme: Scheme): Surroundings {
  return {
    parts: scheme.parts.map(({ part }) => part),
    keeps: (tab) => (views.find((view) => view.id === tab) ?? views[0]).keeps ?? null,
    linkOf: (experiment) => linkOf(scheme, experiment),
    readFile: (text) => parseExperimentFile(scheme, text),
  };
}
