/** How one looks at the profiles: the options of the chart, in the experiment and in its link. */
import type { ProfileAxis } from "../../charts/types.ts";
import { choice } from "../../link/fields.ts";
import type { LinkPart } from "../../link/scheme.ts";
import { createPart } from "../../state/part.ts";

const axes = ["row", "col", "block"] as const satisfies readonly ProfileAxis[];

export interface ProfilesOptions {
  axis: ProfileAxis;
}

export const profilesPart = createPart<ProfilesOptions>("profiles", { axis: "row" });

export const profilesLink: LinkPart<ProfilesOptions> = {
  part: profilesPart,
  what: "the view",
  fields: { axis: choice("by", "the profile's axis", axes) },
  earlier: ({ look }) => look,
};
