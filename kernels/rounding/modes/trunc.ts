import { mode } from "./mode.ts";

/** IEEE 754's roundTowardZero. */
export const trunc = mode({
  name: "trunc",
  entry: { describe: "toward zero", params: [] },
  decides: { by: "side", up: (negative) => negative, python: "q < 0" },
});
