/** One sentence above the charts says which of A and B is better, on what, and whether that is more than chance. */
import { safetensors, write } from "./support/files.ts";
import { expect, test } from "./support/test.ts";

const open = (a: string, b: string) => `s=gen:normal(64x128,seed=1)&a=${a}&b=${b}&n=2&v=1`;

test("a verdict names its metric, agrees with the table, and follows recipes", async ({ bench }) => {
  await bench.open(open("nvfp4", "int4/64:f16"));
  const verdict = bench.page.getByTestId("verdict");
  const [a, b] = [Number(await bench.figure("sqnrDb", "A")), Number(await bench.figure("sqnrDb", "B"))];
  const more = Number(await bench.figure("bitsPerWeight", "A")) - Number(await bench.figure("bitsPerWeight", "B"));
  expect(a).toBeGreaterThan(b);
  const found = /^On weight error \(SQNR\), A is ([\d.]+) dB better and takes ([\d.]+) bits more\.$/.exec(
    (await verdict.textContent()) ?? "",
  );
  expect(Math.abs(Number(found?.[1]) - (a - b))).toBeLessThan(0.011);
  expect(Number(found?.[2])).toBeCloseTo(more, 1);
  await bench.type("B", "nvfp4");
  await expect(verdict).toHaveText("A and B are the same recipe.");
  await bench.type("B", "f32");
  await expect(verdict).toHaveText(/^On weight error \(SQNR\), B is exact and takes 27\.50 bits more\.$/);
  await bench.recipe("B").fill("int9");
  await expect(verdict).toHaveText("B has a mistake; what is shown is of f32, the last that could be computed.");
});

test("seeds are tried in the background, and a difference within their spread is none", async ({ bench }) => {
  await bench.open(open("rht(64,seed=1)+int4/64:f16", "rht(64,seed=20)+int4/64:f16"));
  const verdict = bench.page.getByTestId("verdict");
  await expect(verdict).toHaveText(
    /^On weight error \(SQNR\) there is no difference beyond that of the seeds \(A [\d.]+ ± [\d.]+ dB, B [\d.]+ ± [\d.]+ dB over 5 seeds\); both take the same bits\.$/,
  );
  // A real difference is one whatever the seeds are.
  await bench.type("B", "int8/64:f16");
  await expect(verdict).toHaveText(
    /^On weight error \(SQNR\), B is 2\d\.\d\d dB better and takes 4\.00 bits more \(A /,
  );
  await bench.type("A", "int4/64:f16");
  await expect(verdict).not.toContainText("seeds");
});

test("broken results win nothing", async ({ bench }) => {
  const values = Float32Array.from({ length: 64 * 64 }, (_, i) => Math.sin(i) * 600);
  await bench.open(open("nvfp4", "int8/row"));
  await bench.drop(write("wide.safetensors", safetensors({ name: "w", shape: [64, 64], values })));
  await bench.type("A", "e4m3(sat=nan)");
  expect(Number((await bench.figure("broken", "A")).replaceAll(",", ""))).toBeGreaterThan(100);
  await expect(bench.page.getByTestId("verdict")).toHaveText(/^No verdict: A has [\d,]+ broken results/);
  await expect(bench.page.locator('[data-metric$="-a"]').filter({ hasText: "better" })).toHaveCount(0);
});
