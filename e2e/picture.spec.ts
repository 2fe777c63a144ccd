/** A picture as a tensor: seen before and after, in any browser the same. */
import { encode } from "fast-png";
import { write } from "./support/files.ts";
import { expect, test } from "./support/test.ts";

const [WIDTH, HEIGHT] = [48, 32];
const data = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => ((i % 3) * 80 + (i * 7) / 3) & 255);
const LINK = "s=gen:uniform(4x4,seed=1)&a=int2/16&b=e4m3&n=2&v=1";

test("a PNG picture is shown before and after each recipe", async ({ bench }) => {
  const { page } = bench;
  await bench.open(LINK);
  await bench.drop(write("photo.png", encode({ width: WIDTH, height: HEIGHT, channels: 3, depth: 8, data })));
  await expect(bench.heading).toHaveText("picture");
  const figure = page.getByRole("figure", { name: "Picture" });
  await expect(figure.getByRole("img", { name: /as a picture$/ })).toHaveCount(3);
  await expect(figure).toContainText(/PSNR \d+\.\d+ dB/);
  // What is drawn before is the picture itself, to the last bit of every channel.
  const drawn = await figure
    .getByRole("img", { name: "Before, as a picture" })
    .evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, 1, 1);
      return [...data];
    });
  expect(drawn.slice(0, 3)).toEqual([data[0], data[1], data[2]]);
  await figure.getByRole("button", { name: "A, error of A" }).click();
  await bench.settled();
  await expect(bench.map).toBeVisible();
  expect(await bench.copyLink()).toContain("vals=0");
});

test("a JPEG picture opens too, and any tensor's values can be seen", async ({ bench }) => {
  const { page } = bench;
  await bench.open(LINK);
  const jpeg = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(40, 24);
    const context = canvas.getContext("2d")!;
    context.fillStyle = "#c04010";
    context.fillRect(0, 0, 20, 24);
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 1 });
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  await bench.drop(write("photo", Uint8Array.from(jpeg)));
  await expect(bench.heading).toHaveText("picture");
  await expect(bench.tensor("red")).toContainText("24×40");

  await page.getByRole("button", { name: "Undo" }).click();
  await bench.settled();
  await page.getByRole("button", { name: "values, before and after" }).click();
  await bench.settled();
  await expect(page.getByRole("figure", { name: "Values" }).getByRole("img", { name: /as a picture$/ })).toHaveCount(3);
});
