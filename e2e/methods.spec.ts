/** Formats and rules that papers brought: by text and by controls, in a link, a sweep, the inspector and the browser's own workers. */
import { expect, test } from "./support/test.ts";

const LINK = "s=gen:normal(64x128,seed=1)&a=nvfp4&b=nvfp4&n=2&v=1";

test("elements chosen by block, expressions and fitted scales give figures, bits and words", async ({ bench }) => {
  const failures: string[] = [];
  bench.page.on("pageerror", (error) => failures.push(error.message));
  await bench.open(LINK);
  await bench.type("A", "pick((e2m1),(int4),by=mse)/16:e4m3");
  // A bit for each block of 16, which no scale a tensor pays for.
  expect(await bench.figure("bitsPerWeight", "A")).toBe("4.563");
  expect(Number(await bench.figure("sqnrDb", "A"))).toBeGreaterThan(Number(await bench.figure("sqnrDb", "B")) + 0.5);
  await bench.page
    .getByLabel(/^Error map: arrows/)
    .first()
    .focus();
  await bench.page.keyboard.press("ArrowRight");
  await bench.settled();
  await expect(bench.inspector.getByLabel("Arithmetic of A")).toContainText("element of the block");
  const plain = await bench.figure("sqnrDb", "B");
  await bench.type("A", "nvfp4~expr(amax/6)");
  expect(await bench.figure("sqnrDb", "A")).toBe(plain);
  await bench.type("A", "nvfp4~expr(0-amax)");
  expect(await bench.figure("dead", "A")).toBe("512");
  for (const [recipe, bits] of [
    ["if4/16:e4m3/tensor", "4.504"],
    ["hif4", "4.500"],
    ["e2m1/16~fouroversix:e4m3(reach=256)/tensor", "4.504"],
    ["binary8p3se", "8.000"],
    ["ternary/row~twn:f16", "2.125"],
    ["int4(asym)/32~dgq:uint8/row:f16", "4.500"],
    ["int4/row~fine(least=16):f16", null],
    ["int4/row~lsq", null],
  ] as const) {
    await bench.type("A", recipe);
    if (bits) expect([recipe, await bench.figure("bitsPerWeight", "A")]).toEqual([recipe, bits]);
    expect(Number(await bench.figure("sqnrDb", "A")), recipe).toBeGreaterThan(5);
  }
  await bench.type("A", "int4/row~lsq(rate=10)");
  await expect(bench.page.getByText(/~lsq diverged in \d+ of 64 blocks/).first()).toBeVisible();
  expect(failures).toEqual([]);
});

test("a link holds them, and a sweep takes them beside the others", async ({ bench, fresh }) => {
  await bench.open(LINK);
  await bench.type("A", "ht(16)+pick(e2m1,nf4)/16~expr(amax/qmax*0.98):e4m3/tensor+align");
  const figures = await bench.figures();
  const other = await fresh();
  await other.page.goto(await bench.copyLink());
  await other.settled();
  await expect(other.recipe("A")).toHaveValue("ht(16)+pick(e2m1,nf4)/16~expr(amax/qmax*0.98):e4m3/tensor+align");
  expect(await other.figures()).toBe(figures);

  const grid = "(e2m1,if4)/16:e4m3/tensor;hif4;ternary/row~twn;int4/(32,64)~expr(amax/7):f16;int4/row~fine:f16";
  await bench.page.goto("about:blank");
  await bench.open(`s=gen:normal(64x128,seed=1)&a=nvfp4&b=int4/32:f16&g=${grid}&tab=sweep&n=2&v=1`);
  await expect(bench.page.getByRole("button", { name: /^Points/ })).toContainText("7", { timeout: 60_000 });
});
