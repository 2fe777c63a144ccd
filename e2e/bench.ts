/**
 * `npm run bench:page`: what a person waits for on the page with 16.7 M values and no GPU, in this machine's Chromium.
 * From a changed recipe A to its figures, and a sweep of many recipes with its first points; then a file, beside the
 * command line on the same file. Prints tables and a line of JSON; measures the page as `npm run build` left it.
 */
import "../kernels/notation/all.ts";
import { cpus } from "node:os";
import { type Browser, chromium, type Page } from "@playwright/test";
import { preview } from "vite";
// @ts-expect-error: plain JavaScript, shared with the test command.
import { findChromium } from "../.ci/chromium.mjs";
import { expandSweep, parseSweep } from "../kernels/sweep/index.ts";
import { againstCommand } from "./bench/against-command.ts";
import { Bench } from "./support/bench.ts";

const PORT = Number(process.env.E2E_PORT ?? 4188);
const TENSOR = process.env.TENSOR ?? "gen:normal(4096x4096,seed=1)";
const RECIPES =
  process.env.RECIPES ??
  "int4/128 mxfp4 nvfp4~mx(even):e4m3 nf4/64 e4m3/row int4(asym)/128:f16 int4/16:f16 int4@sr(seed=1)/64 bnb_nf4 e2m1/16:ue5m3";
const GRID =
  process.env.GRID ??
  "(int3,int4,int5,int6,int8,int4(asym),nf4,e2m1,e2m3,e4m3)/(16,32,64,128,row):(f32,f16,e8m0,e4m3/tensor)";
/** Sides of the square files that are given to the page and to the command line. */
const FILES = (process.env.FILES ?? "4096 8192").split(" ").map(Number);
const COUNT = expandSweep(parseSweep(GRID)).recipes.length;

/** Milliseconds from the end of a change to the text of A to other figures under it. */
async function changeA(page: Page, recipe: string): Promise<number> {
  return page.evaluate(async (text) => {
    const figure = () => document.querySelector('[data-metric="mse-a"]')?.textContent;
    const input = document.querySelector<HTMLInputElement>("input[role=combobox]")!;
    const before = figure();
    input.focus();
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")!.set!.call(input, text);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    const start = performance.now();
    // Whoever leaves the field means it: nothing waits for further letters.
    input.blur();
    for (;;) {
      await new Promise(requestAnimationFrame);
      if (figure() !== before) return performance.now() - start;
      if (performance.now() - start > 60_000) throw new Error(`no figures for ${text}`);
    }
  }, recipe);
}

/** Seconds until the first, the tenth and the last point of a sweep. */
async function sweep(page: Page): Promise<{ points: number; first: number; tenth: number; last: number }> {
  const grid = page.getByRole("textbox", { name: "Grid" });
  await grid.fill(GRID);
  // The grid was read, and says what it makes.
  await page
    .getByRole("status")
    .filter({ hasText: `${COUNT} recipes` })
    .waitFor();
  return page.evaluate(async (wanted) => {
    const points = () => {
      const label = [...document.querySelectorAll("button")].find((b) => /^Points/.test(b.textContent ?? ""));
      return Number(/\d+/.exec(label?.textContent ?? "0")?.[0] ?? 0);
    };
    const button = () =>
      [...document.querySelectorAll("button")].find((b) => /^Run/.test(b.textContent ?? "") && !b.disabled);
    while (!button()) await new Promise(requestAnimationFrame);
    const start = performance.now();
    button()!.click();
    let [first, tenth] = [0, 0];
    // Points of the sweep before are still shown when the button is pressed.
    while (points() >= wanted) await new Promise(requestAnimationFrame);
    for (;;) {
      await new Promise(requestAnimationFrame);
      const seconds = (performance.now() - start) / 1000;
      const n = points();
      if (n > 0 && first === 0) first = seconds;
      if (n >= 10 && tenth === 0) tenth = seconds;
      if (n >= wanted) return { points: n, first, tenth, last: seconds };
      if (seconds > 120) throw new Error(`only ${n} points after two minutes`);
    }
  }, COUNT);
}

const rounded = (x: number) => Number(x.toFixed(2));

async function measure(browser: Browser) {
  const page = await browser.newPage({ baseURL: `http://127.0.0.1:${PORT}/`, viewport: { width: 1440, height: 900 } });
  // tsx names functions through a helper that the page does not have.
  await page.addInitScript("globalThis.__name ??= (f) => f");
  const bench = new Bench(page);
  const link = `s=${TENSOR}&a=nvfp4&b=int4/64:f16`;
  await bench.open(`${link}&n=2&v=1`);
  const changes: { recipe: string; ms: number }[] = [];
  for (const recipe of RECIPES.split(" ")) {
    changes.push({ recipe, ms: Math.round(await changeA(page, recipe)) });
    await bench.settled();
  }
  console.log("Milliseconds from a changed recipe A to its figures:");
  console.table(changes);
  await page.goto("about:blank");
  await bench.open(`${link}&g=int4/64&tab=sweep&n=2&v=1`);
  const { points, first, tenth, last } = await sweep(page);
  console.log("A sweep, seconds to its points:");
  console.table([{ points, first, tenth, last }]);
  return { changes, sweep: { points, first: rounded(first), tenth: rounded(tenth), last: rounded(last) } };
}

async function compare(browser: Browser) {
  const files = [];
  for (const side of FILES)
    files.push(await againstCommand(browser, `http://127.0.0.1:${PORT}/`, { rows: side, cols: side }));
  console.log(
    "A file of BF16 values, to the figures of A and B: seconds beyond those of a tiny one, and page by command:",
  );
  console.table(
    files.map(({ rows, page, command, ratio }) => ({
      side: rows,
      "page, processor": rounded(page.processor),
      "command, processor": rounded(command.processor),
      ratio: rounded(ratio.processor),
      "page, wall": rounded(page.wall),
      "command, wall": rounded(command.wall),
      "ratio, wall": rounded(ratio.wall),
    })),
  );
  return files;
}

async function main(): Promise<void> {
  const server = await preview({
    build: { outDir: process.env.E2E_DIST ?? "dist" },
    preview: { host: "127.0.0.1", port: PORT, strictPort: true },
  });
  const args = ["--headless=new", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  if (process.getuid?.() === 0) args.push("--no-sandbox");
  const browser = await chromium.launch({ executablePath: findChromium(), args, headless: false });
  try {
    const machine = `${cpus()[0].model}, ${cpus().length} cores`;
    console.log(`${new Date().toISOString().slice(0, 10)}, ${machine}, Chromium ${browser.version()}, ${TENSOR}`);
    const measured = await measure(browser);
    const files = await compare(browser);
    console.log(JSON.stringify({ date: new Date().toISOString(), machine, tensor: TENSOR, ...measured, files }));
  } finally {
    await browser.close();
    await server.close();
  }
}

await main();
process.exit();
