/** One number, three ways: what the page exports is what the command line prints, to the last bit. */
import { readFile } from "node:fs/promises";
import { sharedFile } from "../kernels/testing/shared.ts";
import type { Bench } from "./support/bench.ts";
import { type Line, quantize, sampleFile } from "./support/cli.ts";
import { expect, test } from "./support/test.ts";

async function exportedLines(bench: Bench): Promise<Line[]> {
  const [file] = await bench.exported("Metrics as JSON");
  return JSON.parse(await readFile(await file.path(), "utf8")).results;
}

/** The metrics without what only the page's export adds. */
const named = ({ tensor, shape, recipe, metrics: { bitsBreakdown, ...metrics } }: Line) => ({
  tensor,
  shape,
  recipe,
  metrics,
});

async function compare(bench: Bench, file: string, tensor: string, recipes: [string, string]): Promise<void> {
  const expected = await Promise.all(recipes.map((recipe) => quantize(file, tensor, recipe)));
  expect((await exportedLines(bench)).map(named)).toEqual(expected.map(named));
}

test("bundled sample", async ({ bench }) => {
  await bench.open("s=sample:esrgan-slim&t=F_0/kernel&a=rht(64,seed=7)+nvfp4&b=int4(asym)/128~mse:f16&n=2&v=1");
  await compare(bench, sampleFile("esrgan-slim"), "F_0/kernel", ["rht(64,seed=7)+nvfp4", "int4(asym)/128~mse:f16"]);
});

/** Steps that look at values, mend results or code vectors, each on the weights of an attention block. */
const STEPS = [
  ["perm+int4/40:f16", "outliers(0.01)+int4/60:f16"],
  ["int4/60:f16+lowrank(4,factors=(int8/row))", "vq(4,64,seed=1)"],
  ["householder(2,seed=1)+dct(40)+int4/60:f16", "center+pca(weights)+perm(clusters)+nf4/60"],
  ["principal(4,iters=2)+int4/60:f16", "clamp(0.98)+columns(1.2,unit=median,by=own)+int4/60:f16"],
  ["armor(8,rounds=3)+int4/60:f16", "monarch(seed=0)+int4/60:f16+bone(8)"],
  ["kron(k=2)+prune(n=2,m=4)+int4/60:f16", "densesparse(0.01,sensitive=0,by=lowrank,r=4)+int4/60:f16+hut(2)"],
  ["hqq+int4(asym)/60:f16", "orth(40,seed=3)+ht(8,order=sequency)+mxfp4"],
] as const;

for (const [a, b] of STEPS) {
  test(`${a} and ${b} on a trained checkpoint`, async ({ bench }) => {
    await bench.open(`s=sample:ocr-recogniser&t=linear_77.w_0&a=${a}&b=${b}&n=2&v=1`);
    await compare(bench, sampleFile("ocr-recogniser"), "linear_77.w_0", [a, b]);
    // Every chart and the inspector have something to say of them.
    await expect(bench.page.locator("figure[data-chart]")).not.toHaveCount(0);
    await bench.map.click({ position: { x: 60, y: 60 } });
    await expect(bench.inspector).toContainText("error");
    const link = await bench.copyLink();
    const figures = await bench.figures();
    await bench.page.goto("about:blank");
    await bench.page.goto(link);
    await bench.settled();
    expect(await bench.figures()).toBe(figures);
  });
}

const published = [
  {
    file: "stories260K.f32.safetensors",
    tensor: "layers.0.feed_forward.w2.weight",
    recipes: ["mxfp4", "nf4/64:f16"],
  },
  {
    file: "silero_vad_16k.safetensors",
    tensor: "conv1.weight",
    recipes: ["int4@sr(seed=3)/32:f16", "e4m3/16x16~pct(99.9)"],
  },
] as const;

for (const { file, tensor, recipes } of published) {
  const path = sharedFile(`data/${file}`);
  test(`dropped ${file}${path ? "" : " (skipped: the file is not on this machine)"}`, async ({ bench }) => {
    test.skip(path === null, `${file} is not on this machine`);
    const [a, b] = recipes;
    await bench.open(`s=gen:uniform(4x4,seed=1)&a=${a}&b=${b}&n=2&v=1`);
    await bench.drop(path!);
    await bench.control("Filter tensors").fill(tensor);
    await bench.tensor(tensor.split(".").at(-1)!).click();
    await expect(bench.heading).toHaveText(tensor);
    await bench.settled();
    await compare(bench, path!, tensor, [a, b]);
  });
}
