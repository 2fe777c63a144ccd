import { expect, test } from "vitest";
import { parseTwin, usualTwin } from "../../../workers/models/twin-spec.ts";
import { defaultExperiment, USUAL_TWIN, withTensor, withTwin } from "../../state/experiment.ts";

test("a source becomes its twin and comes back, with the tensor that is looked at", () => {
  const source = { kind: "sample" as const, id: "small-llama" };
  const one = withTensor({ ...defaultExperiment, source }, { name: "w", shape: [2, 2] });
  const twin = withTwin(one, USUAL_TWIN);
  expect(twin.source).toEqual({ ...source, twin: "channels=4,power=5,seed=1" });
  expect(twin.tensor).toBe("w");
  expect(withTwin(twin, null)).toEqual(one);
  expect(parseTwin(USUAL_TWIN)).toEqual(usualTwin);
  const numbers = { ...one, source: { kind: "text" as const, text: "1 2" } };
  expect(withTwin(numbers, "seed=1")).toBe(numbers);
});
