import { mode } from "./mode.ts";

/** Ties to the lower level, as bitsandbytes' comparisons give them. */
export const lower = mode({
  name: "lower",
  entry: null,
  decides: { by: "nearest", tieUp: () => false, python: "q != q" },
});
