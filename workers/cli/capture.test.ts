import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { cli } from "./command-for-test.ts";

const folder = mkdtempSync(join(tmpdir(), "capture-"));
afterAll(() => rmSync(folder, { recursive: true }));
const model = fileURLToPath(new URL("../../public/samples/small-llama", import.meta.url));
const DOWN = "model.layers.0.mlp.down_proj.weight";
const short = ["--windows", "1", "--tokens", "64", "--rows", "16", "--only", "*layers.0.*"];

it("captures a model's inputs into a folder and an importance matrix, which solvers and block types take", async () => {
  const [out, imatrix, dat] = ["captured", "i.gguf", "i.dat"].map((name) => join(folder, name));
  const { out: text, status } = await cli("capture", model, ...short, "--out", out, "--imatrix", imatrix, "--json");
  expect(status).toBe(0);
  const said = JSON.parse(text);
  expect(said).toMatchObject({ windows: 1, tokens: 64, inputs: 4, weights: 7, characters: [40_000, 120_000] });
  expect(readdirSync(out)).toEqual(said.files);
  const quantize = async (...args: string[]) => {
    const run = await cli("quantize", model, "--tensor", DOWN, "--json", ...args);
    return JSON.parse(run.out);
  };
  const gptq = await quantize("--recipe", "gptq+int3/128", "--calibration", out);
  const plain = await quantize("--recipe", "int3/128", "--calibration", out);
  expect(gptq.calibration).toMatchObject({ kind: "capture", name: `captured: ${DOWN}`, tokens: 64 });
  expect(gptq.metrics.outputNmse).toBeLessThan(0.8 * plain.metrics.outputNmse);
  const packed = await quantize("--recipe", "q4_k", "--imatrix", imatrix);
  expect(packed.calibration).toMatchObject({ kind: "imatrix", tokens: 64 });
  await cli("capture", model, ...short, "--imatrix", dat);
  expect((await quantize("--recipe", "q4_k", "--imatrix", dat)).metrics.mse).toBeCloseTo(packed.metrics.mse, 9);
  // The figures of llama-imatrix are the same of both; means, and what they moved by, are in what was captured alone.
  const figures = async (path: string) => JSON.parse((await cli("statistics", path, "--json")).out).tensors;
  const [whole, channels] = [await figures(out), await figures(imatrix)];
  expect([whole.length, channels.length]).toEqual([7, 7]);
  const [captured, stored] = [
    whole.find(({ name }: { name: string }) => name === DOWN),
    channels.find(({ name }: { name: string }) => name === "blk.0.ffn_down.weight"),
  ];
  expect(captured.statistics.total / stored.statistics.total).toBeCloseTo(1, 5);
  expect(captured.statistics.entropy).toBeCloseTo(stored.statistics.entropy, 4);
  expect((await cli("statistics", imatrix)).out).toMatch(/blk\.0\.ffn_down\.weight +\d.*\nBy layer/s);
  const again = await cli("capture", model, ...short, "--out", out);
  expect(again.err).toMatch(/holds 1 files already. Name a new folder/);
}, 120_000);

it.each<[RegExp, string[]]>([
  [/capture writes a folder or an importance matrix/, []],
  [/--windows is a whole number from 1 on, not "many"/, ["--windows", "many"]],
  [/--budget is a size such as 500MB/, ["--budget", "some"]],
  [/--characters 9-3: .* has 5 characters/, ["--text", "TEXT", "--characters", "9-3"]],
  [/--part is judge or calibrate/, ["--part", "all"]],
  [/--text and --part exclude each other/, ["--text", "TEXT", "--part", "judge"]],
  [/--device is wasm or webgpu, not "abacus"/, ["--device", "abacus"]],
])("says %s in one line, and leaves nothing behind", async (message, args) => {
  const text = join(folder, "short.txt");
  writeFileSync(text, "words");
  const out = join(folder, "none");
  const given = args.map((one) => (one === "TEXT" ? text : one));
  const { err, status } = await cli("capture", model, ...given, ...(args.length > 0 ? ["--imatrix", out] : []));
  expect([err, status]).toEqual([expect.stringMatching(message), 1]);
  expect(err.trim().split("\n")).toHaveLength(1);
  expect(existsSync(out)).toBe(false);
});
