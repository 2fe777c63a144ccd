/** A mix from the page's request to its file: planned, counted, written by the jobs that there are, and read back as the same mix with the same values. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { KEEP } from "../../../kernels/notation/index.ts";
import { standardBackends } from "../../backends/standard.ts";
import type { FileFormat } from "../../export/request.ts";
import { valuesOf } from "../../export/write-for-test.ts";
import { assignmentOf } from "../../mixes/assignment.ts";
import { readQuantizeCommand } from "../../mixes/exports/llama.ts";
import { storedMix, transferred } from "../../mixes/stored.ts";
import type { MixModel } from "../../mixes/types.ts";
import { sampleFolder } from "../../models/golden-for-test.ts";
import { Workbench } from "../../workbench/workbench.ts";
import { mixExport } from "../mix-export/index.ts";
import { mixPlan } from "../mix-plan/index.ts";
import { model as describeModel } from "../model/index.ts";
import { saveFile } from "../save-file/index.ts";
import { mixSize } from "./index.ts";

const signal = new AbortController().signal;
const control = { signal, progress: () => {}, give: () => {} };
const workbench = new Workbench({ backends: standardBackends(null) });
let model: MixModel;

const dropped = async (...names: string[]) =>
  Promise.all(names.map(async (name) => new File([await readFile(join(sampleFolder, name))], name)));

beforeAll(async () => {
  const files = await dropped("model.safetensors", "config.json", "tokenizer.json");
  await workbench.open({ kind: "files", files }, "s", signal);
  model = (await mixPlan.work({ source: "s", named: [] }, workbench, control)).model;
});

/** What the model's tensors should be: their values, or the results of their recipes. */
async function* wanted(rules: string): AsyncGenerator<{ name: string; text: string; values: Float32Array }> {
  const source = await workbench.source("s");
  for (const { source: own, text } of assignmentOf(model, rules).tensors) {
    const { name } = own;
    if (text === KEEP) {
      yield { name, text, values: await valuesOf(source, name) };
      continue;
    }
    const target = { source: "s", tensor: name, view: source.tensor(name).info.view };
    const order = await workbench.order(target, { recipe: text, definitions: [], backend: "wasm" });
    const quantized = await workbench.runs.quantized(order, control);
    yield { name, text, values: (await quantized.rows(0, order.matrix.rows)).result };
  }
}

/** Writes the mix, as the page asks for it, and opens what came out as a source of that name. */
async function writtenAs(id: string, rules: string, format: FileFormat) {
  const size = await mixSize.work({ source: "s", rules, definitions: [], format }, workbench, control);
  const request = { source: "s", tensor: null, recipe: rules, definitions: [], format, dtype: null, handle: null };
  const done = await saveFile.work({ ...request, unfit: "refuse" }, workbench, control);
  expect(done.bytes).toBe(size.file.bytes);
  expect(done.file!.size).toBe(size.file.bytes);
  const { header, data, padding, bytes } = size.file;
  expect(header + data + padding).toBe(bytes);
  const name = `${id}.${format === "gguf" ? "gguf" : "safetensors"}`;
  await workbench.open({ kind: "files", files: [new File([done.file!], name)] }, id, signal);
  return { size, source: await workbench.source(id) };
}

describe("as GGUF", () => {
  const rules =
    "*.2.*.down_proj.*=q6_k;*.0.*.down_proj.*=iq4_nl;*.down_proj.*=q4_0;*.5.*_proj.*=bf16;*.1.*.q_proj.*=q4_k;*.q_proj.*=q5_0;*_proj.*=q8_0";

  it("has each tensor in its type, and the network gets each recipe's results", async () => {
    const { source } = await writtenAs("gguf", rules, "gguf");
    const own = await workbench.model("s", signal);
    const theirs = await workbench.model("gguf", signal);
    const back = new Map(transferred(storedMix(source.info), model).tensors.map(({ name, recipe }) => [name, recipe]));
    for await (const { name, text, values } of wanted(rules)) {
      // What stays bfloat16 is a cast in the file's own words.
      const plain = (recipe: string) => (recipe === "bf16" ? KEEP : recipe);
      expect([name, plain(back.get(name)!)]).toEqual([name, plain(text)]);
      for (const [part, bound] of own.parts) {
        if (bound.stored.tensor !== name) continue;
        const other = theirs.parts.get(part)!;
        const read = other.adapt(await valuesOf(source, other.stored.tensor));
        expect([part, same(read, bound.adapt(values))]).toEqual([part, true]);
      }
    }
  });

  it("is what its commands make of it: llama-quantize gives each tensor the same type", async () => {
    const { texts, without } = await mixExport.work(
      { source: "s", rules, definitions: [], tool: "llama.cpp" },
      workbench,
      control,
    );
    expect(without).toEqual([]);
    const { options } = readQuantizeCommand(texts[2].text);
    const { info } = await workbench.source("gguf");
    for (const { name, dtype, shape } of info.tensors) {
      if (shape.length < 2) continue;
      const said =
        name === "token_embd.weight"
          ? options.embeddingType
          : options.overrides!.find(({ pattern }) => pattern.test(name))?.type;
      expect([name, said]).toEqual([name, dtype]);
    }
  });
});

it("as compressed-tensors has several groups, each read back as its recipe", async () => {
  const rules =
    "*.3.*down_proj*=int8(half)/row:bf16;*.0.*down_proj*=int4(asym)/64:bf16;*.1.*_proj*=bf16;*q_proj*=e4m3/row;*k_proj*=nvfp4";
  const { source } = await writtenAs("packed", rules, "compressed-tensors");
  const config = JSON.parse(source.info.metadata.quantization_config);
  expect(Object.keys(config.config_groups)).toHaveLength(4);
  expect(config.format).toBe("mixed-precision");
  for await (const { name, text, values } of wanted(rules)) {
    const back = await valuesOf(source, name);
    // The scale of an NVFP4 tensor is stored as its reciprocal, which can move the last bit.
    const limit = text === "nvfp4" ? 2 ** -22 : 0;
    const worst = values.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - back[i]) / (Math.abs(value) || 1)),
      0,
    );
    expect([name, worst <= limit]).toEqual([name, true]);
  }
  const recipes = new Map(storedMix(source.info).tensors.map(({ name, recipe }) => [name, recipe]));
  expect(recipes.get("model.layers.2.self_attn.k_proj.weight")).toBe("nvfp4");
  expect(recipes.get("model.layers.0.mlp.down_proj.weight")).toBe("int4(asym)/64:bf16");
  expect(recipes.get("model.layers.2.self_attn.q_proj.weight")).toBe("e4m3/row");
  expect(recipes.get("model.layers.3.mlp.down_proj.weight")).toMatch(/^int8\((half|full)\)\/row:bf16$/);
});

it("as safetensors has each recipe's results as values", async () => {
  const rules = "*.0.*v_proj*=q4_k;*.0.*up_proj*=int3/64;*o_proj*=mxfp4";
  const { source } = await writtenAs("values", rules, "safetensors");
  for await (const { name, values } of wanted(rules)) {
    expect([name, same(await valuesOf(source, name), values)]).toEqual([name, true]);
  }
});

describe("a plan", () => {
  it("has named mixes and what open files are stored as, and says why others cannot be", async () => {
    const request = { source: "s", named: ["q4_k_m", "Q9_Z"], stored: ["s", "gguf"] };
    const { mixes, refused } = await mixPlan.work(request, workbench, control);
    expect(mixes.map(({ name }) => name)).toEqual([
      "Q4_K_M",
      "as stored in model.safetensors",
      "as stored in gguf.gguf",
    ]);
    expect(refused).toEqual([{ name: "Q9_Z", why: 'llama-quantize has no type "Q9_Z".' }]);
    expect(mixes[1].rules).toBe("");
    expect(mixes[2].tensors).toHaveLength(model.tensors.length);
  });

  it("of a source that is no model has no named mixes", async () => {
    const generator = { name: "normal", rows: 16, cols: 32, seed: 1, params: {} };
    await workbench.open({ kind: "generator", generator }, "g", signal);
    const { mixes, refused } = await mixPlan.work({ source: "g", named: ["Q4_0"], stored: ["g"] }, workbench, control);
    expect(mixes).toHaveLength(1);
    expect(refused[0].why).toMatch(/nothing says them of/);
  });

  it("counts the cache with the file", async () => {
    const { attention } = await describeModel.work({ source: "s" }, workbench, control);
    const cache = { context: 256, recipe: "int8/row" };
    const size = await mixSize.work(
      { source: "s", rules: "*_proj*=q8_0", definitions: [], format: "gguf", cache },
      workbench,
      control,
    );
    const heads = attention.reduce((sum, { keyHeads }) => sum + keyHeads, 0);
    const head = model.cache![0].keySize;
    expect(size.cache!.bits).toBe(2 * heads * 256 * (8 * head + 32));
    expect(size.bytes).toBe(size.file.bytes + size.cache!.bits / 8);
  });
});

const same = (a: Float32Array, b: Float32Array): boolean =>
  Buffer.compare(
    Buffer.from(a.buffer, a.byteOffset, a.byteLength),
    Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  ) === 0;
