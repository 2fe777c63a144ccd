import { mode } from "./mode.ts";

export const inward = mode({
  name: "inward",
  entry: { describe: "nearest, ties toward zero", params: [] },
  decides: { by: "nearest", tieUp: (negative) => negative, python: "q < 0" },
});
