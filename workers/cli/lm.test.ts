import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { cli } from "./command-for-test.ts";

const folder = mkdtempSync(join(tmpdir(), "lm-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);
const model = fileURLToPath(new URL("../../public/samples/small-llama", import.meta.url));
const minutes = { timeout: 180_000 };

async function json(...args: string[]) {
  const { status, out, err } = await cli(...args, "--json");
  expect(err).toBe("");
  expect(status).toBe(0);
  return JSON.parse(out);
}

it(
  "prints the figures of A and B against the model as it is, and a solver with captured inputs does better",
  minutes,
  async () => {
    await json("capture", model, "--out", at("inputs"), "--only", "*layers.5.mlp*", "--windows", "4");
    const asked = [
      "--recipe",
      "*layers.5.mlp*=gptq+int3/128",
      "--recipe-b",
      "*layers.5.mlp*=int3/128",
      "--windows",
      "4",
    ];
    const said = await json("lm", model, ...asked, "--calibration", at("inputs"), "--tokens", "256");
    const figure = { value: expect.any(Number), stderr: expect.any(Number) };
    expect(said).toMatchObject({
      ...{
        model: "small-llama",
        recipe: "*layers.5.mlp*=gptq+int3/128",
        windows: 4,
        windowsInAll: 35,
        tokens: 1024,
      },
      ...{
        nll: figure,
        perplexity: figure,
        nllChange: figure,
        kl: figure,
        klMedian: figure,
        klP99: figure,
        topOne: figure,
      },
      ...{ klMax: { stderr: null }, broken: 0, belowNoise: false, touched: 3, streamed: false, notes: [] },
      base: { bitsPerWeight: 16, nll: figure, perplexity: figure, broken: 0 },
      b: { recipe: "*layers.5.mlp*=int3/128", kl: figure },
      difference: { kl: figure, nll: figure, topOne: figure },
      noise: { windows: 2 },
    });
    expect(Object.keys(said.probabilityChange.percentiles)).toContain("99.9");
    expect(said.tensors.filter(({ side }: { side: string }) => side === "a")).toHaveLength(3);
    expect(said.difference.kl.value).toBeLessThan(-2 * said.difference.kl.stderr);
    expect(said.kl.value).toBeCloseTo(said.b.kl.value + said.difference.kl.value, 12);
  },
);

it(
  "moves outliers of inputs into weights: on the twin, SmoothQuant mends what static scales break",
  minutes,
  async () => {
    const twin = `twin:${model}`;
    await json("capture", twin, "--out", at("twin"), "--only", "*layers.0.*", "--windows", "4", "--tokens", "256");
    const rules = (step: string) => `*layers.0.*proj*=${step}int8/row`;
    const inputs = "*layers.0.*=static int8/tensor";
    const sides = [
      "--recipe",
      rules("smooth+"),
      "--activations-recipe",
      inputs,
      "--recipe-b",
      rules(""),
      "--activations-recipe-b",
      inputs,
    ];
    const said = await json("lm", twin, ...sides, "--windows", "2", "--tokens", "128", "--calibration", at("twin"));
    expect(said.activationsRecipe).toBe(inputs);
    expect(said.kl.value).toBeLessThan(0.3 * said.b.kl.value);
  },
);

it("says what a text is, that judged text calibrated, and what the model writes", minutes, async () => {
  await json(
    "capture",
    model,
    "--out",
    at("same"),
    "--part",
    "judge",
    "--only",
    "*layers.5.mlp.down*",
    "--windows",
    "1",
  );
  writeFileSync(at("short.txt"), "Fellow citizens of the Senate and of the House of Representatives: ".repeat(20));
  const rule = ["--recipe", "*layers.5.mlp.down*=int4/128", "--calibration", at("same")];
  const { out } = await cli("lm", model, ...rule, "--windows", "1", "--tokens", "32");
  expect(out).toMatch(/<\|endoftext\|> first; 1 windows of 285, drawn, 32 predictions; nats/);
  expect(out).toMatch(/^as it is +16 .* -$/m);
  expect(out).toMatch(/^A +15\.\d+ /m);
  expect(out).toContain("40,000 of the 40,000 characters that judge also calibrated");
  const other = await json("lm", model, ...rule, "--text", at("short.txt"), "--tokens", "64", "--characters", "0-400");
  expect(other.text).toBe("short.txt, characters 0 to 400, <|endoftext|> first");
  expect(other.notes.join()).not.toContain("also calibrated");
  const written = await json(
    "lm",
    model,
    "--continue",
    "Fellow citizens of the",
    "--tokens",
    "3",
    "--recipe-b",
    "*proj*=int2/128",
  );
  expect(written).toMatchObject({ base: { differs: null, end: "length" }, b: { recipe: "*proj*=int2/128" } });
  expect(written.base.tokens).toHaveLength(3);
});

it.each<[RegExp, string[]]>([
  [/Windows of 8 tokens begin 1 to 8 tokens apart, not 9/, ["--tokens", "8", "--stride", "9"]],
  [/--windows is a whole number from 1 on, not "all"/, ["--windows", "all"]],
  [/column 8/, ["--recipe", "*=int4/"]],
  [
    /q_proj.weight: gptq\+int4\/128: gptq needs a calibration/,
    ["--recipe", "*q_proj*=gptq+int4/128", "--windows", "1"],
  ],
  [/10 kB are allowed/, ["--budget", "10kB"]],
  [/--device is wasm or webgpu, not "abacus"/, ["--device", "abacus"]],
])("says %s in one line", minutes, async (message, args) => {
  const { status, out, err } = await cli("lm", model, ...args);
  expect(err).toMatch(message);
  expect(err.trim().split("\n")).toHaveLength(1);
  expect([status, out]).toEqual([1, ""]);
});
