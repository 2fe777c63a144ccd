import { mode, SEED } from "./mode.ts";

export const coin = mode({
  name: "coin",
  entry: {
    describe: "stochastic: either neighbour with probability one half, unless exact",
    params: [SEED],
  },
  decides: {
    by: "chance",
    odds: "half",
    up: (_x, _lower, _upper, _bits, word) => word >= 0x80000000,
    python: "return word >= 2**31",
  },
});
