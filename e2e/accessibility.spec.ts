/** axe finds nothing: every view, every dialog, both themes. */
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "./support/test.ts";

const BENCH = "s=gen:normal(64x128,seed=1)&a=rht(64,seed=1)+nvfp4&b=int4/64:f16&n=2&v=1";

/** Looks at the whole page, or only within what has opened on it. */
async function clean(page: Page, what: string | null, ...within: string[]): Promise<void> {
  const axe = within.reduce((builder, part) => builder.include(part), new AxeBuilder({ page }));
  // The themes differ in their colours only.
  const dark = (await page.locator("html").getAttribute("data-theme")) === "dark";
  const { violations } = await (dark ? axe.withRules(["color-contrast", "link-in-text-block"]) : axe).analyze();
  const found = violations.map(
    (v) => `${what}: ${v.id}: ${v.help}: ${v.nodes.map((n) => n.html.slice(0, 160)).join("; ")}`,
  );
  expect.soft(found).toEqual([]);
}

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in ${colorScheme}`, () => {
    test.use({ colorScheme });

    test("bench: at rest, with a marked element, a mistake and tables", async ({ bench }) => {
      const { page } = bench;
      await bench.open(BENCH);
      await expect(page.locator("html")).toHaveAttribute("data-theme", colorScheme);
      await clean(page, "at rest");
      await page.keyboard.press("Alt+ArrowRight");
      await bench.recipe("A").fill("int4/banana");
      await bench.recipe("A").press("Escape");
      for (const table of await page.getByRole("button", { name: /^Table/ }).all()) await table.click();
      await bench.settled();
      await clean(page, "with a mark, a mistake and tables");
      await bench.recipe("B").fill("int");
      await expect(page.getByRole("listbox")).toBeVisible();
      await clean(page, "with completions", "[role=listbox]", "[role=combobox]");
    });

    test("formats", async ({ bench }) => {
      await bench.open(`${BENCH.replace("&n=", "&tab=formats&f=e2m3&f2=nf4&n=")}`);
      await expect(bench.page.getByRole("main", { name: "Formats" })).toBeVisible();
      await clean(bench.page, "formats");
    });

    test("dialogs", async ({ bench }) => {
      const { page } = bench;
      await bench.open(BENCH);
      for (const key of ["n", "g", "d", "s", "?", "p", "Shift+E"]) {
        await page.keyboard.press(key);
        await expect(page.getByRole("dialog")).toBeVisible();
        await bench.settled();
        const heading = await page.getByRole("dialog").getByRole("heading").first().textContent();
        await clean(page, heading, "[role=dialog]");
        await page.keyboard.press("Escape");
        await expect(page.getByRole("dialog")).toHaveCount(0);
      }
    });

    test("menus and options", async ({ bench }) => {
      const { page } = bench;
      await bench.open(BENCH);
      for (const menu of [/^Source/, /^Export$/]) {
        await page.getByRole("button", { name: menu }).click();
        await expect(page.getByRole("menu")).toBeVisible();
        await clean(page, `menu ${menu}`, "[role=menu]");
        await page.keyboard.press("Escape");
        await expect(page.getByRole("menu")).toHaveCount(0);
      }
      await page.getByRole("button", { name: "A options" }).click();
      await expect(page.getByRole("dialog", { name: "Options of recipe A" })).toBeVisible();
      await clean(page, "options", "[role=dialog]");
    });

    test("messages and cells", async ({ bench }) => {
      const { page } = bench;
      await bench.open("s=text:1 2 3 4%0A5 6 7 8&a=int4/4&b=mxfp4&colour=red&n=2&v=1");
      await expect(page.getByRole("alert").first()).toBeVisible();
      await bench.settled();
      await clean(page, "cells and messages");
    });
  });
}

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  test("bench and formats", async ({ bench }) => {
    await bench.open(BENCH);
    await clean(bench.page, "bench");
    await bench.page.getByRole("button", { name: "Formats" }).click();
    await bench.settled();
    await clean(bench.page, "formats");
  });
});
