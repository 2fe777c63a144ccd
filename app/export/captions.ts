/** What a picture of a chart says beside it: what of, by which recipes or formats, and the link that shows it again. */
import { linkOf } from "../link/address.ts";
import type { Experiment } from "../state/experiment.ts";
import { comparable, isStale, type ResultsState } from "../state/results.ts";
import { fileName } from "./fileName.ts";

export interface ViewCaption {
  /** Under the title. */
  lines: string[];
  /** The experiment that the charts show. */
  experiment: Experiment;
  /** What files of this view are named after. */
  stem: string;
}

/** Of the view on the screen. The Sweep writes its own: its grid and legend are more than lines. */
export function captionOf(experiment: Experiment, results: ResultsState): ViewCaption {
  return experiment.look.tab === "formats" ? formatsCaption(experiment) : benchCaption(experiment, results);
}

function formatsCaption(experiment: Experiment): ViewCaption {
  const { format, compare } = experiment.look;
  return {
    lines: [`Format  ${format}`, ...(compare === null ? [] : [`Beside  ${compare}`])],
    experiment,
    stem: fileName(compare === null ? format : `${format}_and_${compare}`),
  };
}

/**
 * The recipes and the tensor whose results are drawn, which are not those of the fields where a recipe has a mistake or is
 * still being computed: the link is of what the picture shows.
 */
function benchCaption(experiment: Experiment, results: ResultsState): ViewCaption {
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

export const captionLink = ({ experiment }: ViewCaption): string => linkOf(experiment).href;
