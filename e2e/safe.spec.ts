/** What the built page may do, and what leaves it. */
import { test as plain } from "@playwright/test";
import { pageAddress } from "./support/address.ts";
import { Bench } from "./support/bench.ts";
import { expect } from "./support/test.ts";

plain("scripts that are not its own do not run, and its forms and frames lead nowhere", async ({ page }) => {
  const bench = await new Bench(page).open("s=gen:uniform(4x4,seed=1)&a=int8/row&b=mxfp4&n=2&v=1");
  const tried = await bench.page.evaluate(async () => {
    const broken: string[] = [];
    document.addEventListener("securitypolicyviolation", (event) => broken.push(event.effectiveDirective));
    const inline = document.createElement("script");
    inline.textContent = "window.ran = true";
    const foreign = document.createElement("script");
    foreign.src = "https://example.org/x.js";
    const frame = document.createElement("iframe");
    frame.src = "https://example.org/";
    document.body.append(inline, foreign, frame);
    document.body.insertAdjacentHTML("beforeend", '<img src="https://example.org/x.png" onerror="window.ran = true">');
    const sent = await fetch("http://example.org/", { method: "POST", body: "weights" }).catch(() => "refused");
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { ran: "ran" in window, sent, broken: [...new Set(broken)].sort() };
  });
  expect(tried).toEqual({
    ran: false,
    sent: "refused",
    broken: ["connect-src", "frame-src", "img-src", "script-src-attr", "script-src-elem"],
  });
});

plain("a tour of the page asks its own folder for files, and nobody else for anything", async ({ page, context }) => {
  const asked: string[] = [];
  context.on("request", (request) => asked.push(`${request.method()} ${request.url()}`));
  const bench = await new Bench(page).open();
  for (const key of ["2", "3", "1"]) {
    await page.keyboard.press(key);
    await bench.settled();
  }
  for (const [key, name] of [
    ["u", "Open an address"],
    ["g", "Generate numbers"],
    ["?", "Keys and gestures"],
  ]) {
    await page.keyboard.press(key);
    await expect(page.getByRole("dialog", { name })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
  }
  await bench.menu(/^Source/, /ESRGAN/);
  await bench.type("A", "rht(32,seed=1)+nf4/64:f16");
  await bench.copyLink();
  const own = `GET ${pageAddress.href}`;
  const foreign = asked.filter((line) => !line.startsWith(own) && !/^GET (blob|data):/.test(line));
  expect(foreign).toEqual([]);
  expect(asked.length).toBeGreaterThan(20);
});
