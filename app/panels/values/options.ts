/** How one looks at the values: the options of the chart, in the experiment and in its link. */
import { optionalNumbers, rangeSchema } from "../../link/fields.ts";
import type { LinkPart } from "../../link/scheme.ts";
import { createPart } from "../../state/part.ts";
import type { Range } from "../../state/types.ts";

export interface ValuesOptions {
  /** Stretch of the value axis, or null for all of it. */
  zoom: Range | null;
}

export const valuesPart = createPart<ValuesOptions>("values", { zoom: null }, { zoom: "values" });

export const valuesLink: LinkPart<ValuesOptions> = {
  part: valuesPart,
  what: "the view",
  fields: { zoom: optionalNumbers("z", "the zoom", ["lo", "hi"], rangeSchema) },
  earlier: ({ look }) => look,
};
