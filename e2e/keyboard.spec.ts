/** The whole path by keyboard alone: nothing here touches a mouse. */
import { expect, test } from "./support/test.ts";

test("from opening to sharing without a mouse", async ({ bench, fresh }) => {
  const { page } = bench;
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  /** Moves with Tab until the focused element has the name, as a person looks for it. */
  const tabTo = async (name: RegExp, key = "Tab") => {
    for (let i = 0; i < 90; i++) {
      await press(key);
      const focused = await page.evaluate(() => {
        const e = document.activeElement;
        return e?.getAttribute("aria-label") ?? e?.textContent ?? "";
      });
      if (name.test(focused)) return;
    }
    throw new Error(`Tab does not reach ${name}`);
  };
  await bench.open("s=gen:uniform(4x4,seed=1)&a=nvfp4&b=int4/64:f16&n=2&v=1");

  // Another source, from the menu.
  await tabTo(/^Source/);
  await press("Enter");
  const esrgan = page.getByRole("menuitem", { name: /ESRGAN/ });
  await expect(esrgan).toBeVisible();
  await expect(async () => {
    await press("ArrowDown");
    await expect(esrgan).toBeFocused({ timeout: 200 });
  }).toPass();
  await press("Enter");
  await bench.settled();
  await expect(bench.heading).toHaveText("F_0/kernel");

  // Another tensor, from the tree by filter.
  await press("/");
  await expect(bench.control("Filter tensors")).toBeFocused();
  await page.keyboard.type("F_1_1");
  await press("Tab", "Home", "ArrowDown", "Enter");
  await bench.settled();
  await expect(bench.heading).toHaveText(/^F_1_1\//);

  // A recipe by completion.
  await press("a");
  await expect(bench.recipe("A")).toBeFocused();
  await press("Control+a");
  await page.keyboard.type("mxfp8");
  await press("ArrowDown", "Enter");
  await press("Enter");
  await bench.settled();
  await expect(bench.recipe("A")).toHaveValue(/^mxfp8/);
  await press("Escape");

  // The other by its controls: a letter would be typed into the field that has the focus.
  await tabTo(/^B format$/);
  const format = await bench.control("B format").inputValue();
  await page.keyboard.type("int3");
  await bench.settled();
  expect(await bench.control("B format").inputValue()).not.toBe(format);
  await expect(bench.recipe("B")).toHaveValue(/^int3/);

  // Through the heat map: step, zoom, pin; the inspector follows.
  await tabTo(/^Error map: /);
  await press("+", "+", "ArrowRight", "ArrowDown");
  await bench.settled();
  await expect(bench.inspector.getByRole("button", { name: "Pinned" })).toBeVisible();
  const title = bench.inspector.getByRole("heading", { level: 3 });
  const place = await title.textContent();
  await press("ArrowRight");
  await expect(title).not.toHaveText(place!);
  await press("Escape");
  await expect(title).toHaveText("Inspector");

  // Another view and back.
  await tabTo(/^Formats$/, "Shift+Tab");
  await press("Enter");
  await expect(page.getByRole("main", { name: "Formats" })).toBeVisible();
  await press("1");
  await expect(page.getByRole("main", { name: "Bench" })).toBeVisible();
  await bench.settled();
  const figures = await bench.figures();

  // The link.
  await press("s");
  const dialog = page.getByRole("dialog", { name: "Link to this experiment" });
  await expect(dialog).toBeVisible();
  await tabTo(/^Copy link$/);
  await press("Enter");
  await expect(dialog.getByRole("button", { name: "Copied" })).toBeVisible();
  await press("Escape");
  await expect(dialog).toHaveCount(0);
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const other = await (await fresh()).open(new URL(link).hash.slice(1));
  expect(await other.figures()).toBe(figures);
});

test("panes are resized by keys", async ({ bench }) => {
  await bench.open("s=gen:uniform(4x4,seed=1)&a=nvfp4&b=int4/64:f16&n=2&v=1");
  const handle = bench.page.getByRole("separator").first();
  await handle.focus();
  const before = (await bench.tree.boundingBox())!.width;
  await bench.page.keyboard.press("ArrowRight");
  await expect.poll(async () => (await bench.tree.boundingBox())!.width).toBeGreaterThan(before);
});

test("the codes of a format are one stop of the Tab key, and arrows walk among them", async ({ bench }) => {
  const { page } = bench;
  await bench.open("s=gen:normal(64x128,seed=1)&a=nvfp4&b=int4/64:f16&tab=formats&f=e4m3&n=2&v=1");
  const pick = (code: number) => page.getByRole("button", { name: `pick code ${code}`, exact: true });
  const codes = page.getByRole("region", { name: "Codes", exact: true });
  await expect(codes.getByRole("button")).toHaveCount(256);
  await codes.focus();
  await page.keyboard.press("Tab");
  // The picked one.
  await expect(pick(1)).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(codes.getByRole("row").filter({ has: pick(3) })).toHaveAttribute("aria-current", "true");
  await page.keyboard.press("Tab");
  await expect(codes.locator(":focus")).toHaveCount(0);
});
