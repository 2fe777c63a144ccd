import type { Entry } from "../notation/signature.ts";

const size = {
  key: "n",
  kind: "integer",
  min: 2,
  max: 1048576,
  positional: true,
  describe: "block along the row: a power of two times 1, 12 or 20",
} as const;

/** Every step. A step before the quantizer acts on its input and is undone before the error is measured. */
export const steps: readonly (Entry & { place: "before" | "after" })[] = [
  { name: "ht", place: "before", describe: "block Hadamard rotation", params: [size] },
  {
    name: "rht",
    place: "before",
    describe: "block Hadamard rotation with random signs",
    params: [
      size,
      {
        key: "seed",
        kind: "integer",
        min: 0,
        max: 4294967295,
        default: 0,
        always: true,
        describe: "seed of the signs",
      },
    ],
  },
];
