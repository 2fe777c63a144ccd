/** A newcomer's first minute: what this is, experiments to start from, terms that explain themselves, a way back. */
import { expect, test } from "./support/test.ts";

test("the first screen says what it is and offers experiments, each whole", async ({ bench }) => {
  await bench.open();
  const start = bench.page.getByRole("region", { name: "Where to start" });
  await expect(start).toContainText("See what a number format does to a tensor");
  expect([await bench.recipe("A").inputValue(), await bench.recipe("B").inputValue()]).toEqual([
    "nvfp4",
    "int4/32:f16",
  ]);
  expect(await bench.figure("bitsPerWeight", "A")).toBe(await bench.figure("bitsPerWeight", "B"));
  await expect(start.getByRole("button", { name: /^FP4 against INT4/ })).toHaveAttribute("aria-current", "true");

  // Nothing moves while other values are on their way.
  await bench.page.evaluate(() => {
    const tops = new Set<number>();
    Object.assign(window, { tops });
    const read = () => {
      tops.add(Math.round(document.querySelector('section[aria-label="Recipe A"]')!.getBoundingClientRect().top));
      requestAnimationFrame(read);
    };
    read();
  });
  await start.getByRole("button", { name: "What a rotation does to outliers" }).click();
  await bench.settled();
  expect(await bench.page.evaluate(() => (window as unknown as { tops: Set<number> }).tops.size)).toBe(1);
  await expect(bench.page.getByTestId("verdict")).toContainText(/B is [78]\.\d\d dB better at the same bits/);
  await start.getByRole("button", { name: "K-quant against plain blocks" }).click();
  await bench.settled();
  await expect(bench.recipe("A")).toHaveValue("q4_k");
  await expect(bench.page.getByTestId("verdict")).toContainText(/A is \d\.\d\d dB better/);

  await start.getByRole("button", { name: "Put away where to start" }).click();
  await expect(start).toHaveCount(0);
  await bench.page.reload();
  await bench.settled();
  await expect(start).toHaveCount(0);
  await expect(bench.recipe("A")).toHaveValue("q4_k");
  await bench.menu(/^Source/, "Start afresh");
  await bench.settled();
  await expect(bench.recipe("A")).toHaveValue("nvfp4");
  await expect(bench.heading).toHaveText("conv2d_180.w_0");
  await expect(start).toBeVisible();
  const said = bench.page.getByRole("region", { name: "Messages" });
  await said.getByRole("button", { name: "Undo" }).click();
  await expect(bench.recipe("A")).toHaveValue("q4_k");
  await expect(said).not.toContainText("first visit");
  // What is offered is gone once it would undo something else.
  await bench.menu(/^Source/, "Start afresh");
  await bench.settled();
  await expect(said).toContainText("first visit");
  await bench.type("A", "mxfp4");
  await expect(said).not.toContainText("first visit");
});

test("terms explain themselves by pointer, by keyboard and by a second press", async ({ bench }) => {
  await bench.open("s=gen:normal(64x128,seed=1)&a=nvfp4&b=int4/64:f16&n=2&v=1");
  const words = bench.page.getByRole("tooltip");
  const term = (name: string) => bench.page.getByRole("rowheader").getByRole("button", { name, exact: true });
  await term("Dead").hover();
  await expect(words).toContainText("Blocks with a non-zero value whose stored scale is zero");
  await bench.page.mouse.move(5, 5);
  await expect(words).toHaveCount(0);
  // One stop of the Tab key for all of them.
  await term("SQNR").focus();
  await bench.page.keyboard.press("Enter");
  await expect(words).toContainText("6 dB more is half the error");
  await expect(term("SQNR")).toHaveAccessibleDescription(/signal to quantization noise/i);
  await bench.page.keyboard.press("ArrowDown");
  await expect(words).toHaveCount(0);
  await expect(term("Bits/weight")).toBeFocused();
  await bench.page.keyboard.press("Enter");
  await expect(words).toBeVisible();
  await bench.page.keyboard.press("Escape");
  await expect(words).toHaveCount(0);
  await expect(term("Bits/weight")).toBeFocused();
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test("a tap explains a term, and where to start leaves the figures in sight", async ({ bench }) => {
    await bench.open("s=gen:normal(64x128,seed=1)&a=nvfp4&b=int4/64:f16&n=2&v=1");
    await expect(bench.page.getByTestId("figures-a")).toBeInViewport();
    await bench.page.getByRole("button", { name: "Flushed", exact: true }).tap();
    await expect(bench.page.getByRole("tooltip")).toContainText("got the code of zero");
    const box = await bench.page.getByRole("tooltip").boundingBox();
    expect(box!.x).toBeGreaterThanOrEqual(0);
    expect(box!.x + box!.width).toBeLessThanOrEqual(390);
    await bench.page.getByRole("button", { name: "Flushed", exact: true }).tap();
    await expect(bench.page.getByRole("tooltip")).toHaveCount(0);
  });
});
