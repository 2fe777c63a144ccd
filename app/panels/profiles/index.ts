import type { Panel } from "../../page/panel.ts";
import { lazyPart } from "../../widgets/lazyPart.ts";
import { profilesLink } from "./options.ts";

export const profiles: Panel = {
  id: "profiles",
  title: "Error profiles",
  place: "bottom left",
  phone: 320,
  link: profilesLink,
  View: lazyPart(async () => (await import("./ProfilesPanel.tsx")).ProfilesPanel),
};
