/** Whole files written by the page: through the browser's own storage, or to a place that was picked. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Locator, Page } from "@playwright/test";
import { unlessBusy, within } from "../workers/testing/busy.ts";
import type { Bench } from "./support/bench.ts";
import { npy, safetensors, tensor, write } from "./support/files.ts";
import { expect, test } from "./support/test.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const cli = (...args: string[]) =>
  promisify(execFile)(process.execPath, ["--import", "tsx", `${root}workers/cli/main.ts`, "export", ...args], {
    cwd: root,
  });

/** A browser without pickers, as most are. */
const withoutPicker = (page: Page) =>
  page.addInitScript(() => {
    delete (window as { showSaveFilePicker?: unknown }).showSaveFilePicker;
  });
/** A picker that gives a place in the origin's own file system: a real handle, and no window of the system. */
const withPicker = (page: Page) =>
  page.addInitScript(() => {
    const pick = async ({ suggestedName }: { suggestedName: string }) =>
      (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });
    Object.assign(window, { showSaveFilePicker: pick });
  });
/** Names and sizes of what was picked. */
const picked = (page: Page) =>
  page.evaluate(async () => {
    const found: [string, number][] = [];
    const root = await navigator.storage.getDirectory();
    for await (const entry of root.values()) {
      if (entry.kind === "file") found.push([entry.name, (await entry.getFile()).size]);
    }
    return found;
  });

async function dialogOf(bench: Bench): Promise<Locator> {
  await bench.menu(/^Export$/, "Tensor or checkpoint as a file…");
  const dialog = bench.page.getByRole("dialog", { name: "Export a file" });
  await expect(dialog.getByLabel("Recipe", { exact: true })).toBeVisible();
  return dialog;
}

test("a checkpoint, packed, byte for byte the command line's, with its config", async ({ bench }) => {
  await withoutPicker(bench.page);
  const path = write(
    "mine.safetensors",
    safetensors(tensor("a.weight", [40, 64]), tensor("b.weight", [16, 32], 2), tensor("norm", [64])),
  );
  await bench.open("a=int4/32:f16&b=nvfp4&n=2&v=1");
  await bench.drop(path);
  const dialog = await dialogOf(bench);
  await dialog.getByLabel("Tensors", { exact: true }).selectOption("all");
  await dialog.getByLabel("File", { exact: true }).selectOption("compressed-tensors");
  await expect(dialog.getByText(/2 tensors through the recipe, 1 as it is, and a config\.json/)).toBeVisible();
  const download = bench.page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Save…" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe("mine.int4_32_f16.safetensors");
  const out = test.info().outputPath("cli.safetensors");
  await cli(path, "--recipe", "int4/32:f16", "--format", "compressed-tensors", "--out", out);
  expect((await readFile(await file.path())).equals(await readFile(out))).toBe(true);
  const config = bench.page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Save config.json" }).click();
  const text = await readFile(await (await config).path(), "utf8");
  expect(text).toBe(await readFile(test.info().outputPath("cli.config.json"), "utf8"));
});

test("a picked place gets the whole file, by keyboard alone", async ({ bench }) => {
  await withPicker(bench.page);
  await bench.open("s=gen:normal(64x128,seed=1)&a=nvfp4&b=int4/64:f16&n=2&v=1");
  const { keyboard } = bench.page;
  await keyboard.press("Shift+E");
  const dialog = bench.page.getByRole("dialog", { name: "Export a file" });
  await dialog.getByLabel("File", { exact: true }).focus();
  // Arrow keys change a list without opening it; the last kind is npy.
  await keyboard.press("End");
  await expect(dialog.getByText(/32\.125 bits a weight: 1 tensor through the recipe, 0 as they are/)).toBeVisible();
  await dialog.getByLabel("Recipe", { exact: true }).press("Enter");
  await expect(dialog.getByText("Saved normal.nvfp4.npy, 32.9 kB.")).toBeVisible();
  const size = npy({ shape: [64, 128], values: new Float32Array(64 * 128) }).length;
  expect(await picked(bench.page)).toEqual([["normal.nvfp4.npy", size]]);
  await expect(dialog.getByRole("button", { name: "Done" })).toBeFocused();
  await keyboard.press("Enter");
  await expect(dialog).toHaveCount(0);
  // The dialog begins anew.
  await keyboard.press("Shift+E");
  await expect(dialog.getByRole("button", { name: "Save…" })).toBeVisible();
});

test("Escape stops the writing and leaves no file; a second one closes", async ({ bench }) =>
  unlessBusy(
    (reason) => test.skip(true, reason),
    async () => {
      await withPicker(bench.page);
      await bench.open("s=gen:normal(4096x4096,seed=1)&a=f32&b=f32&n=2&v=1");
      const dialog = await dialogOf(bench);
      await dialog.getByLabel("Recipe", { exact: true }).fill("int4/64~shrink:f16");
      await dialog.getByRole("button", { name: "Save…" }).click();
      await expect(dialog.getByText(/ of 67\.1 MB\. normal, 1 of 1/)).toBeVisible();
      const stopped = await bench.page.evaluate(async () => {
        const from = performance.now();
        document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
        while (!document.querySelector("[role=dialog] [role=alert]")) await new Promise(requestAnimationFrame);
        return performance.now() - from;
      });
      console.log(`  stopped on the page after ${stopped.toFixed(0)} ms`);
      within(stopped, 1000, "stopping");
      await expect(dialog.getByRole("alert")).toHaveText("Stopped. What was written of the file is removed.");
      await expect.poll(() => picked(bench.page)).toEqual([]);
      await bench.page.keyboard.press("Escape");
      await expect(dialog).toHaveCount(0);
      await bench.settled();
    },
  ));

test("what cannot be written is said before anything is", async ({ bench }) => {
  await withPicker(bench.page);
  await bench.open("s=gen:normal(64x128,seed=1)&a=nvfp4/32&b=q4_k&n=2&v=1");
  const dialog = await dialogOf(bench);
  await dialog.getByLabel("File", { exact: true }).selectOption("compressed-tensors");
  await expect(dialog.getByRole("alert")).toHaveText(
    /^nvfp4\/32 cannot be written as compressed-tensors: E2M1 is stored as NVFP4 \(blocks of 16/,
  );
  await expect(dialog.getByRole("button", { name: "Save…" })).toBeDisabled();
  await dialog.getByLabel("File", { exact: true }).selectOption("gguf");
  await expect(dialog.getByRole("alert")).toHaveText(/^nvfp4\/32 is none of ggml's block types/);
  await dialog.getByRole("button", { name: "B", exact: true }).click();
  await expect(dialog.getByRole("alert")).toHaveText(/256/);
  await dialog.getByLabel("Recipe", { exact: true }).fill("q4_0");
  await expect(dialog.getByText(/bits a weight: 1 tensor through the recipe/)).toBeVisible();
  await dialog.getByLabel("Recipe", { exact: true }).fill("int4/");
  await expect(dialog.getByRole("alert")).toBeVisible();
  expect(await picked(bench.page)).toEqual([]);
});

test("a disk that takes no more is said, and nothing is left", async ({ bench }) => {
  await withPicker(bench.page);
  await bench.open("s=gen:normal(2048x2048,seed=1)&a=f32&b=f32&n=2&v=1");
  const session = await bench.page.context().newCDPSession(bench.page);
  const { origin } = new URL(bench.page.url());
  const usage = await bench.page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: usage + 2 ** 20 });
  const dialog = await dialogOf(bench);
  await dialog.getByRole("button", { name: "Save…" }).click();
  await expect(dialog.getByRole("alert")).toHaveText(
    "normal.f32.safetensors takes no more: the disk, or what this page may use of it, is full. Nothing was kept.",
  );
  await expect.poll(() => picked(bench.page)).toEqual([]);
  await session.send("Storage.overrideQuotaForOrigin", { origin });
});
