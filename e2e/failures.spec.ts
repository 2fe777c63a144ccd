/** What fails without the page's fault: parts that do not come, workers that end. The page says so and goes on. */
import { expect, test } from "@playwright/test";
import { Bench } from "./support/bench.ts";

const OPEN = "s=gen:normal(64x128,seed=1)&a=nvfp4&b=int4/64:f16&n=1&v=1";

test("a view that could not be loaded is loaded when one tries again", async ({ page }) => {
  const bench = await new Bench(page).open(OPEN);
  await page.route(/assets\/SweepView-.*\.js/, (route) => route.abort());
  await page.keyboard.press("2");
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("A part of this page could not be loaded.");
  // As long as it does not come, it is said again.
  await alert.getByRole("button", { name: "Try again" }).click();
  await expect(alert).toContainText("A part of this page could not be loaded.");
  await page.unroute(/assets\/SweepView-.*\.js/);
  await alert.getByRole("button", { name: "Try again" }).click();
  await bench.settled();
  await expect(alert).toHaveCount(0);
  await expect(page.getByRole("main", { name: "Sweep" })).toBeVisible();
});

test("a worker that ends without a word is noticed, and another goes on", async ({ page }) => {
  const bench = await new Bench(page).open(OPEN);
  await page.goto("./#s=gen:normal(4096x8192,seed=1)&a=int4/128~mse(grid=400):f16&b=f32&n=1&v=1");
  await expect(bench.pane("A").getByRole("progressbar", { name: "Progress" })).toBeVisible();
  for (const worker of page.workers()) await worker.evaluate(() => self.close()).catch(() => {});
  await expect(bench.pane("A")).toContainText("The worker that computed this stopped");
  await bench.settled();
  await bench.pane("A").getByRole("button", { name: "Try again" }).click();
  await expect(bench.pane("A").getByRole("progressbar", { name: "Progress" })).toBeVisible();
  await page.goto(`./#${OPEN}`);
  await bench.settled();
  await bench.type("A", "int4/32:f16");
  expect(await bench.figure("sqnrDb", "A")).toMatch(/^\d+\.\d\d$/);
});

test("a source that could not be read is read when one tries again", async ({ page }) => {
  await page.route(/samples\//, (route) => route.abort());
  await page.goto("./");
  const problem = page.getByRole("alert", { name: "Source problem" });
  await expect(problem).toBeVisible();
  await page.unroute(/samples\//);
  await problem.getByRole("button", { name: "Try again" }).click();
  const bench = new Bench(page);
  await bench.settled();
  expect(await bench.figure("sqnrDb", "A")).toMatch(/^\d+\.\d\d$/);
});
