/** Formats and rules that papers brought: by text and by controls, in a link, a sweep, the inspector and the browser's own workers. */
import AxeBuilder from "@axe-core/playwright";
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

test.describe("neighbours", () => {
  const figure = 'figure[data-chart="neighbours"]';

  test("are searched when they are looked at, by options that the link holds", async ({ bench, fresh }) => {
    await bench.open("s=gen:normal(200x64,seed=1)&a=int8/row:f16&b=int2/row:f16&n=2&v=1");
    const panel = bench.page.locator(figure);
    await expect(panel).toHaveCount(0);
    await bench.page.getByRole("button", { name: "Neighbours", exact: true }).click();
    await bench.settled();
    await expect(panel).toContainText("200 queries");
    const rows = async (b: typeof bench) => {
      const table = b.page.locator(figure).getByRole("button", { name: "Table of neighbours" });
      if ((await table.getAttribute("aria-pressed")) !== "true") await table.click();
      return b.page.locator(figure).locator("tbody tr").allTextContents();
    };
    const [one, ten, hundred, correlation, bits] = await rows(bench);
    expect([one, ten, hundred].map((row) => row.slice(0, 8))).toEqual(["recall@1", "recall@1", "recall@1"]);
    expect(correlation).toMatch(/^rank correlation0\.99/);
    expect(bits).toBe("bits a vector528–144––");
    const { violations } = await new AxeBuilder({ page: bench.page }).include(figure).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(" ")}`)).toEqual([]);

    const typed = async (name: string, value: string) => {
      await bench.control(name).fill(value);
      await bench.control(name).press("Enter");
      await bench.settled();
    };
    await panel.getByRole("button", { name: "distance", exact: true }).click();
    await typed("Numbers of neighbours", "5,199");
    await typed("Queries drawn", "40");
    await typed("Principal components kept, 0 for all columns as they are", "32");
    await expect(panel).toContainText("200 rows have no 199 neighbours to choose.");
    await expect(panel).toContainText("% of the variance kept");
    const found = await rows(bench);
    expect(found[0]).toMatch(/^recall@50\./);
    const link = await bench.copyLink();
    const other = await fresh({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    await other.page.goto(link);
    await other.settled();
    // On a phone it is there, and nothing is searched before somebody scrolls to it.
    await expect(other.page.locator(figure)).toContainText("Not searched yet");
    await other.page.locator(figure).scrollIntoViewIfNeeded();
    await expect(other.page.locator(figure)).toContainText("40 queries");
    await other.settled();
    expect(await rows(other)).toEqual(found);
    const wide = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
    expect(await other.page.evaluate(wide)).toBeLessThanOrEqual(0);
  });

  test("that cannot be searched are said to be so", async ({ bench }) => {
    await bench.open("s=text:1 2 3%0A4 5 6&a=int4&b=int4&n=2&v=1");
    const panel = bench.page.locator(figure);
    await bench.page.getByRole("button", { name: "Neighbours", exact: true }).click();
    await expect(panel).toContainText("2 rows have no neighbours to choose among.");
    await bench.open("s=gen:normal(200x64,seed=1)&a=int8/row:f16&b=int4/row~expr(0-amax)&n=2&v=1");
    await bench.page.getByRole("button", { name: "Neighbours", exact: true }).click();
    await bench.settled();
    await expect(panel).toContainText("0 vectors of 200 can be compared");
  });
});

test("attention: recipes for captured keys are judged by what they do to its outputs, head by head", async ({
  bench,
  fresh,
}) => {
  test.setTimeout(180_000);
  const { page } = bench;
  const name = "model.layers.1.self_attn.keys";
  await bench.open("s=sample:small-llama&a=int4(asym)/col&b=int4(asym)/row&tab=model&n=2&v=1", 120_000);
  await page.getByRole("button", { name: "inputs", exact: true }).click();
  const inputs = page.getByRole("region", { name: "Inputs of the model" });
  for (const [field, value] of [
    ["windows", "1"],
    ["tokens a window", "64"],
  ]) {
    await inputs.getByLabel(`${field} of the capture`).fill(value);
    await inputs.getByLabel(`${field} of the capture`).press("Enter");
  }
  await inputs.getByLabel("with queries, keys and values").check();
  await inputs.getByRole("button", { name: /^Capture inputs/ }).click();
  await bench.settled(120_000);
  await page.getByRole("button", { name: "Bench", exact: true }).click();
  await bench.control("Filter tensors").fill("layers.1.self_attn.keys");
  await bench.tensor("keys").click();
  await bench.settled();
  await expect(bench.heading).toHaveText(name);
  const figure = 'figure[data-chart="attention"]';
  await page.getByRole("button", { name: "Attention", exact: true }).click();
  const values = (b: typeof bench, key: string) => b.page.locator(`[data-attention="${key}"] span`).allTextContents();
  await expect(page.locator('[data-attention="outputNmse"] span')).toHaveCount(2);
  await bench.settled();
  const outputs = await values(bench, "outputNmse");
  for (const text of outputs) expect(text).toMatch(/^[\d.]+(×10⁻\d)?$/);
  // Values and probabilities are as they are: with recipes of their own there is more error.
  await bench.control("Recipe of probabilities").fill("e2m1/16:e4m3/row");
  await bench.control("Recipe of probabilities").press("Enter");
  await bench.settled();
  const both = await values(bench, "outputNmse");
  expect(both).not.toEqual(outputs);
  await bench.control("Recipe of values").fill("int4/row@");
  await bench.control("Recipe of values").press("Enter");
  await expect(page.locator(figure)).toContainText("values: ");
  await bench.control("Recipe of values").fill("int8/row");
  await bench.control("Recipe of values").press("Enter");
  await bench.settled();
  await page.locator(figure).getByRole("button", { name: "entropy", exact: true }).click();
  const { violations } = await new AxeBuilder({ page }).include(figure).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(" ")}`)).toEqual([]);

  // A link captures anew what it needs, on a phone, too.
  const figures = await values(bench, "outputNmse");
  const other = await fresh({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await other.page.goto(await bench.copyLink());
  await other.settled(120_000);
  await other.page.locator(figure).scrollIntoViewIfNeeded();
  await expect.poll(() => values(other, "outputNmse"), { timeout: 60_000 }).toEqual(figures);
  const wide = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
  expect(await other.page.evaluate(wide)).toBeLessThanOrEqual(0);
});
