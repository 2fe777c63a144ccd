/** A phone: 390 by 844, touch, a processor four times slower, and no WebGPU. */
import { expect, type Page, test } from "./support/test.ts";

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });

test.beforeEach(async ({ page }) => {
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, "gpu", { get: () => undefined }));
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
});

const overflow = (page: Page) =>
  page.evaluate(() => {
    const wide = [document.documentElement, ...document.querySelectorAll("main")];
    return Math.max(...wide.map((e) => e.scrollWidth - e.clientWidth));
  });

test("opens on the bundled sample without sideways scrolling", async ({ bench }) => {
  await bench.open();
  expect(await bench.figure("sqnrDb", "A")).toMatch(/^\d+\.\d\d$/);
  expect(await overflow(bench.page)).toBeLessThanOrEqual(0);
  await bench.page.getByRole("button", { name: "Formats" }).tap();
  await bench.settled();
  expect(await overflow(bench.page)).toBeLessThanOrEqual(0);
  // One thing scrolls, not one inside another.
  const inner = bench.page.getByRole("main").locator("> div").first();
  expect(await inner.evaluate((e) => getComputedStyle(e).overflowY)).toBe("visible");
});

test("targets are large enough for a thumb", async ({ bench }) => {
  await bench.open("s=gen:normal(64x128,seed=1)&a=nvfp4&b=int4/64:f16&n=2&v=1");
  const small = await bench.page.evaluate(() =>
    [...document.querySelectorAll("button, select, input, summary, a[href]")].flatMap((target) => {
      const { width, height } = target.getBoundingClientRect();
      // Terms in the rows of a table are as large as WCAG 2.5.8 asks: rows of 44 would push the charts out of sight.
      const least = target.matches("[data-term]") ? 24 : 43.5;
      const large = width === 0 || (width >= least && height >= least);
      return large ? [] : [`${target.outerHTML.slice(0, 140)} ${width} x ${height}`];
    }),
  );
  expect(small).toEqual([]);
});

test("a tap pins the inspector; steps and swipes move on", async ({ bench }) => {
  const { page } = bench;
  await bench.open("s=gen:normal(64x128,seed=1)&a=nvfp4&b=int4/64:f16&n=2&v=1");
  await bench.map.scrollIntoViewIfNeeded();
  await bench.map.tap();
  await bench.settled();
  const title = bench.inspector.getByRole("heading", { level: 3 });
  await expect(title).toHaveText(/^Row \d+ · column \d+$/);
  await expect(bench.inspector.getByRole("button", { name: "Pinned" })).toBeVisible();
  const column = async () => Number(/column (\d+)/.exec((await title.textContent()) ?? "")?.[1]);
  const first = await column();
  await bench.inspector.getByRole("button", { name: /next element/ }).tap();
  await expect.poll(column).toBe(first + 1);

  // A swipe to the left over the inspector brings the next element.
  await bench.inspector.scrollIntoViewIfNeeded();
  const box = (await bench.inspector.boundingBox())!;
  const session = await page.context().newCDPSession(page);
  const y = box.y + Math.min(box.height - 10, 80);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", x?: number) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints: x === undefined ? [] : [{ x, y }] });
  await touch("touchStart", box.x + 250);
  for (const x of [210, 170, 130, 90]) await touch("touchMove", box.x + x);
  await touch("touchEnd");
  await expect.poll(column).toBe(first + 2);
});

test("a recipe is changed by text and by controls, and shared", async ({ bench }) => {
  await bench.open("s=gen:normal(64x128,seed=1)&a=nvfp4&b=int4/64:f16&n=2&v=1");
  const before = await bench.figures();
  await bench.recipe("A").tap();
  await bench.type("A", "int3/32:f16");
  expect(await bench.figures()).not.toBe(before);
  await bench.page.getByText("Controls of B").tap();
  await bench.choose("B format", "e2m1");
  await expect(bench.recipe("B")).toHaveValue("e2m1/64:f16");
  expect(await bench.copyLink()).toContain("a=int3/32:f16");
});
