import { mode } from "./mode.ts";

/** Rounding to odd: a second rounding to fewer bits then comes out as if it were the only one. */
export const odd = mode({
  name: "odd",
  entry: { describe: "to the neighbour with the odd code, unless exact", params: [] },
  decides: { by: "side", up: (_, lowerOdd) => !lowerOdd, python: "~odd" },
});
