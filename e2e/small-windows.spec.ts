/** Small windows and frames: nothing is squeezed, nothing overlaps, nothing scrolls sideways; the view scrolls instead. */
import { expect, type Page, test } from "./support/test.ts";

const BENCH = "s=gen:normal(64x128,seed=1)&a=nvfp4&b=int4/64:f16";
const views = {
  bench: `${BENCH}&n=1&v=1`,
  sweep: `${BENCH}&g=(int4,nf4)/(32,64):f16;mxfp4&tab=sweep&n=1&v=1`,
  model: "s=sample:small-llama&tab=model&ln=16&lw=1&n=2&v=1",
  formats: `${BENCH}&tab=formats&f=e2m3&f2=int6&n=1&v=1`,
};

/** Pixels that something is wider than its place. */
const sideways = (page: Page) =>
  page.evaluate(() =>
    Math.max(
      ...[document.documentElement, ...document.querySelectorAll("main, main > div, main > div > div")].map((e) =>
        getComputedStyle(e).overflowX === "visible" && e !== document.documentElement
          ? 0
          : e.scrollWidth - e.clientWidth,
      ),
    ),
  );

/** Drawings that are too small to be read, by their chart. */
const squeezed = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("figure[data-chart]")].flatMap((figure) => {
      const { width, height } = figure.getBoundingClientRect();
      return width > 0 && (width < 180 || height < 150) ? [`${figure.dataset.chart} ${width} x ${height}`] : [];
    }),
  );

/** Pairs of panes that lie over each other. */
const overlapping = (page: Page) =>
  page.evaluate(() => {
    const panes = [...document.querySelectorAll<HTMLElement>("main .pane")].filter((p) => p.offsetWidth > 0);
    return panes.flatMap((a, i) =>
      panes.slice(i + 1).flatMap((b) => {
        if (a.contains(b) || b.contains(a)) return [];
        const [p, q] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
        const over =
          Math.min(p.right, q.right) - Math.max(p.left, q.left) > 1 &&
          Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 1;
        return over ? [`${a.outerHTML.slice(0, 90)} and ${b.outerHTML.slice(0, 90)}`] : [];
      }),
    );
  });

for (const [width, height] of [
  [1440, 900],
  [1024, 768],
  [900, 600],
  [620, 420],
]) {
  test.describe(`at ${width} x ${height}`, () => {
    test.use({ viewport: { width, height } });
    for (const [view, link] of Object.entries(views)) {
      test(`${view}: charts keep their size, and the view scrolls`, async ({ bench }) => {
        const { page } = bench;
        await bench.open(link);
        await expect(page.locator("figure[data-chart]").first()).toBeVisible();
        expect(await sideways(page)).toBeLessThanOrEqual(0);
        expect(await squeezed(page)).toEqual([]);
        expect(await overlapping(page)).toEqual([]);
        const last = page.locator("figure[data-chart]").last();
        await last.scrollIntoViewIfNeeded();
        await expect(last).toBeInViewport({ ratio: 0.4 });
      });
    }
  });
}

test("the header has room for everything in a narrow window", async ({ bench }) => {
  await bench.page.setViewportSize({ width: 880, height: 600 });
  await bench.open(views.bench);
  const header = bench.page.getByRole("banner");
  for (const button of await header.getByRole("button").all()) await expect(button).toBeInViewport({ ratio: 1 });
});

test("links past the header lead to the view, the tensors and the recipes, and keep the address", async ({ bench }) => {
  const { page } = bench;
  await bench.open(views.bench);
  const address = page.url();
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the view" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport({ ratio: 1 });
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
  await page.reload();
  await bench.settled();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("searchbox", { name: "Filter tensors" })).toBeFocused();
  expect(page.url()).toBe(address);
});

test("long messages fold, and many give way to the newest", async ({ bench }) => {
  const { page } = bench;
  await page.setViewportSize({ width: 900, height: 600 });
  // One sentence a damaged part, one about what this page does not know, and a long one about what makes no sense.
  const wrong = "z w by on u m shape part gm gp gb".split(" ").map((key) => `${key}=q`);
  await bench.open(`${BENCH}&map&vals&f2&odd=1&${wrong.join("&")}&n=1&v=1`);
  const messages = page.getByRole("region", { name: "Messages" });
  await expect(messages.getByRole("alert")).toHaveCount(3);
  const long = messages.getByRole("alert").filter({ hasText: "made no sense" });
  const folded = (await long.boundingBox())!.height;
  await long.getByRole("button", { name: "All of it" }).click();
  await expect.poll(async () => (await long.boundingBox())!.height).toBeGreaterThan(folded);
  await messages.getByRole("button", { name: "1 older message" }).click();
  await expect(messages.getByRole("alert")).toHaveCount(4);
  const box = (await messages.boundingBox())!;
  expect(box.height).toBeLessThanOrEqual(600 * 0.7 + 1);
});
