/**
 * The page and the command line on the same file: processor seconds until the figures of two recipes are there. Those of
 * a tiny tensor are taken off on both sides, so that what is compared is the work on the tensor and not how a program
 * or a browser starts. Seconds on the processor, of all of a browser's processes, are steadier than those on the wall.
 */
import { execFile } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser, Page } from "@playwright/test";
import { generate } from "../../workers/sources/generators.ts";
import { Bench } from "../support/bench.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const RECIPES = ["nvfp4", "int4/64:f16"] as const;
const TINY = { rows: 8, cols: 64 };
const PATIENCE = 600_000;

interface Shape {
  rows: number;
  cols: number;
}

/** Seconds on the processor, and on the wall. */
interface Spent {
  processor: number;
  wall: number;
}

export interface Comparison extends Shape {
  page: Spent;
  command: Spent;
  /** Seconds of the page by those of the command line, a tiny tensor's taken off both; the page computes A and B at once. */
  ratio: Spent;
}

const less = (a: Spent, b: Spent): Spent => ({ processor: a.processor - b.processor, wall: a.wall - b.wall });

/** A safetensors file of one BF16 tensor: a piece of Gaussian values, over and over. */
async function writeTensor(path: string, { rows, cols }: Shape): Promise<void> {
  const total = 2 * rows * cols;
  const values = generate({
    name: "normal",
    rows: 1,
    cols: Math.min(rows * cols, 2 ** 20),
    seed: 1,
    params: { std: 1 },
  });
  const upper = new Uint32Array((await values.read(0, values.info.elements)).buffer).map((bits) => bits >>> 16);
  const piece = new Uint8Array(Uint16Array.from(upper).buffer);
  const header = JSON.stringify({ w: { dtype: "BF16", shape: [rows, cols], data_offsets: [0, total] } });
  const text = new TextEncoder().encode(header.padEnd(Math.ceil(header.length / 8) * 8));
  const length = new Uint8Array(new BigUint64Array([BigInt(text.length)]).buffer);
  const file = await open(path, "w");
  try {
    await file.write(length);
    await file.write(text);
    for (let at = 0; at < total; at += piece.length)
      await file.write(piece.subarray(0, Math.min(piece.length, total - at)));
  } finally {
    await file.close();
  }
}

/** What `quantize` takes, by the process's own account, for both recipes one after the other. */
async function spentByCommand(file: string): Promise<Spent> {
  const account =
    "data:text/javascript,process.on('exit',()=>{const{user,system}=process.cpuUsage();process.stderr.write('spent '+(user+system))})";
  const spent = { processor: 0, wall: 0 };
  for (const recipe of RECIPES) {
    const started = performance.now();
    const { stderr } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", "--import", account, "workers/cli/main.ts", "quantize", file, "--recipe", recipe, "--json"],
      { cwd: root },
    );
    spent.wall += (performance.now() - started) / 1000;
    spent.processor += Number(/spent (\d+)/.exec(stderr)![1]) / 1e6;
  }
  return spent;
}

/** Processor seconds of all processes of the browser so far. */
async function processorOf(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

/** What the page takes from the drop of the file to the figures of both recipes, in a page that was just opened. */
async function spentByPage(browser: Browser, baseURL: string, file: string): Promise<Spent> {
  const page = await browser.newPage({ baseURL, viewport: { width: 1440, height: 900 } });
  try {
    const bench = new Bench(page);
    await bench.open(`s=gen:normal(4x4,seed=1)&a=${RECIPES[0]}&b=${RECIPES[1]}&n=2&v=1`);
    const before = await processorOf(browser);
    const started = performance.now();
    await bench.drop(file);
    await figures(page);
    return { processor: (await processorOf(browser)) - before, wall: (performance.now() - started) / 1000 };
  } finally {
    await page.close();
  }
}

/**
 * Waits until A and B have figures of the dropped file; where the page asks how much of it to show, all of it. Looks once
 * a frame and no deeper than that, so that looking costs little.
 */
async function figures(page: Page): Promise<void> {
  await page.waitForFunction(
    () => {
      const all = [...document.querySelectorAll("dialog button, [role=dialog] button")].find(
        (button) => button.textContent === "Show all of it",
      );
      if (all) (all as HTMLButtonElement).click();
      const shown = ["a", "b"].every((side) =>
        /\d/.test(document.querySelector(`[data-metric="mse-${side}"]`)?.textContent ?? ""),
      );
      return (
        shown && document.querySelector("h2")?.textContent === "w" && document.documentElement.dataset.idle === "true"
      );
    },
    null,
    { timeout: PATIENCE },
  );
}

/** Both on a tensor of that shape, and on a tiny one. Rejects where the command line or the page fails. */
export async function againstCommand(browser: Browser, baseURL: string, shape: Shape): Promise<Comparison> {
  const folder = await mkdtemp(join(tmpdir(), "quantscope-bench-"));
  try {
    const file = async (name: string, of: Shape) => {
      const path = join(folder, name);
      await writeTensor(path, of);
      return path;
    };
    const tiny = await file("tiny.safetensors", TINY);
    const large = await file("large.safetensors", shape);
    const page = less(await spentByPage(browser, baseURL, large), await spentByPage(browser, baseURL, tiny));
    const command = less(await spentByCommand(large), await spentByCommand(tiny));
    const ratio = { processor: page.processor / command.processor, wall: page.wall / command.wall };
    return { ...shape, page, command, ratio };
  } finally {
    await rm(folder, { recursive: true });
  }
}
