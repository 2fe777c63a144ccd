/** Long work: its progress is seen, it stops when told to, and the page goes on. */

import { unlessBusy, within } from "../workers/testing/busy.ts";
import { expect, test } from "./support/test.ts";

test("a long search shows its progress, is cancelled within a second and can be run again", async ({ bench }) =>
  unlessBusy(
    (reason) => test.skip(true, reason),
    async () => {
      const { page } = bench;
      await bench.open("s=gen:normal(64x128,seed=1)&a=nvfp4&b=int4/64:f16&n=2&v=1");
      await page.goto("./#s=gen:normal(4096x8192,seed=1)&a=int4/128~shrink(grid=400):f16&b=f32&n=2&v=1");
      const progress = bench.pane("A").getByRole("progressbar", { name: "Progress" });
      await expect(progress).toHaveAttribute("value", /^0?\.\d+$/);
      await expect(bench.pane("A")).toContainText(/\d+ %/);
      // The page answers while its workers compute.
      await page.getByRole("button", { name: /light and dark/ }).click();
      await page.getByRole("button", { name: /light and dark/ }).click();

      const took = await page.evaluate(async () => {
        const pane = document.querySelector('section[aria-label="Recipe A"]')!;
        const from = performance.now();
        const button = [...pane.querySelectorAll("button")].find((b) => b.textContent?.startsWith("Cancel"))!;
        button.click();
        while (!pane.textContent?.includes("Cancelled.")) await new Promise(requestAnimationFrame);
        return performance.now() - from;
      });
      console.log(`  cancelled on the page after ${took.toFixed(0)} ms`);
      within(took, 1000, "cancelling");
      const from = Date.now();
      await bench.menu(/^Source/, /ESRGAN/);
      await bench.settled();
      await bench.type("A", "int4/64:f16");
      expect(await bench.figure("sqnrDb", "A")).toMatch(/^\d+\.\d\d$/);
      // The workers had let go of the search: another tensor did not wait for it.
      within(Date.now() - from, 10_000, "another tensor");
    },
  ));

test("what was cancelled by Escape is offered to be run", async ({ bench }) => {
  const { page } = bench;
  await bench.open("s=gen:normal(64x128,seed=1)&a=nvfp4&b=int4/64:f16&n=2&v=1");
  await page.goto("./#s=gen:normal(2048x2048,seed=1)&a=int4/128~shrink(grid=400):f16&b=f32&n=2&v=1");
  await expect(bench.pane("A").getByRole("progressbar")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(bench.pane("A")).toContainText("Cancelled.");
  await bench.pane("A").getByRole("button", { name: "Run" }).click();
  await expect(bench.pane("A").getByRole("progressbar")).toBeVisible();
  // A newer recipe replaces the one that runs.
  await bench.type("A", "int4/128:f16");
  expect(await bench.figure("sqnrDb", "A")).toMatch(/^\d+\.\d\d$/);
});
