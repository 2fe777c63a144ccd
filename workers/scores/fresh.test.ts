import "../../kernels/notation/all.ts";
import { expect, it } from "vitest";
import { asked, scored, sourceOf } from "./for-test.ts";
import { freshParts, freshRequest } from "./fresh.ts";

it("fresh rows are measured as the scores were, and not as what is asked for by now", async () => {
  const source = sourceOf([{ name: "layers.0.wq.weight", shape: [8, 64] }]);
  const request = asked("int4/32", { definitions: ["c:=codebook(-1,0,1)"], wholeStatistics: true, budget: 12345 });
  const scores = await scored(source, request);
  const now = { ...request, definitions: ["c:=codebook(-2,0,2)"], wholeStatistics: false, budget: null, seed: 9 };
  const [part] = freshParts(scores, [0]);
  const { definitions, wholeStatistics, budget, seed, fresh } = freshRequest(now, scores, part, 2);
  expect({ definitions, wholeStatistics, budget, seed }).toEqual({
    ...{ definitions: ["c:=codebook(-1,0,1)"], wholeStatistics: true, budget: 12345, seed: 2 },
  });
  expect(fresh).toEqual({ seed: 1, share: 1, recipes: ["int4/32"] });
});
