/** Pointing and zooming in the heat map, and what the other charts say of it. */
import type { Bench } from "./support/bench.ts";
import { expect, test } from "./support/test.ts";

const MATRIX = "s=gen:normal(256x512,seed=3)&t=normal&a=int4/64:f16&b=mxfp4&n=2&v=1";

/** The window that the link holds, as [row0, row1, col0, col1]; null for the whole matrix. */
async function windowOf(bench: Bench): Promise<number[] | null> {
  const hash = decodeURIComponent(new URL(bench.page.url()).hash);
  const w = /[#&]w=([^&]*)/.exec(hash)?.[1];
  return w ? w.split(":").map(Number) : null;
}

const at = async (bench: Bench, x: number, y: number) => {
  const box = (await bench.map.boundingBox())!;
  return [box.x + box.width * x, box.y + box.height * y] as const;
};

test("pointing marks one element in every chart and in the inspector", async ({ bench }) => {
  const { page } = bench;
  await bench.open(MATRIX);
  await page.mouse.move(...(await at(bench, 0.25, 0.5)));
  await bench.settled();
  const title = bench.inspector.getByRole("heading", { level: 3 });
  await expect(title).toHaveText(/^Row 1\d\d · column 1\d\d$/);
  const [, row, col] = /Row (\d+) · column (\d+)/.exec((await title.textContent())!)!.map(Number);
  const map = page.locator('figure[data-chart="map"]');
  await expect(map).toContainText(`row ${row}, column ${col}`);
  await expect(map.locator("svg svg rect").first()).toBeAttached();
  await expect(page.locator('figure[data-chart="values"]')).toContainText(/marked/);
  const profiles = page.locator('figure[data-chart="profiles"]');
  await expect(profiles).toContainText(`row ${row} `);

  await page.mouse.click(...(await at(bench, 0.25, 0.5)));
  await profiles.getByRole("button", { name: "column" }).click();
  await expect(profiles).toContainText(`column ${col} `);
  await profiles.getByRole("button", { name: "block" }).click();
  // Eight blocks of 64 a row for A, sixteen of 32 for B.
  await expect(profiles).toContainText(`A block ${(row * 8 + Math.floor(col / 64)).toLocaleString("en")}`);
  const marked = (chart: string) => page.locator(`figure[data-chart="${chart}"] [stroke="var(--mark)"]`).first();
  await expect(marked("scales")).toBeAttached();
  await expect(marked("codes")).toBeAttached();
  await page.getByRole("button", { name: "errors", exact: true }).click();
  await expect(marked("errors")).toBeAttached();
  await expect(bench.inspector.getByRole("region", { name: "Arithmetic of A" })).toContainText("quotient");
  await expect(bench.inspector.getByRole("region", { name: "Arithmetic of B" })).toContainText("e8m0");
});

test("a click pins until Escape, and a mark does not follow the pointer then", async ({ bench }) => {
  const { page } = bench;
  await bench.open(MATRIX);
  const title = bench.inspector.getByRole("heading", { level: 3 });
  await page.mouse.click(...(await at(bench, 0.5, 0.5)));
  await bench.settled();
  await expect(bench.inspector.getByRole("button", { name: "Pinned" })).toBeVisible();
  const pinned = await title.textContent();
  await page.mouse.move(...(await at(bench, 0.8, 0.8)));
  await bench.settled();
  await expect(title).toHaveText(pinned!);
  await bench.inspector.getByRole("button", { name: /next element/ }).click();
  await expect(title).not.toHaveText(pinned!);
  await page.keyboard.press("Escape");
  await expect(title).toHaveText("Inspector");
});

test("zooms from the whole matrix to single elements by wheel and back by keys", async ({ bench }) => {
  const { page } = bench;
  await bench.open(MATRIX);
  expect(await windowOf(bench)).toBeNull();
  const map = page.locator('figure[data-chart="map"]');
  await page.mouse.move(...(await at(bench, 0.3, 0.3)));
  await expect(async () => {
    await page.mouse.wheel(0, -600);
    const w = await windowOf(bench);
    expect(w && w[3] - w[2]).toBeLessThan(16);
  }).toPass();
  await bench.settled();
  // Near enough for single elements: the reading is of a value, not of a cell of many.
  await expect(map).toContainText(/value −?\d/);
  await expect(map).not.toContainText("cell of");
  await expect(map).toContainText(/A error/);

  await bench.map.focus();
  for (let i = 0; i < 8; i++) await page.keyboard.press("-");
  await expect.poll(() => windowOf(bench)).toBeNull();
  for (let i = 0; i < 5; i++) await page.keyboard.press("+");
  await expect.poll(() => windowOf(bench)).not.toBeNull();
  const before = (await windowOf(bench))!;
  await page.keyboard.press("Shift+ArrowRight");
  await expect.poll(async () => (await windowOf(bench))?.[2]).toBeGreaterThan(before[2]);
  await page.keyboard.press("0");
  await expect.poll(() => windowOf(bench)).toBeNull();
});

test("block outlines are drawn once blocks are wide enough to see", async ({ bench }) => {
  await bench.open(`${MATRIX.replace("&n=", "&w=0:16:0:128&n=")}`);
  const white = () =>
    bench.page
      .locator('figure[data-chart="map"] canvas')
      .first()
      .evaluate((canvas: HTMLCanvasElement) => {
        // Columns of the picture that are lighter than their neighbours on most of their height.
        const { width, height } = canvas;
        const { data } = canvas.getContext("2d")!.getImageData(0, 0, width, height);
        const light = Array.from({ length: width }, (_, x) => {
          let sum = 0;
          for (let y = 0; y < height; y++) sum += data[4 * (y * width + x)] + data[4 * (y * width + x) + 2];
          return sum / height;
        });
        return light.filter((v, x) => x > 1 && x < width - 2 && v > light[x - 2] + 40 && v > light[x + 2] + 40).length;
      });
  const coarse = await white();
  await bench.type("A", "int4/8:f16");
  await expect.poll(white).toBeGreaterThan(coarse + 4);
});

test("A, B and their difference", async ({ bench }) => {
  await bench.open(MATRIX);
  const map = bench.page.locator('figure[data-chart="map"]');
  const picture = () =>
    map
      .locator("canvas")
      .first()
      .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const seen = new Set([await picture()]);
  for (const name of [/error of B$/, /difference of the errors$/]) {
    await map.getByRole("button", { name }).click();
    await bench.settled();
    await expect.poll(async () => seen.has(await picture())).toBe(false);
    seen.add(await picture());
  }
  expect(decodeURIComponent(bench.page.url())).toContain("map=difference");
});
