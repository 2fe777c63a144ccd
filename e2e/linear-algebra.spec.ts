/** Linear algebra on threads that a job's worker starts: the page's figures are the command line's. */
import { quantize } from "./support/cli.ts";
import { expect, test } from "./support/test.ts";

const SOURCE = "gen:normal(rows=768,cols=768,seed=1)";
const RECIPE = "int3/64+lowrank(32)";

test("a low-rank correction starts threads, and is what the command line makes", async ({ bench, context }) => {
  const scripts: string[] = [];
  context.on("request", (request) => scripts.push(request.url()));
  await bench.open(`s=gen:normal(768x768,seed=1)&a=${RECIPE}&b=int3/64&n=2&v=1`);
  await bench.settled();
  const { metrics } = await quantize(SOURCE, "normal", RECIPE);
  expect(Number(await bench.figure("sqnrDb", "A"))).toBeCloseTo(metrics.sqnrDb!, 2);
  expect(scripts.filter((url) => /machines\.worker/.test(url)).length).toBeGreaterThan(0);
});
