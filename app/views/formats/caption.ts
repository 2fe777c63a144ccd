/** What pictures of formats say: which formats they are of. */
import { fileName } from "../../export/fileName.ts";
import type { ViewCaption } from "../../page/view.ts";
import type { Workbench } from "../../state/workbench.ts";
import { formatsPart } from "./state.ts";

export function formatsCaption({ timeline }: Workbench): ViewCaption {
  const { experiment } = timeline.getState();
  const { format, compare } = formatsPart.of(experiment);
  return {
    lines: [`Format  ${format}`, ...(compare === null ? [] : [`Beside  ${compare}`])],
    experiment,
    stem: fileName(compare === null ? format : `${format}_and_${compare}`),
  };
}
