/** The command line on checkpoints that are quantized already. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import { arraysOf } from "../export/write-for-test.ts";
import { writeNvfp4 } from "../layouts/for-test/floats.ts";
import { writeGptq } from "../layouts/for-test/integers.ts";
import { cli } from "./command-for-test.ts";

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quantized-"));
  file = join(folder, "model.safetensors");
  const gptq = writeGptq({ out: 8, inputs: 64, group: 32 }, 4, {}, 1);
  const nvfp4 = writeNvfp4([8, 64], "modelopt", 2);
  await writeFile(file, writeSafetensors([...gptq.tensors, ...nvfp4.tensors]));
  await writeFile(join(folder, "quantize_config.json"), JSON.stringify(gptq.config!.json));
});
afterAll(() => rm(folder, { recursive: true }));

const gptqName = "model.layers.0.q_proj.weight";
const nvfp4Name = "model.layers.1.o_proj.weight";

it("inspect shows weights with their layouts and true bits, their parts below, and the bits of the checkpoint", async () => {
  const { out: stdout } = await cli("inspect", file);
  expect(stdout).toMatch(
    /^model\.layers\.0\.q_proj\.weight +int4 +8 x 64 +- +- +GPTQ, 8\.63 bits a weight, int4\(asym\)\/32:f16, as quantize_config\.json says \(read with zero=v1,order=low\)$/m,
  );
  expect(stdout).toMatch(/^ {2}model\.layers\.0\.q_proj\.qweight +I32 +8 x 8 +\d+ +\d+ +codes$/m);
  expect(stdout).toMatch(/^model\.layers\.1\.o_proj\.weight .* ModelOpt NVFP4, 4\.56 bits a weight, nvfp4, assumed/m);
  expect(stdout).toContain("note: Stored with 6.59 bits a weight over the checkpoint");
});

it("inspect --json says the same", async () => {
  const { out: stdout } = await cli("inspect", file, "--json");
  const [gptq] = JSON.parse(stdout).tensors;
  expect(gptq).toMatchObject({ name: gptqName, shape: [8, 64] });
  expect(gptq.stored).toMatchObject({ layout: "GPTQ", recipe: "int4(asym)/32:f16", source: "quantize_config.json" });
  expect(gptq.stored.parts[0]).toMatchObject({ role: "codes", dtype: "I32", shape: [8, 8], bytes: 256 });
});

it("quantize reads the weight itself, otherwise if asked, and its parts", async () => {
  const run = async (...args: string[]) =>
    JSON.parse((await cli("quantize", file, "--recipe", "nvfp4", "--json", ...args)).out);
  const own = await run("--tensor", nvfp4Name);
  expect(own.tensor).toBe(nvfp4Name);
  const turned = await run("--tensor", nvfp4Name, "--reading", "nibbles=high,global=divide");
  expect(turned.tensor).toBe(`${nvfp4Name}?nibbles=high&global=divide`);
  expect(turned.metrics.mse).not.toBe(own.metrics.mse);
  expect((await run("--tensor", "model.layers.0.q_proj.qweight")).shape).toEqual([8, 64]);
});

it("export writes it read as asked, under its own name", async () => {
  const values = async (...reading: string[]) => {
    const out = join(folder, "out.safetensors");
    await cli("export", file, "--recipe", "f32", "--tensor", nvfp4Name, ...reading, "--out", out);
    return arraysOf(await readFile(out)).get(nvfp4Name)!;
  };
  const [own, turned] = [await values(), await values("--reading", "nibbles=high")];
  expect(turned).toMatchObject({ dtype: own.dtype, shape: [8, 64] });
  expect(turned.bytes).not.toEqual(own.bytes);
});

it("a reading there is not is one line on standard error", async () => {
  const failed = await cli("quantize", file, "--recipe", "f32", "--tensor", gptqName, "--reading", "zero");
  expect(failed).toEqual({
    status: 1,
    out: "",
    err: `${gptqName} has no reading "zero". There are zero=v1|v2, order=low|high.\n`,
  });
});
