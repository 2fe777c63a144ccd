/** What stands beside the frontier of a mix: measured against predicted, signals, files of others, exports, the report. */
import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import type { Bench } from "./support/bench.ts";
import { ggufModel } from "./support/language-model.ts";
import { expect, test } from "./support/test.ts";

/** The sample under two recipes at six bits a weight of the file; two windows of 32 tokens judge. */
const LINK = "s=sample:small-llama&tab=model&mx=mix&mg=(int3,int4)/128:f16&mb=6&ln=32&lw=2&n=2&v=1";

/** axe finds nothing in any of the panels; the themes differ in their colours only. */
async function clean(bench: Bench, rules: string[] | null): Promise<void> {
  const { page } = bench;
  for (const name of ["measured", "signals", "imports", "exports", "report"]) {
    await page.getByRole("button", { name, exact: true }).click();
    await bench.settled();
    const axe = new AxeBuilder({ page }).include('section[aria-label="Beside the frontier"]');
    const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
    const found = violations.map((v) => `${name}: ${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join("; ")}`);
    expect.soft(found).toEqual([]);
  }
}

const open = (bench: Bench, panel: string) => bench.open(LINK.replace("&n=", `&mw=${panel}&n=`), 120_000);
/** llama.cpp's older importance matrix of the sample's weights. */
function imatrix(): Buffer {
  const int = (value: number) => Buffer.from(Int32Array.of(value).buffer);
  const named = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"];
  const entries = Array.from({ length: 6 }, (_, layer) =>
    named.map((name) => {
      const values = Float32Array.from(
        { length: name === "ffn_down" ? 768 : 256 },
        (_, i) => 1 + ((i * 7 + layer) % 13),
      );
      const text = Buffer.from(`blk.${layer}.${name}.weight`);
      return Buffer.concat([int(text.length), text, int(1), int(values.length), Buffer.from(values.buffer)]);
    }),
  ).flat();
  return Buffer.concat([int(entries.length), ...entries]);
}

const panel = (bench: Bench, name: string) => bench.page.getByRole("region", { name, exact: true });

test("a click measures the mix beside uniform recipes, and the report says the same on a page that needs no script", async ({
  bench,
  browser,
}) => {
  test.setTimeout(120_000);
  const { page } = bench;
  await open(bench, "measured");
  const verdict = page.locator("[data-verdict]");
  await expect(verdict).toContainText("not measured");
  await page.getByRole("checkbox", { name: /neighbours/ }).uncheck();
  const button = page.getByRole("button", { name: /^Measure 3 mixes/ });
  await button.focus();
  await page.keyboard.press("Enter");
  await bench.settled(90_000);
  // Whatever it says: the mix was compared, and with what.
  await expect(verdict).toContainText(/int3\/128:f16 everywhere/);
  const rows = page.locator("[data-measured-table] tbody tr");
  await expect(rows).toHaveCount(3);
  for (const kl of await rows.locator("[data-kl]").allTextContents()) expect(Number.parseFloat(kl)).toBeGreaterThan(0);
  const words = (await verdict.textContent())!;
  // Escape ends a run; what was measured stays.
  await page.getByRole("checkbox", { name: /neighbours/ }).check();
  await page.getByRole("button", { name: /^Measure 5 mixes/ }).click();
  await expect(page.getByRole("progressbar", { name: "Progress of measuring mixes" })).toBeVisible();
  await page.keyboard.press("Escape");
  await bench.settled();
  await expect(page.getByRole("button", { name: /^Measure \d mixes/ })).toBeVisible();
  await expect(verdict).toHaveText(words);
  await clean(bench, null);

  await page.getByRole("button", { name: "report", exact: true }).click();
  await bench.settled();
  const sheet = panel(bench, "Sheet of the report");
  await expect(sheet.getByRole("heading", { level: 1 })).toContainText("Small Llama");
  await expect(sheet).toContainText(words);
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as HTML" }).click();
  const html = readFileSync(await (await saved).path(), "utf8");
  expect(html).not.toMatch(/<(script|img|iframe|link)\b/i);
  const reader = await browser.newContext({ javaScriptEnabled: false });
  const asked: string[] = [];
  reader.on("request", (request) => asked.push(request.url()));
  const alone = await reader.newPage();
  await alone.setContent(html);
  await expect(alone.getByText(words)).toBeVisible();
  await expect(alone.locator("svg")).toHaveCount(2);
  expect(asked).toEqual([]);
  await reader.close();
  // On paper there is the report alone.
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
  await expect(page.getByRole("banner")).toBeHidden();
});

test.describe("in dark", () => {
  test.use({ colorScheme: "dark" });
  test("files of others are taken for what they hold, or refused in words; exports say what they cannot express", async ({
    bench,
  }) => {
    const { page } = bench;
    await open(bench, "imports");
    const said = page.getByRole("list", { name: "What became of files" }).getByRole("listitem");
    const give = async (name: string, content: string | Buffer) => {
      const chooser = page.waitForEvent("filechooser");
      await page.getByRole("button", { name: "Choose files…" }).click();
      await (await chooser).setFiles({ name, mimeType: "text/plain", buffer: Buffer.from(content) });
      await bench.settled();
    };
    await give("picture.png", "\u0089PNG\u0000\u0001");
    await expect(said.first()).toContainText("picture.png is nothing that is read here. Expected are scores");
    await give("other.json", '{"a":1}');
    await expect(said.first()).toContainText("is JSON, and no scores that are known here");
    await give("m_sensitivities.json", '[["model.layers.0.self_attn.q_proj", 2.5], ["model.layers.1.mlp.up_proj", 1]]');
    await expect(said.first()).toContainText("mlx of 2 tensors stand beside the scores");

    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Choose files…" }).click();
    await (await chooser).setFiles(ggufModel("llama.gguf"));
    await bench.settled();
    await expect(said.first()).toContainText("llama.gguf: its assignment has recipes for 43 of 56 tensors");

    await page.getByRole("button", { name: "exports", exact: true }).click();
    const region = panel(bench, "exports");
    await expect(region.getByRole("textbox", { name: "Text of Model recipe" })).toHaveValue(/=int3\/128:f16;/);
    // ggml has no integers in blocks of 128.
    await page.getByRole("button", { name: "llama.cpp", exact: true }).click();
    await bench.settled();
    await expect(region.getByRole("alert")).toContainText("llama.cpp");
    await page.getByRole("button", { name: "llm-compressor", exact: true }).click();
    await bench.settled();
    await expect(region.getByRole("list", { name: "What the export does not say" })).toContainText("int3/128:f16");
    await expect(region.getByRole("textbox")).toHaveValue(/num_bits: 3/);
    await page.getByRole("button", { name: "Checkpoint", exact: true }).click();
    await bench.settled();
    await expect(page.locator("[data-file-plan]")).toContainText("42 tensors through the mix");
    await clean(bench, ["color-contrast", "link-in-text-block"]);
    await page.getByRole("button", { name: "imports", exact: true }).click();
    await give("imatrix.dat", imatrix());
    await expect(said.first()).toContainText(
      "energy, energyEntropy, loudChannels of 42 tensors stand beside the scores",
    );
  });
});
