import { expect, it } from "vitest";
import type { LoggedRun } from "../../../../../workers/mixes/perplexity-log.ts";
import { pointsOfLog } from "./log.ts";

const figure = (value: number, error: number | null = null) => ({ value, error });
const run: LoggedRun = {
  ...{ model: "/models/m-Q4_K_M.gguf", bitsPerWeight: 4.84, context: 512, chunks: 564, perplexity: figure(6) },
  against: { kl: figure(0.03, 0.001), klAt: {}, topOne: figure(0.9), basePerplexity: figure(5.9), ratio: figure(1.01) },
};

it("runs against a model's logits are points with their error; others have no KL", () => {
  const points = pointsOfLog("run.log", [run, { ...run, against: null }, { ...run, model: null, bitsPerWeight: null }]);
  expect(points).toHaveLength(2);
  expect(points[0]).toMatchObject({
    ...{ kind: "log", label: "m-Q4_K_M.gguf", bits: 4.84, predicted: null },
    measured: { value: 0.03, stderr: 0.001 },
  });
  expect(points[0].notes[0]).toContain("564 chunks of 512 tokens of its own text");
  expect(points[1]).toMatchObject({ label: "run.log, run 3", bits: null });
  expect(points[1].notes).toHaveLength(2);
  expect(new Set(points.map(({ id }) => id)).size).toBe(2);
});
