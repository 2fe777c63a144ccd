/** What a newcomer meets: a real tensor's error, soon, from a small page. */
import { gzipSync } from "node:zlib";
import { unlessBusy, within } from "../workers/testing/busy.ts";
import { expect, test } from "./support/test.ts";

test("shows a real tensor's error within three seconds of opening", async ({ bench }) =>
  unlessBusy(
    (reason) => test.skip(true, reason),
    async () => {
      await bench.page.addInitScript(() => {
        // The moment at which the first figure stands in the table, on the page's own clock.
        const watch = new MutationObserver(() => {
          const text = document.querySelector('[data-metric="sqnrDb-a"]')?.textContent ?? "";
          if (!/\d/.test(text)) return;
          performance.mark("first figure");
          watch.disconnect();
        });
        watch.observe(document, { childList: true, subtree: true, characterData: true });
      });
      await bench.open();
      await expect(bench.heading).toHaveText("conv2d_180.w_0");
      await expect(bench.page.getByRole("button", { name: "Source: PP-OCRv4 text recogniser" })).toBeVisible();
      expect(await bench.figure("sqnrDb", "A")).toMatch(/^\d+\.\d\d$/);
      expect(await bench.figure("sqnrDb", "B")).toMatch(/^\d+\.\d\d$/);
      const after = await bench.page.evaluate(() => performance.getEntriesByName("first figure")[0].startTime);
      console.log(`  first figure after ${Math.round(after)} ms`);
      within(after, 3000, "the first figure");
    },
  ));

test("loads less than 300 kB of code, compressed", async ({ bench }) => {
  const texts = new Map<string, Promise<Buffer>>();
  bench.page.on("response", (response) => {
    if (/javascript|css|html/.test(response.headers()["content-type"] ?? ""))
      texts.set(response.url(), response.body());
  });
  await bench.open();
  const bodies = await Promise.all(texts.values());
  expect(bodies.length).toBeGreaterThan(3);
  const kilobytes = bodies.reduce((sum, body) => sum + gzipSync(body).length, 0) / 1000;
  console.log(`  first load ${kilobytes.toFixed(0)} kB of HTML, CSS and JavaScript, compressed`);
  expect(kilobytes).toBeLessThan(300);
});

test("fits one screen without scrolling and says where it computes", async ({ bench }) => {
  await bench.open();
  const overflow = await bench.page.evaluate(() => {
    const { scrollHeight, clientHeight, scrollWidth, clientWidth } = document.documentElement;
    return [scrollHeight - clientHeight, scrollWidth - clientWidth];
  });
  expect(overflow).toEqual([0, 0]);
  await expect(bench.page.getByRole("combobox", { name: "computes on" })).toBeVisible();
});
