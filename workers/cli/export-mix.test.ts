/** `export` of a whole mix: what the command writes is what the page's jobs write. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openBytes, written } from "../export/write-for-test.ts";
import { openSampleModel, sampleFolder } from "../models/golden-for-test.ts";
import { exportFile } from "./export.ts";

it("writes a mix of the sample as GGUF", async () => {
  const folder = await mkdtemp(join(tmpdir(), "quantscope-mix-"));
  try {
    const out = join(folder, "mix.gguf");
    const rules = "*.0.*_proj.*=bf16;*.down_proj.*=q8_0;*_proj.*=q4_0";
    await exportFile([sampleFolder, "--recipe", rules, "--format", "gguf", "--out", out]);
    const bytes = await readFile(out);
    const source = await openSampleModel();
    expect(Buffer.compare(bytes, (await written(source, { format: "gguf", recipe: rules })).bytes)).toBe(0);
    const back = await openBytes("mix.gguf", new Uint8Array(bytes));
    const types = new Map(back.info.tensors.map(({ name, dtype }) => [name, dtype]));
    expect(["blk.0.attn_q", "blk.3.ffn_down", "blk.3.ffn_up"].map((name) => types.get(`${name}.weight`))).toEqual([
      "BF16",
      "Q8_0",
      "Q4_0",
    ]);
    source.close();
    back.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
