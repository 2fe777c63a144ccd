import "../../../../kernels/notation/all.ts";
import { expect, it } from "vitest";
import { forbidsOf, runtimes } from "../../../../kernels/allocation/runtimes/index.ts";
import { parseRecipe } from "../../../../kernels/notation/index.ts";
import { prepareRecipe } from "../../../../kernels/prepare/prepare.ts";
import { expandSweep, parseSweep } from "../../../../kernels/sweep/index.ts";
import { bitsOf } from "../../../../workers/scores/grid.ts";
import { gridPresets } from "./presets.ts";

const PLAIN = { name: "w", kind: "weight", elements: 1, layer: 0, role: "q_proj", tie: null, storedBits: 1 } as const;

it.each([
  ["llama.cpp", "llama.cpp"],
  ["llama.cpp, any width", "llama.cpp"],
  ["MLX", "mlx"],
])("the grid of %s has recipes that it runs, and no others", (label, name) => {
  const { grid } = gridPresets.find((one) => one.label === label)!;
  const runtime = runtimes.find((one) => one.name === name)!;
  const choices = expandSweep(parseSweep(grid, { definitions: [] }), { definitions: [] }).recipes.map(
    ({ text }) => text,
  );
  const forbids = forbidsOf(runtime, { items: [PLAIN], choices });
  expect(choices.flatMap((choice, c) => (forbids(0, c) === null ? [] : [choice]))).toEqual([]);
  if (name !== "mlx") return;
  // A scale and a bias of 16 bits each group: mlx/ops.cpp.
  for (const text of choices) {
    const [, bits, group] = /^int(\d)\(.*\/(\d+):/.exec(text)!.map(Number);
    const counted = bitsOf(prepareRecipe(parseRecipe(text), [], 256, 256)) / 256 / 256;
    expect(counted).toBe(bits + 32 / group);
  }
});
