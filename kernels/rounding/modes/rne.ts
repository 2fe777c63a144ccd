import { mode } from "./mode.ts";

/** IEEE 754's roundTiesToEven. */
export const rne = mode({
  name: "rne",
  entry: { describe: "nearest, ties to the even code (IEEE 754 default)", params: [] },
  decides: { by: "nearest", tieUp: (_, lowerOdd) => lowerOdd, python: "odd" },
});
