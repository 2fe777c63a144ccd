/** `quantize --recipe given --other FILE`: two real checkpoints side by side. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { sharedFile } from "../../kernels/testing/shared.ts";
import { captured } from "./capture-for-test.ts";
import { quantize } from "./quantize.ts";

const float32 = sharedFile("data/stories260K.f32.safetensors");
const bfloat16 = sharedFile("data/stories260K.bf16.safetensors");
const folder = mkdtemp(join(tmpdir(), "others-"));
afterAll(async () => rm(await folder, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

async function run(...args: string[]) {
  const { lines, ...written } = await captured(quantize, [...args, "--json"]);
  return { ...written, reports: lines.map((line) => JSON.parse(line)) };
}

const absent = float32 && bfloat16 ? "" : " (skipped: the shared data is absent)";
describe.skipIf(absent !== "")(`a float32 checkpoint against its bfloat16 one${absent}`, () => {
  const names = (reports: { tensor: string }[]) => reports.map((r) => r.tensor);
  it("has the errors of a cast to bfloat16, for every tensor", async () => {
    const given = await run(float32!, "--all", "--recipe", "given", "--backend", "reference", "--other", bfloat16!);
    const cast = await run(float32!, "--all", "--recipe", "bf16", "--backend", "reference");
    expect(given.reports).toHaveLength(47);
    expect(names(given.reports)).toEqual(names(cast.reports));
    for (const [i, { metrics }] of given.reports.entries()) {
      const { mse, maxAbs, flushed, bias } = cast.reports[i].metrics;
      expect(metrics).toMatchObject({ maxAbs, flushed, bitsPerWeight: 16 });
      expect(metrics.mse).toBeCloseTo(mse, 12);
      expect(metrics.bias).toBeCloseTo(bias, 9);
    }
  });

  it("is paired under Hugging Face's names too, and says which tensor has no partner", async () => {
    // The same bytes under other names: only the header changes, to one of the same length.
    const bytes = await readFile(bfloat16!);
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
    const renamed = Object.fromEntries(
      Object.entries(header).map(([name, entry]) => [
        name
          .replace("attention.wq", "self_attn.q_proj")
          .replace("feed_forward.w2", "mlp.down_proj")
          .replace("layers.4.attention_norm", "elsewhere.norm"),
        entry,
      ]),
    );
    const json = Buffer.from(JSON.stringify(renamed));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(json.length));
    const path = join(await folder, "renamed.safetensors");
    await writeFile(path, Buffer.concat([size, json, bytes.subarray(8 + length)]));
    const { reports, err } = await run(float32!, "--all", "--recipe", "given", "--other", path);
    expect(reports).toHaveLength(46);
    expect(err).toBe("layers.4.attention_norm.weight: the other checkpoint has no partner for this tensor\n");
    const found = reports.find((r) => r.tensor === "layers.2.feed_forward.w2.weight");
    expect(found.metrics).toMatchObject({ bitsPerWeight: 16 });
    expect(found.metrics.nmse).toBeLessThan(1e-5);
  });
});

it("says so where no other checkpoint was given, or it cannot be opened", async () => {
  const generator = "gen:normal(rows=4,cols=4)";
  await expect(run(generator, "--recipe", "given")).rejects.toThrow(
    "given needs another checkpoint to take results from: name it with --other.",
  );
  await expect(run(generator, "--recipe", "given", "--other", "nowhere.gguf")).rejects.toThrow("nowhere.gguf");
  const { reports } = await run(generator, "--recipe", "given(bits=3)", "--other", "gen:uniform(rows=4,cols=4)");
  expect(reports[0].metrics.bitsPerWeight).toBe(3);
});
