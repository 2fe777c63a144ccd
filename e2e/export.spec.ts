/** What leaves the page as a file, read back. */
import { readFile } from "node:fs/promises";
import type { Download } from "@playwright/test";
import { textsOf } from "../app/export/png.ts";
import { quantize } from "./support/cli.ts";
import { npy, safetensors, tensor, write } from "./support/files.ts";
import { expect, test } from "./support/test.ts";

const RECIPES = ["rht(64,seed=2)+nvfp4", "int4/64:f16"] as const;
const OPEN = `s=gen:normal(64x128,seed=1)&a=${RECIPES[0]}&b=${RECIPES[1]}&n=2&v=1`;
/** Values, error map, error by row, scales, code use, sizes of errors, where they come from. */
const CHARTS = 7;
const bytes = async (download: Download) => readFile(await download.path());

test("metrics as CSV: a line a recipe, with the link", async ({ bench }) => {
  await bench.open(OPEN);
  const [file] = await bench.exported("Metrics as CSV");
  expect(file.suggestedFilename()).toMatch(/\.metrics\.csv$/);
  const lines = (await bytes(file)).toString().trimEnd().split("\r\n");
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^tensor,shape,recipe,backend,seconds,sqnrDb,bitsPerWeight,nmse,mse,.*,link$/);
  expect(lines[1]).toContain(RECIPES[0]);
  expect(lines[2]).toContain(RECIPES[1]);
  expect(lines[2]).toContain("#s=gen:normal(64x128,seed=1)");
});

test("charts as SVG, each with recipe and link in its metadata", async ({ bench }) => {
  await bench.open(OPEN);
  const files = await bench.exported("Charts as SVG", CHARTS);
  for (const file of files) {
    const svg = (await bytes(file)).toString();
    const metadata = /<metadata[^>]*>([^<]*)<\/metadata>/.exec(svg)?.[1] ?? "";
    expect(metadata, file.suggestedFilename()).toContain(RECIPES[0]);
    expect(metadata).toContain(RECIPES[1]);
    expect(metadata).toContain("#s=gen:normal(64x128,seed=1)");
    // A drawing stands alone: the browser opens it, and no colour in it is a variable of the page.
    expect(svg.includes("var(--"), `${file.suggestedFilename()} uses the page's variables`).toBe(false);
    const drawn = await bench.page.evaluate((text) => {
      const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
      return [parsed.querySelector("parsererror") === null, parsed.querySelectorAll("svg *").length > 10];
    }, svg);
    expect(drawn, file.suggestedFilename()).toEqual([true, true]);
  }
});

test("charts as PNG, each with recipe and link in a text chunk", async ({ bench }) => {
  await bench.open(OPEN);
  for (const file of await bench.exported("Charts as PNG", CHARTS)) {
    const png = await bytes(file);
    expect([...png.subarray(1, 4)]).toEqual([..."PNG"].map((c) => c.charCodeAt(0)));
    const texts = textsOf(png);
    expect(texts.Description).toContain(RECIPES[0]);
    expect(texts.Description).toContain(RECIPES[1]);
    expect(texts.Source).toContain("#s=gen:normal(64x128,seed=1)");
    // Still a picture to the browser, with more than one colour.
    const colours = await bench.page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext("2d")!;
      context.drawImage(bitmap, 0, 0);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    }, png.toString("base64"));
    expect(colours).toBeGreaterThan(8);
  }
});

test("one chart alone: picture, drawing and the data behind it", async ({ bench }) => {
  await bench.open(OPEN);
  const figure = bench.page.locator('figure[data-chart="values"]');
  const save = async (item: string) => {
    const download = bench.page.waitForEvent("download");
    await figure.getByRole("button", { name: "Save values as a file" }).click();
    await bench.page.getByRole("menuitem", { name: item }).click();
    return download;
  };
  const svg = await save("Drawing as SVG");
  expect(svg.suggestedFilename()).toBe("normal.values.svg");
  const drawing = (await bytes(svg)).toString();
  expect(drawing).toContain(RECIPES[0]);
  // The legend stands beside the drawing on the page, and in the picture.
  expect(drawing).toContain("Outlines: A after rht(64,seed=2)");
  const csv = (await bytes(await save("Its data as CSV"))).toString().trimEnd().split("\r\n");
  expect(csv[0]).toBe("from,to,elements,A after its steps");
  expect(csv.slice(1).every((line) => /^-?[\d.e-]+,-?[\d.e-]+,\d+,\d+$/.test(line))).toBe(true);
  expect((await save("Picture as PNG")).suggestedFilename()).toBe("normal.values.png");
});

test("a picture of a recipe with a mistake is of the last valid one, and so is its link", async ({ bench }) => {
  await bench.open(OPEN);
  await bench.recipe("A").fill("rht(48)+nvfp4");
  await bench.recipe("A").press("Escape");
  await bench.settled();
  await expect(bench.pane("A").getByRole("alert")).toBeVisible();
  const files = await bench.exported("Charts as SVG", CHARTS);
  const svg = (await bytes(files[0])).toString();
  expect(svg).toContain(`a=${RECIPES[0]}`);
  expect(svg).not.toContain("rht(48)");
});

test("charts of Formats carry the formats, not the recipes of the Bench", async ({ bench }) => {
  await bench.open(`${OPEN.replace("&n=2&v=1", "")}&tab=formats&f=e4m3&f2=e5m2&n=2&v=1`);
  const charts = await bench.page.locator("figure[data-chart]").count();
  for (const file of await bench.exported("Charts as SVG", charts)) {
    expect(file.suggestedFilename()).toMatch(/^e4m3_and_e5m2\./);
    const [, metadata] = /<metadata[^>]*>([^<]*)<\/metadata>/.exec((await bytes(file)).toString()) ?? [];
    expect(JSON.parse(metadata.replaceAll("&amp;", "&"))).toMatchObject({
      lines: ["Format  e4m3", "Beside  e5m2"],
      link: expect.stringContaining("tab=formats"),
    });
  }
});

test("the dequantized tensor as npy, byte for byte the command line's", async ({ bench }) => {
  const path = write("mine.safetensors", safetensors(tensor("w", [40, 64])));
  await bench.open(OPEN);
  await bench.drop(path);
  for (const [i, recipe] of RECIPES.entries()) {
    const [file] = await bench.exported(`Tensor dequantized by ${"AB"[i]} as npy`);
    const out = test.info().outputPath(`${i}.npy`);
    await quantize(path, "w", recipe, "--out", out);
    const given = await bytes(file);
    expect(given.equals(await readFile(out))).toBe(true);
    const empty = npy({ shape: [40, 64], values: new Float32Array(40 * 64) });
    expect(given.length).toBe(empty.length);
  }
});
