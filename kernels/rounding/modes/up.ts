import { mode } from "./mode.ts";

/** IEEE 754's roundTowardPositive. */
export const up = mode({
  name: "up",
  entry: { describe: "toward plus infinity", params: [] },
  decides: { by: "side", up: () => true, python: "q == q" },
});
