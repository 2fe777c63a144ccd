/** Which signal to trust. */
import { lazyPart } from "../../../../widgets/lazyPart.ts";
import type { MixPanel } from "../panel.ts";

export const leaderboard: MixPanel = {
  id: "signals",
  title: "signals",
  View: lazyPart(async () => (await import("./LeaderboardPanel.tsx")).LeaderboardPanel),
};
