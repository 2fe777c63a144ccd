import { mode } from "./mode.ts";

/** IEEE 754's roundTowardNegative. */
export const down = mode({
  name: "down",
  entry: { describe: "toward minus infinity", params: [] },
  decides: { by: "side", up: () => false, python: "q != q" },
});
