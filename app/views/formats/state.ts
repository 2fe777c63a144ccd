/** The two formats that are looked at, and in what units: the Formats view's part of an experiment and of its link. */
import { choice, optionalText, text } from "../../link/fields.ts";
import type { LinkPart } from "../../link/scheme.ts";
import { createPart } from "../../state/part.ts";

/** Values as they are, shares of the largest, or standard deviations at the best clip. */
export const formatUnits = ["own", "largest", "clip"] as const;
export type FormatUnit = (typeof formatUnits)[number];

export interface FormatsState {
  format: string;
  compare: string | null;
  /** What their values are shown in units of. */
  unit: FormatUnit;
}

export const formatsPart = createPart<FormatsState>("formats", { format: "e4m3", compare: null, unit: "own" });

export const formatsLink: LinkPart<FormatsState> = {
  part: formatsPart,
  what: "the view",
  fields: {
    format: text("f", "the format"),
    compare: optionalText("f2", "the second format"),
    unit: choice("u", "the formats' unit", formatUnits),
  },
  earlier: ({ look }) => look,
};
