/** `RECORDED=all` asks WebGPU, slow in software, for every recorded line; without it for every 24th recipe. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../backends/backend.ts";
import { createWebgpuBackend } from "../../backends/webgpu/backend.ts";
import { dawnDevice } from "../dawn.ts";
import { lineKey, readRecorded } from "./file.ts";
import { recordedMatrices, recordedRecipes } from "./grid.ts";
import { outcomeOf } from "./record.ts";

const recorded = readRecorded();
const everything = process.env.RECORDED === "all";

describe("WebGPU on what was recorded", () => {
  let webgpu: Backend;
  beforeAll(async () => {
    webgpu = await createWebgpuBackend(await dawnDevice());
  }, 120_000);

  const some = recordedRecipes.filter((_, i) => everything || i % 24 === 5);
  it.each(some)(
    "%s",
    async (recipe) => {
      for (const [matrix, values] of Object.entries(recordedMatrices)) {
        const { on } = await outcomeOf(recipe, values);
        expect(await on(webgpu), `${recipe} on ${matrix}`).toBe(recorded.get(lineKey(matrix, recipe))?.webgpu);
      }
    },
    600_000,
  );
});
