/** The link: the same figures at a colleague's, local files by fingerprint, damaged links opened as far as they go. */
import { safetensors, tensor, write } from "./support/files.ts";
import { expect, test } from "./support/test.ts";

const START = "s=gen:uniform(4x4,seed=1)&a=nvfp4&b=int4/64:f16&n=2&v=1";
const hashOf = (link: string) => new URL(link).hash.slice(1);

test("a link holds the whole experiment", async ({ bench, fresh }) => {
  await bench.open("s=sample:esrgan-slim&t=F_0/kernel&a=nvfp4&b=int4/64:f16&n=2&v=1");
  await bench.type("A", "rht(64,seed=3)+int4@sr(seed=9)/32:f16");
  await bench.choose("Matrix view", { index: 1 });
  await bench.page.getByRole("button", { name: "column", exact: true }).click();
  const figures = await bench.figures();
  const link = await bench.copyLink();
  expect(link).toContain("a=rht(64,seed=3)+int4@sr(seed=9)/32:f16");
  expect(link).toMatch(/v=1$/);

  const other = await (await fresh()).open(hashOf(link));
  expect(await other.figures()).toBe(figures);
  await expect(other.heading).toHaveText("F_0/kernel");
  await expect(other.recipe("A")).toHaveValue("rht(64,seed=3)+int4@sr(seed=9)/32:f16");
  await expect(other.page.getByRole("button", { name: "column", exact: true })).toHaveAttribute("aria-pressed", "true");
  expect(await other.copyLink()).toBe(link);
});

test("a local file is asked for by its fingerprint; another is refused, the right one accepted", async ({
  bench,
  fresh,
}) => {
  const right = write("right.safetensors", safetensors(tensor("w", [40, 64], 1)));
  const wrong = write("wrong.safetensors", safetensors(tensor("w", [40, 64], 2)));
  await bench.open(START);
  await bench.drop(right);
  await bench.type("B", "e4m3/row");
  const figures = await bench.figures();
  const link = await bench.copyLink();

  const other = await (await fresh()).open(hashOf(link));
  const asked = other.page.getByRole("region", { name: "File asked for" });
  await expect(asked).toContainText("right.safetensors");
  await expect(asked).toContainText("40 × 64");
  await expect(other.recipe("B")).toHaveValue("e4m3/row");
  await other.drop(wrong);
  const refusal = other.page.getByRole("alert").filter({ hasText: "This is another file" });
  await expect(refusal).toContainText(/the link is about right\.safetensors .*you gave wrong\.safetensors/);
  await expect(asked).toBeVisible();
  const renamed = write("renamed.safetensors", safetensors(tensor("w", [40, 64], 1)));
  await other.chooseFiles(asked.getByRole("button", { name: "Choose the file…" }), [renamed]);
  await expect(asked).toHaveCount(0);
  expect(await other.figures()).toBe(figures);
});

test("a damaged link opens what can be opened and says what was dropped", async ({ bench }) => {
  await bench.open("s=gen:normal(32x64,seed=2)&a=int8/row&b=mxfp4&w=1:2:zebra&colour=red&n=1&v=7");
  await expect(bench.message(/version 7, this page reads version 1/)).toBeVisible();
  await expect(bench.message(/a part this page does not know, “colour”/)).toBeVisible();
  await expect(bench.message(/heat map's window made no sense/)).toBeVisible();
  await expect(bench.recipe("A")).toHaveValue("int8/row");
  await expect(bench.page.getByText("32 × 64 = 2,048 elements")).toBeVisible();
  expect(await bench.figure("sqnrDb", "A")).toMatch(/^\d+\.\d\d$/);
});

test("a recipe that cannot be read stays in its field with its mistake; the other is computed", async ({ bench }) => {
  await bench.open("s=gen:normal(32x64,seed=2)&a=int4/banana&b=mxfp4&n=2&v=1");
  await expect(bench.recipe("A")).toHaveValue("int4/banana");
  await expect(bench.pane("A").getByRole("alert")).toContainText(/Column \d+: /);
  expect(await bench.figure("sqnrDb", "B")).toMatch(/^\d+\.\d\d$/);
});

test("a link that got too long says what is missing and offers the experiment as a file", async ({ bench, fresh }) => {
  await bench.open(START);
  const many = Array.from({ length: 4000 }, (_, i) => ((i * 37) % 101) / 50 - 1).join(" ");
  await bench.page.keyboard.press("n");
  await bench.page.getByLabel("Numbers", { exact: true }).fill(many);
  await bench.page.getByRole("button", { name: "Use these numbers" }).click();
  await bench.settled();
  const figures = await bench.figures();
  await bench.page.getByRole("button", { name: /^(Share|Copy a link)/ }).click();
  const dialog = bench.page.getByRole("dialog", { name: "Link to this experiment" });
  await expect(dialog.getByRole("alert")).toContainText("left out: the typed numbers");
  expect(new URL(await dialog.getByLabel("Link").inputValue()).hash.length).toBeLessThanOrEqual(8193);
  const download = bench.page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Save as a file" }).click();
  const file = test.info().outputPath("experiment.quantscope.json");
  await (await download).saveAs(file);

  const other = await (await fresh()).open(START);
  await other.drop(file);
  expect(await other.figures()).toBe(figures);
});
