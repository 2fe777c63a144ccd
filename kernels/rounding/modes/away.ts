import { mode } from "./mode.ts";

/** IEEE 754's roundTiesToAway. */
export const away = mode({
  name: "away",
  entry: { describe: "nearest, ties away from zero", params: [] },
  decides: { by: "nearest", tieUp: (negative) => !negative, python: "q >= 0" },
});
