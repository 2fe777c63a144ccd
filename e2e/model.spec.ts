/** The language model in the page: a changed rule and its KL, the network, the text, captured inputs, links, other files. */
import AxeBuilder from "@axe-core/playwright";
import type { Bench } from "./support/bench.ts";
import { ggufModel, huggingFaceFolder } from "./support/language-model.ts";
import { expect, test } from "./support/test.ts";

/** Three windows of 128 tokens: what runs on two cores while somebody waits. */
const SHORT = "ln=128&lw=3&tab=model&n=2&v=1";
const LINK = `s=sample:small-llama&la=int4/128&lb=int8/128&${SHORT}`;

const figure = (bench: Bench, name: string) => bench.page.locator(`[data-lm="${name}"]`);
/** Without its standard error. */
const value = async (bench: Bench, name: string) =>
  Number(((await figure(bench, name).textContent()) ?? "").split("±")[0].trim().replace("−", "-"));
const table = (bench: Bench) => bench.page.getByRole("region", { name: "Figures of the model" });
/** The run is over, and its figures are of what the fields say. */
async function measured(bench: Bench): Promise<void> {
  await bench.settled(120_000);
  await expect(table(bench)).toHaveAttribute("data-stale", "false");
  await expect(table(bench)).toHaveAttribute("data-partial", "false");
}

test("a changed rule moves its figures alone, in the table, the network and the text; the link gives the same elsewhere", async ({
  bench,
  fresh,
}) => {
  test.setTimeout(180_000);
  const { page } = bench;
  await bench.open(LINK, 120_000);
  await measured(bench);
  expect(await value(bench, "nll-base")).toBeGreaterThan(2);
  const [a, b] = [await value(bench, "kl-a"), await value(bench, "kl-b")];
  expect(a).toBeGreaterThan(10 * b);
  expect(b).toBeGreaterThan(0);
  expect(await figure(bench, "bits-b").textContent()).not.toBe(await figure(bench, "bits-base").textContent());
  await expect(table(bench).getByRole("status")).toContainText("B is nearer to the model as it is");

  const rules = page.getByRole("combobox", { name: "Model recipe A" });
  await rules.fill("*mlp*=keep;*proj*=int3/128");
  await rules.press("Enter");
  await measured(bench);
  const list = page.getByRole("region", { name: "Rules of A" });
  await expect(list.locator('[data-rule="*mlp*"]')).toContainText("18");
  await expect(list.locator('[data-rule="*proj*"]').getByTitle("18 more have an earlier rule")).toHaveText("24");
  expect(await value(bench, "kl-a")).not.toBe(a);
  expect(await value(bench, "kl-b")).toBe(b);

  // The network by keys: the first weight, then one that is kept.
  const network = page.getByRole("application", { name: /^Network/ });
  await network.press("ArrowRight");
  const readout = page.locator("[data-network-readout]");
  await expect(readout).toContainText(/layer 0 q_proj · A int3\/128: 3\.\d+ b, NMSE/);
  await network.press("ArrowUp");
  for (let i = 0; i < 6; i++) await network.press("ArrowDown");
  await expect(readout).toContainText("layer 0 down_proj · A kept as stored");

  // The text by keys: each token with what it got.
  const text = page.getByRole("application", { name: /^Tokens/ });
  await text.press("ArrowRight");
  await expect(page.locator("#token-readout")).toContainText(
    /as it is, first choice .* ([\d.]+ ?%|\(right\)) · A p .* KL .* nats, (same|other) first choice .* ([\d.]+ ?%|\(right\)) · B p /,
  );

  const other = await fresh();
  await other.page.goto(await bench.copyLink());
  await measured(other);
  for (const name of ["nll-base", "kl-a", "kl-b", "same-a", "kl99-b", "bits-a"])
    expect(await figure(other, name).textContent()).toBe(await figure(bench, name).textContent());

  // A weight opens on the Bench with the recipe that its rule gives it, and undo comes back.
  await network.press("Home");
  for (let i = 0; i < 6; i++) await network.press("ArrowUp");
  await network.press("Enter");
  await bench.settled();
  await expect(bench.recipe("A")).toHaveValue("int3/128");
  await expect(bench.heading).toContainText("model.layers.0.self_attn.q_proj.weight");
  await page.keyboard.press("Control+z");
  await bench.settled();
  await expect(rules).toHaveValue("*mlp*=keep;*proj*=int3/128");
});

test("a dropped folder and a GGUF file of the same model say the same", async ({ bench }) => {
  test.setTimeout(240_000);
  await bench.open(LINK.replace("s=sample:small-llama", "s=gen:normal(4x4,seed=1)"));
  await expect(bench.page.getByRole("heading", { name: "No language model is open" })).toBeVisible();
  const told: string[][] = [];
  for (const path of [huggingFaceFolder("llama"), ggufModel("llama.gguf")]) {
    await bench.drop(path);
    await measured(bench);
    told.push(
      await Promise.all(
        ["nll-base", "kl-a", "kl-b"].map(async (name) => (await figure(bench, name).textContent()) ?? ""),
      ),
    );
    await expect(bench.page.getByRole("region", { name: "Rules of A" })).toContainText("42");
  }
  expect(Number.parseFloat(told[0][1])).toBeGreaterThan(0);
  // Sums run over rows in another order: the figures agree to what is shown of them, or nearly.
  for (const [i, folder] of told[0].entries())
    expect(Number.parseFloat(told[1][i])).toBeCloseTo(Number.parseFloat(folder), 3);
});

test("layer by layer in little memory, and on WebGPU, it says the same", async ({ bench }) => {
  test.setTimeout(240_000);
  const { page } = bench;
  await bench.open(LINK.replace("ln=128&lw=3", "ln=48&lw=2").replace("lb=int8/128", "lb=int3/128"), 120_000);
  await measured(bench);
  const names = ["nll-base", "kl-a", "kl-b", "kl99-a", "same-a", "bits-a"];
  const texts = () => Promise.all(names.map((name) => figure(bench, name).textContent()));
  const whole = await texts();
  const bar = page.getByRole("region", { name: "Text and run" });
  await bar.getByLabel("memory").selectOption("64 MB");
  await measured(bench);
  await expect(bar.getByRole("status")).toContainText("layer by layer");
  expect(await texts()).toEqual(whole);

  await bar.getByLabel("memory").selectOption("usual");
  await bar.getByLabel("runs on").selectOption("WebGPU");
  await measured(bench);
  await expect(bar.getByRole("status")).toContainText("WebGPU");
  // float32 sums in another order change a logit by some 1e-6.
  for (const [i, name] of names.entries())
    expect(await value(bench, name)).toBeCloseTo(Number.parseFloat((whole[i] ?? "").replace("−", "-")), 3);

  // What does not fit even so is said with what would.
  await bench.page.goto(`${(await bench.copyLink()).replace(/&lg=\d+/, "")}&lg=20`);
  await expect(bar.getByRole("alert")).toContainText(
    /windows take .*20 MB are allowed.*Layer by layer, with one window/,
  );
});

test("what cannot be run says what is missing, and its weights can be explored", async ({ bench }) => {
  const { page } = bench;
  await bench.open(LINK.replace("s=sample:small-llama", "s=gen:normal(4x4,seed=1)"));
  const folder = huggingFaceFolder("llama");
  await bench.drop(`${folder}/model.safetensors`, `${folder}/config.json`);
  await expect(page.getByRole("region", { name: "Text and run" })).toContainText("cannot be run");
  await expect(page.getByText(/no tokenizer/i).first()).toBeVisible();
  const network = page.getByRole("application", { name: /^Network/ });
  await network.press("ArrowRight");
  await expect(page.locator("[data-network-readout]")).toContainText("layer 0 q_proj");
  await network.press("Enter");
  await bench.settled();
  await expect(bench.heading).toContainText("model.layers.0.self_attn.q_proj.weight");
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing, in ${colorScheme}; nothing scrolls`, async ({ fresh }) => {
    test.setTimeout(120_000);
    const bench = await fresh({ colorScheme });
    await bench.open(LINK, 120_000);
    await measured(bench);
    const { page } = bench;
    const main = page.getByRole("main");
    expect(await main.evaluate((element) => element.scrollHeight - element.clientHeight)).toBe(0);
    await page.getByRole("application", { name: /^Tokens/ }).press("ArrowRight");
    const clean = async () => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join("; ")}`);
    };
    expect(await clean()).toEqual([]);
    await page.getByRole("button", { name: "inputs", exact: true }).click();
    await page.getByRole("button", { name: "by token" }).click();
    expect(await clean()).toEqual([]);
    // What the model writes on, with the place where a recipe first differs.
    await page.getByRole("button", { name: "continuation" }).click();
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    await bench.settled(120_000);
    await expect(page.locator('[data-writer="base"]')).toContainText("48 tokens");
    await expect(page.locator('[data-writer="a"]')).toContainText(/first differs at token \d+|the same as/);
    expect(await clean()).toEqual([]);
  });
}

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  test("one column, a token by a tap, nothing wider than the screen", async ({ bench }) => {
    test.setTimeout(120_000);
    const { page } = bench;
    await bench.open(LINK, 120_000);
    await measured(bench);
    const main = page.getByRole("main");
    expect(await main.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
    await page.locator("[data-tokens] span").nth(3).tap();
    await expect(page.locator("#token-readout")).toContainText("as it is");
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join("; ")}`)).toEqual([]);
  });
});

test("inputs are captured, used for gptq here and on the Bench, and by whoever opens the link", async ({
  bench,
  fresh,
}) => {
  test.setTimeout(300_000);
  const { page } = bench;
  await bench.open(LINK.replace("la=int4/128", "la=int3/128").replace("lb=int8/128", "lb=gptq+int3/128"), 120_000);
  // Nothing is known of the inputs yet: B says what it lacks.
  await expect(page.getByRole("region", { name: "Text and run" }).getByRole("alert")).toContainText(/calibration/);
  await expect(page.getByRole("button", { name: "Capture inputs", exact: true })).toBeVisible();
  await page.getByRole("button", { name: "inputs", exact: true }).click();
  const inputs = page.getByRole("region", { name: "Inputs of the model" });
  for (const [name, value] of [
    ["windows", "8"],
    ["tokens a window", "128"],
  ]) {
    await inputs.getByLabel(`${name} of the capture`).fill(value);
    await inputs.getByLabel(`${name} of the capture`).press("Enter");
  }
  await inputs.getByRole("button", { name: /^Capture inputs/ }).click();
  await bench.settled(240_000);
  await measured(bench);
  await expect(page.locator("[data-captured]")).toContainText("over 1,024 tokens");
  const [plain, solved] = [await value(bench, "kl-a"), await value(bench, "kl-b")];
  expect(solved).toBeLessThan(plain);

  // The text that calibrated is no fair judge, and the page says so where it is asked to be one.
  const notes = page.getByRole("list", { name: "Notes on the figures" });
  await expect(notes.getByText(/also calibrated/)).toHaveCount(0);
  await page.getByRole("button", { name: /^Text: / }).click();
  await page.getByRole("menuitem", { name: /^Calibration text/ }).click();
  await measured(bench);
  await expect(notes).toContainText(/characters that judge also calibrated/);
  await page.keyboard.press("Control+z");
  await measured(bench);
  await expect(notes.getByText(/also calibrated/)).toHaveCount(0);

  const download = page.waitForEvent("download");
  await inputs.getByRole("button", { name: "Save as imatrix" }).click();
  expect((await download).suggestedFilename()).toBe("imatrix.gguf");

  const network = page.getByRole("application", { name: /^Network/ });
  await network.press("ArrowRight");
  await network.press("Enter");
  await bench.settled();
  await expect(bench.recipe("B")).toHaveValue("gptq+int3/128");
  await expect(page.locator("[data-inputs]")).toHaveAttribute("data-inputs", "open");
  expect(Number(await bench.figure("outputNmse", "B"))).toBeLessThan(Number(await bench.figure("outputNmse", "A")));
  await page.keyboard.press("Control+z");
  await measured(bench);

  const other = await fresh();
  await other.page.goto(await bench.copyLink());
  await other.settled(240_000);
  await measured(other);
  // The same machine adds in the same order: the capture is the same, and so are the figures.
  for (const name of ["kl-a", "kl-b"])
    expect(await figure(other, name).textContent()).toBe(await figure(bench, name).textContent());
});
