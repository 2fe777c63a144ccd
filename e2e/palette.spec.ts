/** The command palette: every action, view, tensor, sample and named recipe, by keyboard, mouse and thumb. */
import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./support/test.ts";

const BENCH = "s=gen:normal(64x128,seed=1)&a=nvfp4&b=int4/64:f16&n=1&v=1";

test("one key from anywhere; typing finds, arrows choose, Enter does it", async ({ bench }) => {
  const { page } = bench;
  await bench.open(BENCH);
  const field = page.getByRole("combobox", { name: /^Find an action/ });
  const active = () => page.locator('[role=option][aria-selected="true"]');

  // From a field that is being typed in, too.
  await bench.recipe("A").focus();
  await page.keyboard.press("Control+k");
  await expect(field).toBeFocused();
  await expect(active()).toHaveCount(1);
  await page.keyboard.type("formats");
  await expect(active()).toContainText("Show Formats");
  await expect(field).toHaveAttribute("aria-activedescendant", (await active().getAttribute("id"))!);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main", { name: "Formats" })).toBeVisible();
  await bench.settled();

  // What takes the focus elsewhere gets it.
  await page.keyboard.press("1");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("edit b");
  await expect(active()).toContainText("Edit recipe B");
  await page.keyboard.press("Enter");
  await expect(bench.recipe("B")).toBeFocused();
  await page.keyboard.press("Control+k");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(bench.recipe("B")).toBeFocused();

  // A named recipe, and another dialog.
  await page.keyboard.press("Control+k");
  await page.keyboard.type("mxfp8 as b");
  await page.keyboard.press("Enter");
  await bench.settled();
  await expect(bench.recipe("B")).toHaveValue("mxfp8");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("generate");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Generate numbers" })).toBeVisible();
});

test("what is typed before it has come is for it, and Enter means what was typed", async ({ bench }) => {
  const { page } = bench;
  await page.route(/\/Palette-.*\.js/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 800));
    await route.continue();
  });
  await bench.open(BENCH);
  await bench.recipe("A").focus();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("mxfp8 as b");
  await page.keyboard.press("Enter");
  await expect(bench.recipe("B")).toHaveValue("mxfp8");
  await expect(bench.recipe("A")).toHaveValue("nvfp4");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  // Faster than the list is.
  await page.keyboard.press("Control+k");
  await page.keyboard.type("nf4 as a");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await bench.settled();
  await expect(bench.recipe("A")).toHaveValue(/nf4/);
});

test("tensors are found by pieces of their names; what cannot be done now says so", async ({ bench }) => {
  const { page } = bench;
  await bench.open();
  await page.keyboard.press("Control+k");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("option", { name: /^Redo/ })).toHaveAttribute("aria-disabled", "true");
  await page.keyboard.type("linear w_0");
  await expect(dialog.getByRole("status")).toContainText(/found/);
  const option = dialog.getByRole("option").filter({ hasText: "Tensor" }).nth(2);
  const name = (await option.getByTitle(/./).getAttribute("title"))!;
  await option.click();
  await bench.settled();
  await expect(bench.heading).toHaveText(name);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("zzzzqqq");
  await expect(dialog.getByRole("status")).toHaveText(/^Nothing/);
  await page.keyboard.press("Enter");
  await expect(dialog).toBeVisible();
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in ${colorScheme}`, () => {
    test.use({ colorScheme });
    test("axe finds nothing in it, or in the help", async ({ bench }) => {
      const { page } = bench;
      await bench.open(BENCH);
      for (const key of ["Control+k", "?"]) {
        await page.keyboard.press(key);
        await expect(page.getByRole("dialog")).toBeVisible();
        await bench.settled();
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect.soft(violations.map((v) => `${key} ${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160))}`)).toEqual([]);
        await page.keyboard.press("Escape");
        await expect(page.getByRole("dialog")).toHaveCount(0);
      }
    });
  });
}

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  test("buttons in the header open it and the help, which tells what fingers do", async ({ bench }) => {
    const { page } = bench;
    await bench.open(BENCH);
    await page.getByRole("button", { name: /^Find an action/ }).tap();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByRole("option").first()).toBeVisible();
    const box = (await dialog.boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(390);
    for (const option of (await dialog.getByRole("option").all()).slice(0, 5))
      expect((await option.boundingBox())!.height).toBeGreaterThanOrEqual(43.5);
    await dialog.getByRole("combobox").fill("sweep");
    await dialog.getByRole("option", { name: /Show Sweep/ }).tap();
    await expect(page.getByRole("main", { name: "Sweep" })).toBeVisible();
    await page.getByRole("button", { name: /^Help/ }).tap();
    await expect(dialog.getByRole("heading", { name: "By touch" })).toBeInViewport();
  });
});
