/** Files and recipes that make no sense: a clear sentence where the person looks, and the rest still works. */
import type { Bench } from "./support/bench.ts";
import { png, safetensors, tensor, weights, write } from "./support/files.ts";
import { expect, test } from "./support/test.ts";

const START = "s=gen:normal(64x128,seed=1)&a=nvfp4&b=int4/64:f16&n=2&v=1";

/** The experiment there was goes on as if nothing had happened. */
async function stillWorks(bench: Bench, figures: string | null): Promise<void> {
  expect(await bench.figures()).toBe(figures);
  await bench.type("B", "int8/row");
  expect(await bench.figure("sqnrDb", "B")).toMatch(/^\d+\.\d\d$/);
}

const good = safetensors(tensor("w", [16, 32]));
/** A header that promises more of itself than there is. */
const oversized = Buffer.concat([Buffer.from([0, 0, 0, 4, 0, 0, 0, 0]), Buffer.from('{"w":{"dtype":"F32"')]);
const header = (json: string): Uint8Array => {
  const text = Buffer.from(json);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(16)]);
};

const refused: [string, Uint8Array, RegExp][] = [
  ["long.safetensors", oversized, /^long\.safetensors.*header/i],
  ["picture.png", png.subarray(0, 40), /^picture\.png: the PNG picture ends in the middle/],
  ["picture.safetensors", png.subarray(0, 40), /^picture\.safetensors: the PNG picture ends/],
  ["empty.npy", Buffer.alloc(0), /^empty\.npy is empty/],
];

test("a file that is none, or whose header goes beyond it, is refused with a sentence", async ({ bench }) => {
  await bench.open(START);
  const figures = await bench.figures();
  for (const [name, content, sentence] of refused) {
    await bench.drop(write(name, content));
    await expect(bench.page.getByRole("alert").filter({ hasText: name }).locator("p")).toHaveText(sentence);
  }
  await stillWorks(bench, figures);
});

const damaged: [string, Uint8Array, RegExp][] = [
  ["cut-off.safetensors", good.subarray(0, good.length - 100), /"w" should take bytes .*the file ends at byte/],
  [
    "span.safetensors",
    header('{"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,16]}}'),
    /"w" of shape \[2,3\] and dtype F32 takes 24 bytes, but its data_offsets span 16/,
  ],
];

test("a tensor of which the header lies is named with the reason", async ({ bench }) => {
  await bench.open(START);
  const figures = await bench.figures();
  for (const [name, content, sentence] of damaged) {
    await bench.drop(write(name, content));
    await expect(bench.heading).toHaveText("w");
    await expect(bench.page.getByRole("alert").filter({ hasText: name })).toHaveText(sentence);
    await bench.page.getByRole("button", { name: "Undo" }).click();
    await bench.settled();
  }
  await stillWorks(bench, figures);
});

test("a recipe that does not fit the tensor says why under the recipe", async ({ bench }) => {
  await bench.open(START);
  await bench.drop(write("rows.safetensors", safetensors(tensor("w", [64, 172]))));
  const b = await bench.figure("sqnrDb", "B");
  await bench.recipe("A").fill("rht(128)+int4/64:f16");
  await bench.recipe("A").press("Escape");
  await bench.settled();
  await expect(bench.pane("A").getByRole("alert")).toContainText(/128.*172|172.*128/);
  await expect(bench.recipe("A")).toHaveAccessibleDescription(/172/);
  await expect(bench.page.getByTestId("figures-a")).toHaveAttribute("data-stale", "true");
  expect(await bench.figure("sqnrDb", "B")).toBe(b);
  await bench.type("A", "rht(4)+int4/64:f16");
  await expect(bench.pane("A").getByRole("alert")).toHaveCount(0);
  await expect(bench.page.getByTestId("figures-a")).toHaveAttribute("data-stale", "false");
});

test("a recipe with a mistake keeps the charts of the last valid one, which they name, and nothing moves", async ({
  bench,
}) => {
  await bench.open(START);
  const chart = bench.page.locator('figure[data-chart="values"]');
  const places = () =>
    bench.page.locator("figure[data-chart]").evaluateAll((all) => all.map((f) => f.getBoundingClientRect().toJSON()));
  const before = await places();
  const figures = await bench.figures();
  // Far longer than a line.
  await bench.recipe("A").fill("int9@rnd(sed=1)/64+nothing");
  await expect(chart.locator("[data-stale]")).toHaveText("A last valid: nvfp4");
  await expect(bench.page.getByText("on its way")).toHaveCount(0);
  await expect(bench.page.getByTestId("figures-a")).toContainText("last valid");
  expect(await places()).toEqual(before);

  await bench.pane("A").getByRole("button", { name: "use int8" }).click();
  await expect(bench.recipe("A")).toHaveValue("int8@rnd(sed=1)/64+nothing");
  await bench.pane("A").getByRole("button", { name: "use rne" }).click();
  await bench.recipe("A").press("Escape");
  await expect(bench.recipe("A")).toHaveValue("nvfp4");
  await bench.settled();
  await expect(chart.locator("[data-stale]")).toHaveCount(0);
  expect(await bench.figures()).toBe(figures);
});

test("a text with names that are still on their way has no mistake, and Escape does not give it up", async ({
  bench,
  page,
}) => {
  let come = () => {};
  const held = new Promise<void>((resolve) => {
    come = resolve;
  });
  await page.route(/\/assets\/all-[^/]*\.js$/, async (route) => {
    await held;
    await route.continue();
  });
  await bench.open(START);
  await bench.recipe("A").fill("rht(64,seed=3)+int4~nosuch/32:f16");
  await bench.recipe("A").press("Escape");
  await bench.recipe("A").press("Escape");
  await expect(bench.recipe("A")).toHaveValue("rht(64,seed=3)+int4~nosuch/32:f16");
  await expect(bench.pane("A").getByRole("alert")).toHaveCount(0);
  await bench.recipe("A").fill("rht(64,seed=3)+int4/64:f16");
  await expect(page.locator("html")).toHaveAttribute("data-idle", "false");
  come();
  await bench.settled();
  await expect(bench.pane("A").getByRole("alert")).toHaveCount(0);
  expect(await bench.copyLink()).toContain("a=rht(64,seed=3)+int4/64:f16");
  await bench.recipe("A").fill("rht(64,seed=3)+int4/32:f16~nosuch");
  await expect(bench.pane("A").getByRole("alert")).toContainText(/Column \d+/);
});

test("the remedy that a message names is a button", async ({ bench }) => {
  await bench.open(START);
  await bench.drop(write("rows.safetensors", safetensors(tensor("w", [64, 160]))));
  await bench.recipe("A").fill("rht(64,seed=3)+int4/32:f16");
  await bench.recipe("A").press("Escape");
  await bench.settled();
  await expect(bench.pane("A").getByRole("alert")).toContainText("32 does");
  await expect(bench.page.locator('figure[data-chart="codes"] [data-stale]')).toHaveText("A last valid: nvfp4");
  await bench.pane("A").getByRole("button", { name: "use 32" }).press("Enter");
  await bench.settled();
  await expect(bench.recipe("A")).toHaveValue("rht(32,seed=3)+int4/32:f16");
  await expect(bench.pane("A").getByRole("alert")).toHaveCount(0);
  await expect(bench.page.getByTestId("figures-a")).toHaveAttribute("data-stale", "false");
  await expect(bench.page.locator("[data-stale=true]")).toHaveCount(0);
});

test("a tensor without elements, a scalar, and a constant", async ({ bench }) => {
  await bench.open(START);
  const constant = { name: "constant.weight", shape: [8, 32], values: new Float32Array(256).fill(0) };
  const scalar = { name: "scalar", shape: [], values: Float32Array.of(0.3) };
  await bench.drop(write("odd.safetensors", safetensors(constant, tensor("nothing", [0, 64]), scalar)));
  await expect(bench.heading).toHaveText("constant.weight");
  await expect(bench.pane("A")).toContainText("exact");

  await bench.tensor("nothing").click();
  await bench.settled();
  await expect(bench.heading).toHaveText("nothing");
  await expect(bench.pane("A").getByRole("alert")).toContainText(/element|empty/);

  await bench.tensor("scalar").click();
  await bench.settled();
  await expect(bench.heading).toHaveText("scalar");
  await expect(bench.pane("A").getByRole("alert")).toHaveCount(0);
  await expect(bench.page.getByText("1 × 1 = 1 element")).toBeVisible();
});

test("weights that are not finite are counted and left out of the figures", async ({ bench }) => {
  await bench.open(START);
  const values = weights(64 * 64);
  const finite = { name: "w", shape: [64, 64], values };
  await bench.drop(write("finite.safetensors", safetensors(finite)));
  await bench.type("A", "int8/row");
  const before = Number(await bench.figure("sqnrDb", "A"));
  const spoilt = values.slice();
  spoilt.set([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], 100);
  await bench.drop(write("spoilt.safetensors", safetensors({ ...finite, values: spoilt })));
  expect(await bench.figure("nonFinite", "A")).toBe("3");
  expect(Math.abs(Number(await bench.figure("sqnrDb", "A")) - before)).toBeLessThan(3);
  await expect(bench.page.getByRole("list", { name: "Notes" })).toContainText(/NaN|not finite/);
});

test("a sample that cannot be fetched says so, and another source opens", async ({ bench }) => {
  await bench.open("s=sample:no-such-sample&a=nvfp4&b=mxfp4&n=2&v=1");
  const problem = bench.page.getByRole("alert", { name: "Source problem" });
  await expect(problem).toContainText(
    'There is no sample "no-such-sample". There are ocr-recogniser, esrgan-slim, small-llama.',
  );
  await bench.menu(/^Source/, /ESRGAN/);
  await bench.settled();
  expect(await bench.figure("sqnrDb", "A")).toMatch(/^\d+\.\d\d$/);
});
