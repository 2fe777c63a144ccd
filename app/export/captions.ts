/** What a picture of results says beside it: of which tensor, and by which recipes. */
import type { ViewCaption } from "../page/view.ts";
import type { Experiment } from "../state/experiment.ts";
import { comparable, isStale, type ResultsState } from "../state/results.ts";
import { fileName } from "./fileName.ts";

/**
 * The recipes and the tensor whose results are drawn, which are not those of the fields where a recipe has a mistake or is
 * still being computed: the link is of what the picture shows.
 */
export function resultsCaption(experiment: Experiment, results: ResultsState): ViewCaption {
  const { a, b } = comparable(results);
  const one = a ?? b;
  if (!one) return { lines: [], experiment, stem: fileName("") };
  const { report, request } = one;
  const old = isStale(results.a) || isStale(results.b);
  return {
    lines: [
      `${report.tensor}  ${report.shape.join(" x ")}`,
      ...(a ? [`A  ${a.report.recipe}`] : []),
      ...(b ? [`B  ${b.report.recipe}`] : []),
    ],
    experiment: old
      ? {
          ...experiment,
          a: a?.request.recipe ?? experiment.a,
          b: b?.request.recipe ?? experiment.b,
          definitions: request.definitions,
          tensor: request.target.tensor,
        }
      : experiment,
    stem: fileName(report.tensor),
  };
}
