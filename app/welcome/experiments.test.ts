import { expect, it } from "vitest";
import { quantizeText } from "../../kernels/testing/matrix.ts";
import { generate } from "../../workers/sources/generators.ts";
import { decodeLink, encodeLink } from "../link/fragment.ts";
import { defaultExperiment } from "../state/experiment.ts";
import { scheme } from "../testing/workbench.ts";
import { starts } from "./experiments.ts";

it("are whole states of the page that a link brings back", () => {
  for (const { experiment } of starts) {
    expect(decodeLink(scheme, encodeLink(scheme, experiment).fragment)).toEqual({ experiment, said: [] });
  }
  expect(starts[0].experiment).toBe(defaultExperiment);
});

/** A and B of a start that brings its own numbers. */
async function measured(id: string) {
  const { source, a, b } = starts.find((s) => s.id === id)!.experiment;
  if (source.kind !== "generator") throw new Error("it has no generator");
  const { rows, cols } = source.generator;
  const values = await generate(source.generator).read(0, rows * cols);
  return Promise.all([a, b].map(async (recipe) => (await quantizeText(recipe, values, rows, cols)).report.metrics));
}

it("show what they promise", async () => {
  const [plain, turned] = await measured("rotation");
  expect(turned.sqnrDb! - plain.sqnrDb!).toBeGreaterThan(7.5);
  expect(turned.sqnrDb! - plain.sqnrDb!).toBeLessThan(8.5);
  const [kQuant, blocks] = await measured("k-quant");
  expect(kQuant.bitsPerWeight).toBe(blocks.bitsPerWeight);
  expect(kQuant.sqnrDb!).toBeGreaterThan(blocks.sqnrDb! + 1);
});
