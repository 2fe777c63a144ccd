/** The Formats view: any format on a line, its codes as bits, its design by sliders, beside another, and to the Bench. */
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "./support/test.ts";

const open = (f: string, f2: string, more = "") =>
  `s=gen:uniform(4x4,seed=1)&a=nvfp4&b=int4/64:f16&tab=formats&f=${f}&f2=${f2}${more}&n=1&v=1`;

const format = (page: Page) => page.getByRole("combobox", { name: "Format", exact: true });
const other = (page: Page) => page.getByRole("combobox", { name: "Compare with", exact: true });
const facts = (page: Page) => page.getByRole("table", { name: "Range and precision" });
const slider = (page: Page, name: string) => page.getByRole("slider", { name, exact: true });

test("bits are switched, and the value answers", async ({ bench }) => {
  const { page } = bench;
  await bench.open(open("e2m1", "int4"));
  const codes = page.getByRole("region", { name: "Codes of e2m1" });
  await expect(facts(page)).toContainText("6");
  const before = await codes.textContent();
  await codes.getByRole("button").first().click();
  await expect.poll(() => codes.textContent()).not.toBe(before);
});

test("typing is live; a mistake is said under the field while the last valid format stays; the link holds both", async ({
  bench,
}) => {
  const { page } = bench;
  await bench.open(open("e4m3", "e5m2"));
  // Without Enter, and without leaving the field.
  await format(page).fill("e3m2(bias=2)");
  await bench.settled();
  await expect(facts(page)).toContainText("e3m2(bias=2)");
  expect(decodeURIComponent(page.url())).toContain("f=e3m2(bias=2)");
  await format(page).fill("e99m2");
  await expect(format(page)).toHaveAttribute("aria-invalid", "true");
  await expect(format(page)).toHaveAccessibleDescription(/e99m2/);
  await bench.settled();
  await expect(facts(page)).toContainText("e3m2(bias=2)");
  await expect(page.getByRole("region", { name: "Format", exact: true })).toContainText("last valid");
  await format(page).press("Escape");
  await format(page).press("Escape");
  await expect(format(page)).toHaveValue("e3m2(bias=2)");
  await other(page).fill("codebook(-1,0,0.5,1)");
  await bench.settled();
  await expect(facts(page)).toContainText("codebook(-1,0,0.5,1)");
  await page.getByRole("button", { name: "Compare with nothing" }).click();
  await bench.settled();
  await expect(facts(page)).not.toContainText("codebook");
  await page.reload();
  await bench.settled();
  await expect(format(page)).toHaveValue("e3m2(bias=2)");
  await expect(other(page)).toHaveValue("");
});

test("sliders and text follow each other, by keyboard too", async ({ bench }) => {
  const { page } = bench;
  await bench.open(open("e2m1", "int4"));
  await slider(page, "Format exponent bits").focus();
  await page.keyboard.press("ArrowRight");
  await bench.settled();
  await expect(format(page)).toHaveValue("e3m1");
  await slider(page, "Format mantissa bits").fill("10");
  await expect(format(page)).toHaveValue("e3m10");
  await slider(page, "Format exponent bits").fill("5");
  await page.getByRole("combobox", { name: "Format top codes" }).selectOption("ieee");
  await bench.settled();
  await expect(format(page)).toHaveValue("f16");
  await slider(page, "Format bias").fill("12");
  await page.getByRole("checkbox", { name: "Format sign bit" }).uncheck();
  await bench.settled();
  await expect(format(page)).toHaveValue("ue5m10(bias=12,top=ieee)");
  await format(page).fill("e4m3fnuz");
  await bench.settled();
  await expect(slider(page, "Format exponent bits")).toHaveValue("4");
  await expect(slider(page, "Format bias")).toHaveValue("8");
  await expect(page.getByRole("combobox", { name: "Format top codes" })).toHaveValue("fnuz");
  await slider(page, "Compare with bits").fill("3");
  await page.getByRole("combobox", { name: "Compare with range" }).selectOption("asym");
  await bench.settled();
  await expect(other(page)).toHaveValue("int3(asym)");
  // Changes in quick succession are one step of undo.
  await page.waitForTimeout(1300);
  await page.getByRole("combobox", { name: "Compare with kind" }).selectOption("table");
  await bench.settled();
  await expect(other(page)).toHaveValue("codebook(0,1,2,3,4,5,6,7)");
  // A walk of undo, as on the Bench.
  await page
    .locator("h2")
    .first()
    .evaluate((h) => (document.activeElement as HTMLElement | null)?.blur() ?? h);
  await page.keyboard.press("Control+z");
  await bench.settled();
  await expect(other(page)).toHaveValue("int3(asym)");
});

test("the worst error between two levels is exact, wherever the window ends", async ({ bench }) => {
  const { page } = bench;
  for (const width of [1440, 1031]) {
    await page.setViewportSize({ width, height: 900 });
    await bench.open(open("e2m1", "e2m1@trunc"));
    const chart = page.getByRole("application", { name: /^Precision/ });
    await chart.focus();
    await page.keyboard.press("Home");
    // Below the least level, then gap by gap: to 0.5, to 1, to 1.5.
    for (let i = 0; i < 2; i++) await page.keyboard.press("ArrowRight");
    const figure = page.locator("figure[data-chart=precision]");
    await expect(figure).toContainText("1 to 1.5: at most 20.0 % at 1.25");
    await expect(figure).toContainText("1 to 1.5: at most 33.3 % at 1.5");
    await figure.getByRole("button", { name: /^Table of precision/ }).click();
    await expect(figure.getByRole("row", { name: /e2m1 1 1\.5\d* 0\.2/ }).first()).toBeVisible();
    await page.goto("about:blank");
  }
});

test("ranges are compared normalised, with the error on a Gaussian at the best clip", async ({ bench }) => {
  const { page } = bench;
  await bench.open(open("e2m1", "int4"));
  await expect(facts(page).getByRole("row", { name: /^Gaussian SQNR/ })).toContainText("18.97");
  await expect(facts(page).getByRole("row", { name: /^Gaussian SQNR/ })).toContainText("18.90");
  await expect(facts(page).getByRole("row", { name: /^best clip/ })).toContainText("2.922");
  const line = page.locator("figure[data-chart=format]");
  await line.getByRole("button", { name: "each scaled so that its largest level is 1" }).click();
  await bench.settled();
  await expect(line).toContainText("share of the largest");
  expect(page.url()).toContain("u=largest");
  await line.getByRole("button", { name: "each at the best clip for a Gaussian" }).click();
  await bench.settled();
  await page.reload();
  await bench.settled();
  await expect(line).toContainText("standard deviations");
  // Without a clip the reason is said.
  await format(page).fill("e4m3(sat=nan)");
  await bench.settled();
  await expect(page.locator("figure[data-chart=precision]")).toContainText("has no best clip");
});

test("a format goes to the Bench with the blocks and scales that stand there", async ({ bench }) => {
  const { page } = bench;
  await bench.open(open("e2m3(bias=2)", "nf4"));
  await page.getByRole("button", { name: "Use e2m3(bias=2) as A" }).click();
  await page.getByRole("button", { name: "Use nf4 as B" }).click();
  await expect(bench.message("Recipe B of the Bench is now nf4/64:f16.")).toBeVisible();
  await page.getByRole("button", { name: "Bench", exact: true }).click();
  await bench.settled();
  await expect(bench.recipe("A")).toHaveValue("e2m3(bias=2)/16:e4m3/tensor");
  await expect(bench.recipe("B")).toHaveValue("nf4/64:f16");
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in ${colorScheme}`, () => {
    test.use({ colorScheme });
    test("axe finds nothing with a mistake, tables and scaled ranges", async ({ bench }) => {
      const { page } = bench;
      await bench.open(open("e4m3", "nf4", "&u=clip"));
      await format(page).fill("e4m3(banana=1)");
      await format(page).press("Escape");
      for (const table of await page.getByRole("button", { name: /^Table/ }).all()) await table.click();
      await bench.settled();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160))}`)).toEqual([]);
    });
  });
}

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  test("sliders unfold, and nothing scrolls sideways", async ({ bench }) => {
    const { page } = bench;
    await bench.open(open("e2m1", "int4", "&u=clip"));
    await page.getByText("Sliders of the format").tap();
    await slider(page, "Format mantissa bits").fill("2");
    await bench.settled();
    await expect(format(page)).toHaveValue("e2m2");
    const wide = await page.evaluate(() =>
      Math.max(
        ...[document.documentElement, ...document.querySelectorAll("main")].map((e) => e.scrollWidth - e.clientWidth),
      ),
    );
    expect(wide).toBeLessThanOrEqual(0);
    const small = await page.evaluate(() =>
      [...document.querySelectorAll("main button, main select, main input, main summary")].flatMap((target) => {
        const { width, height } = target.getBoundingClientRect();
        return width === 0 || (width >= 43.5 && height >= 43.5) ? [] : [target.outerHTML.slice(0, 140)];
      }),
    );
    expect(small).toEqual([]);
  });
});
