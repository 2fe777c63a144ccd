/** The Sweep view: a grid, its frontier, and the ways out of it. */
import { readFile } from "node:fs/promises";
import AxeBuilder from "@axe-core/playwright";
import { textsOf } from "../app/export/png.ts";
import type { Bench } from "./support/bench.ts";
import { expect, type Page, test } from "./support/test.ts";

const SMALL = "s=gen:normal(64x128,seed=1)&a=nvfp4&b=int4/64:f16";
const GRID = "(int3,int4,nf4)/(32,64):f16;mxfp4";
const open = (bench: Bench, grid: string, more = "") => bench.open(`${SMALL}&g=${grid}${more}&tab=sweep&n=2&v=1`);

const plot = (page: Page) => page.getByRole("application", { name: /^Recipes by bits/ });
const table = (page: Page) => page.getByRole("grid", { name: "Points of the sweep" });
const rows = (page: Page) =>
  table(page)
    .getByRole("row")
    .filter({ has: page.getByRole("gridcell") });
const sets = (page: Page) => page.getByRole("region", { name: "Sets of the grid" });
const grid = (page: Page) => page.getByRole("textbox", { name: "Grid" });
const run = (page: Page) => page.getByRole("button", { name: /^Run/ });
const names = (page: Page) => page.locator('figure[data-chart="sweep"] svg[role="img"] text');

test("the sample's frontier is there as soon as the view is opened", async ({ bench }) => {
  const { page } = bench;
  await bench.open();
  await page.getByRole("button", { name: "Sweep", exact: true }).click();
  await expect(plot(page)).toBeVisible();
  await bench.settled();
  await expect(page.getByRole("button", { name: "Points 76" })).toBeVisible();
  await expect(page.getByRole("button", { name: /^Failed/ })).toHaveCount(0);
  // A and B of the Bench stand on it.
  await expect(names(page).filter({ hasText: /^A$/ })).toHaveCount(1);
  await expect(names(page).filter({ hasText: /^B$/ })).toHaveCount(1);
  expect(await page.evaluate(() => document.documentElement.scrollHeight <= window.innerHeight)).toBe(true);
});

test("the lists and the text of a grid are one thing, which says what it comes to and what is wrong", async ({
  bench,
}) => {
  const { page } = bench;
  await open(bench, "int4/(32,64):f16");
  const status = page.getByRole("region", { name: "Sweep", exact: true }).getByRole("status").last();
  await expect(status).toHaveText("2 recipes");
  await expect(rows(page)).toHaveCount(2);
  await sets(page).getByRole("button", { name: "nf4", exact: true }).click();
  await expect(grid(page)).toHaveValue("(int4,nf4)/(32,64):f16");
  // What takes no time is followed at once.
  await expect(rows(page)).toHaveCount(4);
  await page.getByLabel("Add to scale rules").fill("mx(floor)");
  await page.getByLabel("Add to scale rules").press("Enter");
  await expect(grid(page)).toHaveValue("(int4,nf4)/(32,64)~(none,mx(floor)):f16");
  await expect(status).toHaveText("6 recipes; 2 combinations make no sense");
  await page.getByText("Why they make no sense").click();
  await expect(page.getByText("~mx is for floats and integers")).toBeVisible();

  await grid(page).fill("int4/(16,banana)");
  await expect(page.getByRole("alert").first()).toContainText('Column 10: "banana" is no block');
  await expect(run(page)).toBeDisabled();
  await grid(page).fill("e4m3/(row,32)");
  await expect(sets(page).getByRole("button", { name: "e4m3", exact: true })).toHaveAttribute("aria-pressed", "true");
  await bench.settled();
  await grid(page).blur();
  // Undo walks back through the grids.
  await page.keyboard.press("Control+z");
  await expect(grid(page)).toHaveValue("(int4,nf4)/(32,64)~(none,mx(floor)):f16");
  // A list, one recipe a line.
  await grid(page).fill("int4/32\nmxfp4\n");
  await expect(grid(page)).toHaveValue("int4/32;mxfp4");
});

test("a marked point is marked in the table and the other way round, and goes to A and B", async ({ bench }) => {
  const { page } = bench;
  await open(bench, GRID);
  await expect(rows(page)).toHaveCount(7);
  await plot(page).focus();
  await page.keyboard.press("Home");
  const marked = rows(page).and(page.locator('[aria-selected="true"]'));
  await expect(marked).toHaveCount(1);
  const first = await marked.getByRole("gridcell").first().locator("span").first().textContent();
  await page.keyboard.press("Enter");
  await bench.settled();
  await expect(page.getByRole("region", { name: "Marked recipe" })).toContainText(first!);
  await rows(page).filter({ hasText: "nf4/32:f16" }).click();
  await page.getByRole("button", { name: "Send to B" }).click();
  await bench.settled();
  await page.getByRole("button", { name: "Bench", exact: true }).click();
  await expect(bench.recipe("A")).toHaveValue(first!);
  await expect(bench.recipe("B")).toHaveValue("nf4/32:f16");
  await bench.settled();
  // Both ways of reckoning give the same figure.
  const bitsHere = await bench.figure("nmse", "B");
  await page.getByRole("button", { name: "Sweep", exact: true }).click();
  await expect(rows(page).filter({ hasText: "nf4/32:f16" })).toContainText(bitsHere);
});

test("what is pointed at on the chart is in sight in the table, and what is brushed is all the table lists", async ({
  bench,
}) => {
  const { page } = bench;
  await open(bench, "(int2,int3,int4,int5,int6,int7,int8)/(16,32,64,128)");
  await expect(page.getByRole("button", { name: "Points 28" })).toBeVisible();
  const box = (await plot(page).boundingBox())!;
  // From the upper left to the lower right there is a recipe somewhere near; the last ones are out of the table's sight.
  const marked = page.locator('figure[data-chart="sweep"] [data-marked] text');
  for (let x = box.width - 2; x > 0 && (await marked.count()) === 0; x -= 6)
    for (let y = 60; y < box.height && (await marked.count()) === 0; y += 12)
      await page.mouse.move(box.x + x, box.y + y);
  const recipe = await marked.textContent();
  expect(recipe).toMatch(/^int8/);
  await expect(rows(page).filter({ hasText: recipe! })).toBeInViewport();
  await page.mouse.move(box.x + box.width * 0.05, box.y + 30);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.4, box.y + box.height - 60, { steps: 3 });
  await page.mouse.up();
  const few = page.getByRole("button", { name: /^Points (\d|1\d)$/ });
  await expect(few).toBeVisible();
  expect(await table(page).getByRole("row").filter({ hasText: "int8" }).count()).toBe(0);
  await page.getByRole("button", { name: "Whole: show all points" }).click();
  await expect(page.getByRole("button", { name: "Points 28" })).toBeVisible();
});

test("a tensor of zeros has points, and is told why a ratio of squares has none", async ({ bench }) => {
  const { page } = bench;
  await bench.open("s=text:0,0,0,0&a=nvfp4&b=int4/64:f16&g=(int4,nf4)/32&tab=sweep&n=2&v=1");
  await expect(page.getByText(/^NMSE has no value here, since the squares/)).toBeVisible();
  await expect(rows(page)).toHaveCount(2);
  await page.getByLabel("Error shown").selectOption("mse");
  await expect(plot(page)).toBeVisible();
});

test("any two metrics stand against each other, each in its own direction", async ({ bench }) => {
  const { page } = bench;
  await open(bench, GRID);
  await bench.settled();
  await page.getByLabel("Against").selectOption("sqnrDb");
  await page.getByLabel("Error shown").selectOption("maxAbs");
  await expect(page.getByRole("heading", { name: "Max |e| against SQNR (dB)" })).toBeVisible();
  const chart = page.getByRole("application", { name: /^Recipes by SQNR \(dB\) and Max \|e\|/ });
  await expect(chart).toBeVisible();
  const heads = await table(page).getByRole("columnheader").allInnerTexts();
  expect(heads.slice(1, 4).map((head) => head.replace(/\s*[↑↓]$/, ""))).toEqual(["Bits", "SQNR dB", "Max |e|"]);
  // None on the frontier has both a better ratio and a smaller largest error.
  await page.getByRole("button", { name: /^Frontier \d/ }).click();
  const best = await rows(page).evaluateAll((all) =>
    all.map((row) =>
      [...row.querySelectorAll('[role="gridcell"]')].slice(2, 4).map((cell) => Number(cell.textContent)),
    ),
  );
  expect(best.length).toBeGreaterThan(0);
  for (const [db, most] of best) expect(best.some(([other, less]) => other > db && less < most)).toBe(false);
  await expect.poll(() => page.url()).toContain("gm=maxAbs&gx=sqnrDb");
  // The same metric twice turns the axes round.
  await page.getByLabel("Against").selectOption("maxAbs");
  await expect(page.getByRole("heading", { name: "SQNR (dB) against Max |e|" })).toBeVisible();
});

test("a link with a mistake in its grid says where", async ({ bench }) => {
  const { page } = bench;
  await open(bench, "int4/(16,banana)");
  await expect(page.getByRole("alert").first()).toContainText('Column 10: "banana" is no block');
  await expect(run(page)).toBeDisabled();
  await grid(page).fill("int4/(16,32)");
  await bench.settled();
  await expect(rows(page)).toHaveCount(2);
});

test("what fails is told and leaves the rest", async ({ bench }) => {
  const { page } = bench;
  await open(bench, "(none,rht(96,seed=0))+(int4,nf4)/(32,64)");
  await expect(rows(page)).toHaveCount(4);
  await page.getByRole("button", { name: "Failed 4" }).click();
  await expect(page.getByRole("region", { name: "Failed points" })).toContainText(/4 × .*rht\(96/);
});

test("a set is one stop of the Tab key, and arrows walk in it", async ({ bench }) => {
  const { page } = bench;
  await open(bench, "int4/(32,64):f16");
  await sets(page).getByRole("button", { name: "int2", exact: true }).focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Space");
  await expect(grid(page)).toHaveValue("(int4,int6)/(32,64):f16");
  await page.keyboard.press("Tab");
  await expect(page.getByLabel("Add to formats")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(sets(page).getByRole("toolbar", { name: "Blocks" }).getByRole("button").first()).toBeFocused();

  // What goes when it is pressed leaves the keyboard where it was.
  await page.getByLabel("Add to blocks").fill("96");
  await page.getByLabel("Add to blocks").press("Enter");
  await sets(page).getByRole("button", { name: "96", exact: true }).press("Space");
  await expect(grid(page)).toHaveValue("(int4,int6)/(32,64):f16");
  await expect(sets(page).getByRole("button", { name: "128x128" })).toBeFocused();
  await bench.settled();
  const legend = page.getByRole("toolbar", { name: "Formats shown" });
  await legend.getByRole("button", { name: "int6" }).press("Space");
  await page.getByRole("button", { name: "2 hidden, show all" }).press("Enter");
  await expect(legend.getByRole("button", { name: "int6" })).toBeFocused();
});

test("a long sweep shows its first points at once and ends at Escape", async ({ bench }) => {
  const { page } = bench;
  const long =
    "(int2,int3,int4,int5,int6,int7,int8,nf4,e2m1,e2m3,e3m2,e4m3)/(16,32,64,128,256,row)~(absmax,mse):(f16,f32,e8m0)";
  // A link to it would begin by itself.
  await bench.open("s=gen:normal(1024x1024,seed=1)&a=f32&b=f32&g=int4/32&tab=sweep&n=2&v=1");
  await grid(page).fill(long);
  await expect(page.getByRole("region", { name: "Sweep", exact: true })).toContainText(/4\d\d recipes/);
  await run(page).click();
  await expect(rows(page).first()).toBeVisible();
  await expect(page.getByRole("progressbar", { name: "Progress of the sweep" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByText("Cancelled.")).toBeVisible({ timeout: 2000 });
  await bench.settled();
  await expect(rows(page).first()).toBeVisible();
  await expect(run(page)).toBeEnabled();
});

test("the link opens the same sweep in another browser, and a reload restores it", async ({ bench, fresh }) => {
  const { page } = bench;
  await open(bench, GRID, "&gm=maxAbs&gp=4");
  // What is hidden, zoomed and coloured by is part of it.
  await page.getByLabel("Colour, shape and filter by").selectOption("block");
  await page.getByRole("toolbar", { name: "Blocks shown" }).getByRole("button", { name: "64" }).click();
  await page.getByRole("button", { name: "Zoom in" }).click();
  await expect(rows(page)).not.toHaveCount(7);
  const before = await rows(page).allTextContents();
  const link = await bench.copyLink();
  expect(link).toContain(`&g=${GRID}&gm=maxAbs&gp=4&gb=block&gh=block:64&gz=`);
  await page.reload();
  await bench.settled();
  expect(await rows(page).allTextContents()).toEqual(before);
  const other = await fresh();
  await other.open(new URL(link).hash.slice(1));
  await expect(grid(other.page)).toHaveValue(GRID);
  expect(await rows(other.page).allTextContents()).toEqual(before);
});

test("several tensors are swept as one and one by one, and it says which", async ({ bench }) => {
  const { page } = bench;
  await bench.open(`a=nvfp4&b=int4/64:f16&g=(none,rht(64,seed=0))+int4/(32,64):f16&tab=sweep&n=2&v=1`);
  await page.getByRole("radio", { name: "several" }).check();
  await page.getByLabel("Filter tensors to sweep over").fill("conv2d_16");
  await page.getByRole("button", { name: /^(Check|Uncheck)/ }).click();
  const status = page.getByRole("region", { name: "Sweep", exact: true }).getByRole("status").last();
  await expect(status).toHaveText(/^4 recipes × \d+ tensors = \d+ points$/);
  await run(page).click();
  await bench.settled();
  // Biases are left out, and the rotation that does not divide a row is left away for that tensor alone.
  await expect(page.getByText(/Left out: \d+ \(norms, biases and one-dimensional tensors\)/)).toBeVisible();
  await expect(rows(page)).toHaveCount(4);
  const rotated = rows(page).filter({ hasText: "rht(64,seed=0)+int4/32" });
  await expect(rotated.getByText(/^\d+, \d+ less$/)).toBeVisible();
  await rotated.click();
  await expect(page.getByRole("region", { name: "Marked recipe" })).toContainText(
    /over \d+ tensors, .* values, \d+ of them without a step that does not fit/,
  );
  await page.getByRole("button", { name: /^Without a step/ }).click();
  await expect(page.getByRole("region", { name: "Points without a step" })).toContainText(/does not divide the rows/);
  await page.getByRole("button", { name: /^Points/ }).click();
  // By choice the tensor is left out of the figure instead, which then is on no frontier.
  await page.getByLabel("A step that does not fit a tensor").selectOption("leaves the tensor out");
  await run(page).click();
  await bench.settled();
  await expect(rotated.getByText(/^\d+ of \d+$/)).toBeVisible();
  await expect(rotated.getByText("on the frontier")).toHaveCount(0);
  await expect(page.getByText(/2 recipes are over fewer tensors than others/)).toBeVisible();
  expect(await bench.copyLink()).toMatch(/&gf=0&/);
  const together = await rows(page).first().textContent();
  await page.getByLabel("Tensor shown").selectOption({ index: 1 });
  await expect(rows(page).first()).not.toHaveText(together!);
  await page.getByLabel(/^also norms, biases/).check();
  expect(await bench.copyLink()).toMatch(/&gn=1&/);
});

test("a link to a sweep computes it, and asks first where that takes long", async ({ bench }) => {
  const { page } = bench;
  // More than what begins by itself while somebody changes a grid.
  await bench.open("s=gen:normal(4096x2048,seed=1)&a=f32&b=f32&g=(int4,int3)/(16,32,64,128,256,row)&tab=sweep&n=2&v=1");
  await expect(rows(page)).toHaveCount(12);
  const long = "(int2,int3,int4,int5,int6,int7,int8,nf4)/(16,32,64,128,256,row)~(absmax,mse):(f16,f32,e8m0)";
  await bench.open("n=2&v=1");
  await bench.open(`s=gen:normal(4096x2048,seed=1)&a=f32&b=f32&g=${long}&gp=64&tab=sweep&n=2&v=1`);
  await expect(
    page.getByText(/^288 recipes × 537M values, about .* here\. What takes over 30 s begins at Run only\./),
  ).toBeVisible();
  await expect(rows(page)).toHaveCount(12);
  await run(page).click();
  await expect(page.getByRole("progressbar", { name: "Progress of the sweep" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByText("Cancelled.")).toBeVisible();
});

test("files carry the grid and the link", async ({ bench }) => {
  const { page } = bench;
  await open(bench, GRID);
  await expect(rows(page)).toHaveCount(7);
  const read = async (item: string) => {
    const [file] = await bench.exported(item);
    return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
  };
  const csv = await read("Metrics as CSV");
  expect(csv.name).toMatch(/\.sweep\.csv$/);
  const lines = csv.bytes.toString().trimEnd().split("\r\n");
  expect(lines).toHaveLength(8);
  expect(lines[0]).toMatch(/^tensor,shape,recipe,base,block/);
  expect(lines[1]).toContain(`"${GRID}"`);
  expect(lines[1]).toContain("#s=gen:normal(64x128,seed=1)");
  const json = JSON.parse((await read("Metrics as JSON")).bytes.toString());
  expect(json).toMatchObject({ numbers: 2, grid: GRID, complete: true });
  expect(json.points).toHaveLength(7);
  const svg = (await read("Charts as SVG")).bytes.toString();
  expect(svg).toContain(GRID);
  expect(svg.includes("var(--")).toBe(false);
  const legend = await page.evaluate(
    (text) =>
      [...new DOMParser().parseFromString(text, "image/svg+xml").querySelectorAll("text")].map((t) => t.textContent),
    svg,
  );
  for (const format of ["int3", "int4", "nf4", "mxfp4"]) expect(legend).toContain(format);
  const png = textsOf((await read("Charts as PNG")).bytes);
  expect(png.Description).toContain(GRID);
  expect(png.Source).toContain(`&g=${GRID}`);
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in ${colorScheme}`, () => {
    test.use({ colorScheme });
    test("nothing keeps anyone out", async ({ bench }) => {
      const { page } = bench;
      await open(bench, `${GRID};rht(96,seed=0)+int4/32`, "&gp=4");
      await plot(page).focus();
      await page.keyboard.press("ArrowRight");
      await page.getByRole("radio", { name: "several" }).check();
      await grid(page).fill("int4/(16,banana)");
      await expect(page.getByRole("alert").first()).toBeVisible();
      for (const tab of [/^Points/, /^Failed/]) {
        await page.getByRole("button", { name: tab }).click();
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect
          .soft(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join("; ")}`))
          .toEqual([]);
      }
    });
  });
}

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  test("one column, and a tap marks a point", async ({ bench }) => {
    const { page } = bench;
    await open(bench, GRID);
    await page.getByText("Recipes and tensors").tap();
    await page.getByRole("button", { name: "int6", exact: true }).tap();
    await page.getByText("Recipes and tensors").tap();
    await run(page).tap();
    await bench.settled();
    await rows(page).first().tap();
    await expect(page.getByRole("button", { name: "Send to A" })).toBeEnabled();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join("; ")}`)).toEqual([]);
  });
});
