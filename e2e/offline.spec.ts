/** After one visit the page opens without a network; a new version asks before it takes over. */
import { Bench } from "./support/bench.ts";
import { type StaticServer, serveBuild } from "./support/static.ts";
import { askedFor, expect, test } from "./support/test.ts";

test.use({ serviceWorkers: "allow" });

let server: StaticServer;
test.beforeEach(async () => {
  server = await serveBuild();
  askedFor.add(new URL(server.address).origin);
});
test.afterEach(() => server.close());

const kept = (bench: Bench) =>
  bench.page.evaluate(async () => {
    const names = (await caches.keys()).sort();
    return Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).length));
  });

test("the page and its samples open when the server is gone", async ({ page }) => {
  const bench = new Bench(page);
  await page.goto(server.address);
  await bench.settled();
  const figures = await bench.figures();
  // Two samples, after the files of the page.
  await expect.poll(async () => (await kept(bench))[1], { timeout: 30_000 }).toBe(2);

  await server.close();
  await page.reload();
  await bench.settled();
  expect(await bench.figures()).toBe(figures);
  await bench.menu(/^Source/, /ESRGAN/);
  await bench.settled();
  await expect(bench.heading).toHaveText("F_0/kernel");
  expect(await bench.figure("sqnrDb", "A")).toMatch(/^\d+\.\d\d$/);
  for (const key of ["2", "3", "1", "?"]) await page.keyboard.press(key);
  await expect(page.getByRole("dialog", { name: "Keys and gestures" })).toBeVisible();
});

test("a sample that is a model is kept when it was opened, and not before", async ({ page }) => {
  const bench = new Bench(page);
  await page.goto(server.address);
  await bench.settled();
  await expect.poll(async () => (await kept(bench))[1], { timeout: 30_000 }).toBe(2);
  await page.reload();
  await bench.settled();
  await bench.menu(/^Source/, /Small Llama, a language model A trained/);
  await bench.settled();
  await expect(bench.heading).toHaveText("model.layers.0.mlp.down_proj.weight");
  const figures = await bench.figures();
  expect((await kept(bench))[1]).toBe(3);

  await server.close();
  await page.reload();
  await bench.settled();
  expect(await bench.figures()).toBe(figures);
});

test("a new version waits until it is let in", async ({ page }) => {
  const bench = new Bench(page);
  await page.goto(server.address);
  await bench.settled();
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await page.reload();
  await bench.settled();
  await bench.type("A", "int3/32:f16");
  await page.evaluate(() => Object.assign(window, { before: true }));

  server.appended.set("service-worker.js", "\n// another build");
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  const offer = bench.message(/A new version of this page is ready/);
  await expect(offer).toBeVisible();
  expect(await page.evaluate(() => "before" in window)).toBe(true);

  await page.getByRole("button", { name: "Reload" }).click();
  await expect.poll(() => page.evaluate(() => "before" in window).catch(() => true)).toBe(false);
  await bench.settled();
  await expect(bench.recipe("A")).toHaveValue("int3/32:f16");
  await expect(offer).toHaveCount(0);
});
