/** What is written for other tools, read again as they read it, gives every module what it was assigned. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import "../../../kernels/notation/all.ts";
import { type Assignment, assignmentOf } from "../assignment.ts";
import { llamaTypes } from "../llama/choose.ts";
import { modelForTest } from "../model-for-test.ts";
import { llamaGroups, llamaModelOf } from "../named.ts";
import { typeOfRecipe } from "../recipes.ts";
import { rulesOf } from "../rules.ts";
import type { MixModel, MixTool } from "../types.ts";
import { readCompressorRecipe, weightsOf } from "./compressor.ts";
import { exportMix } from "./index.ts";
import { readQuantizeCommand, readTensorTypes } from "./llama.ts";
import { readMlxConfig } from "./mlx.ts";
import { cfgOf, readQuantCfg } from "./modelopt.ts";
import { shellWords } from "./shell.ts";
import { readFqnToConfig } from "./torchao.ts";

const models = { dense: modelForTest(), experts: modelForTest({ layers: 3, experts: 12 }) };

/** Assignments of these recipes to a model's matrices, alike for the experts of a layer where `tied`. */
const assignments = (recipes: readonly string[], tied: boolean) =>
  fc
    .record({
      model: fc.constantFrom<MixModel[]>(...Object.values(models)),
      picks: fc.array(fc.constantFrom("keep", ...recipes), { minLength: 7, maxLength: 60 }),
    })
    .map(({ model, picks }) => {
      const stacks = new Map<string, number>();
      const rules = rulesOf(
        model.tensors.map(({ name, shape, gguf }, i) => {
          const at = tied ? (stacks.get(gguf!.name) ?? i) : i;
          stacks.set(gguf!.name, at);
          return { name, recipe: shape.length < 2 ? "keep" : picks[at % picks.length] };
        }),
      );
      return assignmentOf(model, rules);
    });

const textOf = (tool: MixTool, assignment: Assignment, file: string): string =>
  exportMix(tool, assignment).texts.find((text) => text.file === file)!.text;

const somethingFor = (assignment: Assignment, fits: (text: string) => boolean): boolean =>
  assignment.tensors.some(({ text, source }) => source.linear && source.role !== "router" && fits(text));

describe("llama.cpp", () => {
  const recipes = ["q4_k", "q6_k", "q5_0", "q8_0", "iq4_xs", "bf16"];

  it("gives each tensor its type, by the file and by the command alone", () => {
    fc.assert(
      fc.property(assignments(recipes, true), (assignment) => {
        fc.pre(somethingFor(assignment, (text) => text !== "keep"));
        const { texts, without } = exportMix("llama.cpp", assignment);
        const [file, withFile, alone] = texts.map(({ text }) => text);
        const groups = llamaGroups(assignment.model);
        const byName = new Map(assignment.tensors.map((tensor) => [tensor.source.name, tensor]));
        const left = new Set(without.map(({ name }) => name));
        for (const command of [withFile, alone]) {
          const { fileType, options } = readQuantizeCommand(command, () => file);
          const tensors = groups.map(({ tensor }) => tensor);
          const types = llamaTypes(llamaModelOf(assignment.model), tensors, fileType, options);
          groups.forEach(({ tensor, sources: [source] }, i) => {
            const own = left.has(source.name) ? "keep" : byName.get(source.name)!.text;
            expect([tensor.name, types[i].type]).toEqual([
              tensor.name,
              own === "keep" ? tensor.type : typeOfRecipe(own),
            ]);
          });
        }
        // The router is what llama-quantize never touches.
        for (const { name } of without) expect(name).toMatch(/mlp\.gate\.weight$/);
      }),
      { numRuns: 8 },
    );
  });

  it("names layers once, and quotes what a shell would take apart", () => {
    const assignment = assignmentOf(models.dense, "*.1?.*.down_proj.*=q6_k;*.0.*.down_proj.*=q6_k;*_proj.*=q4_k");
    const [file, , alone, measure] = exportMix("llama.cpp", assignment).texts.map(({ text }) => text);
    expect(file).toBe(
      [
        String.raw`^blk\.(0|1[01])\.ffn_down\.weight$=q6_k`,
        String.raw`^blk\.\d+\.attn_q\.weight$=q4_k`,
        String.raw`^blk\.\d+\.attn_k\.weight$=q4_k`,
        String.raw`^blk\.\d+\.attn_v\.weight$=q4_k`,
        String.raw`^blk\.\d+\.attn_output\.weight$=q4_k`,
        String.raw`^blk\.\d+\.ffn_up\.weight$=q4_k`,
        String.raw`^blk\.[1-9]\.ffn_down\.weight$=q4_k`,
        "",
      ].join("\n"),
    );
    expect(alone.split("\n")).toContain(String.raw`  --tensor-type '^blk\.[1-9]\.ffn_down\.weight$=q4_k' ${"\\"}`);
    expect(alone).toMatch(/--output-tensor-type bf16.*\n.*--token-embedding-type bf16.*\n/);
    expect(alone).toMatch(/model\.gguf model-mix\.gguf Q4_K_S$/);
    expect(measure).toContain("--kl-divergence-base logits.kld --kl-divergence");
  });

  it("says what it has no type for, and keeps it", () => {
    const assignment = assignmentOf(
      models.experts,
      "*.0.*.experts.3.up*=q8_0;*up_proj*=q4_k;*q_proj*=int4/64;*k_proj*=q4_0",
    );
    const { without, texts, notes } = exportMix("llama.cpp", assignment);
    const why = new Map(without.map(({ name, why }) => [name, why]));
    expect(why.get("model.layers.0.mlp.experts.3.up_proj.weight")).toMatch(/one type for all experts/);
    expect(why.get("model.layers.2.self_attn.q_proj.weight")).toBe("no type of ggml is this recipe");
    expect(notes.join()).toContain("stay as they are");
    const { options } = readQuantizeCommand(texts[2].text);
    expect(options.overrides!.find(({ pattern }) => pattern.test("blk.0.ffn_up_exps.weight"))?.type).toBe("BF16");
    const narrow = assignmentOf(modelForTest({ width: 96 }), "*q_proj*=q4_k;*k_proj*=q4_0");
    expect(exportMix("llama.cpp", narrow).without[0].why).toBe("rows of 96 are no whole blocks of Q4_K");
    expect(() => exportMix("llama.cpp", assignmentOf(models.dense, "*=int4/64"))).toThrow(/No tensor has a recipe/);
  });

  it("starts from a GGUF file itself, and says where that is quantized already", () => {
    const tensors = models.dense.tensors.map((tensor) => ({ ...tensor, name: tensor.gguf!.name, dtype: "Q8_0" }));
    const { texts, notes } = exportMix(
      "llama.cpp",
      assignmentOf({ ...models.dense, label: "its q8.gguf", tensors }, "*attn_q*=q4_0"),
    );
    expect(texts[1].text).toMatch(/^llama-quantize --allow-requantize/);
    expect(texts[1].text).toContain("'its q8.gguf' model-mix.gguf");
    expect(notes).toEqual([
      "its q8.gguf is quantized already: what is quantized again is worse than from the model itself.",
    ]);
    expect(readQuantizeCommand(texts[2].text).options.outputType).toBe("Q8_0");
  });

  it("asks for an importance matrix where types need one", () => {
    const { texts, notes } = exportMix("llama.cpp", assignmentOf(models.dense, "*q_proj*=iq2_xs;*k_proj*=q4_k"));
    expect(texts[1].text).toContain("--imatrix imatrix.gguf");
    expect(notes[0]).toBe("IQ2_XS is made with an importance matrix alone: imatrix.gguf.");
  });

  it("refuses files and commands of others", () => {
    expect(() => readTensorTypes("attn_q=q9_z")).toThrow('"attn_q=q9_z" is no pattern=type');
    expect(() => readQuantizeCommand("rm -rf x")).toThrow("no command of llama-quantize");
    expect(() => readQuantizeCommand("llama-quantize --target-bpw 4 a b Q4_K")).toThrow("--target-bpw");
    expect(shellWords(`a 'b c'"d \\" e" f\\ g 'h'\\''i'`)).toEqual(["a", `b cd " e`, "f g", "h'i"]);
    expect(shellWords("a 'b")).toBeNull();
  });
});

describe("llm-compressor", () => {
  it("gives each module its weights", () => {
    const recipes = ["int4(half)/128:bf16", "int8(half)/row:bf16", "e4m3/row", "nvfp4", "mxfp4~mx(even)", "nf4/64"];
    fc.assert(
      fc.property(assignments(recipes, false), (assignment) => {
        fc.pre(assignment.tensors.some(({ text, source }) => source.linear && text !== "keep" && text !== "nf4/64"));
        const { without } = exportMix("llm-compressor", assignment);
        const groups = readCompressorRecipe(textOf("llm-compressor", assignment, "recipe.yaml"));
        const left = new Set(without.map(({ name }) => name));
        const seen = new Map<string, string>();
        for (const { source, text } of assignment.tensors) {
          const [module] = source.modules;
          if (!module) continue;
          const got = weightsOf(groups, module);
          if (text === "keep" || left.has(source.name)) {
            expect(got).toBeNull();
            continue;
          }
          // One recipe is one set of arguments, and another recipe another.
          expect(seen.get(text) ?? got).toBe(got);
          seen.set(text, got!);
        }
        expect(new Set(seen.values()).size).toBe(seen.size);
      }),
      { numRuns: 8 },
    );
  });

  it("is the YAML of one modifier", () => {
    const rules = "*.0.*down*=int8(half)/row:bf16;*down*=int4(half)/128:bf16";
    expect(textOf("llm-compressor", assignmentOf(models.dense, rules), "recipe.yaml")).toBe(
      String.raw`quant_stage:
  quant_modifiers:
    QuantizationModifier:
      config_groups:
        group_0:
          targets: ["re:model\\.layers\\.0\\.mlp\\.down_proj$"]
          weights: {num_bits: 8, type: int, symmetric: true, strategy: channel, dynamic: false, observer: memoryless_minmax}
        group_1:
          targets: ["re:model\\.layers\\.([1-9]|1[01])\\.mlp\\.down_proj$"]
          weights: {num_bits: 4, type: int, symmetric: true, strategy: group, group_size: 128, dynamic: false, observer: memoryless_minmax}
`,
    );
  });
});

describe("ModelOpt", () => {
  it("gives each module its quantizer", () => {
    const cfg: Record<string, object> = {
      "int4/128": { num_bits: 4, block_sizes: { "-1": 128, type: "static" } },
      "int8/row": { num_bits: 8, axis: 0 },
      "e4m3/tensor": { num_bits: [4, 3], axis: null },
      "e4m3/128x128": { num_bits: [4, 3], block_sizes: { "-1": 128, "-2": 128, type: "static" } },
      nvfp4: { num_bits: [2, 1], block_sizes: { "-1": 16, type: "dynamic", scale_bits: [4, 3] } },
      "e2m1/32:e8m0@up": { num_bits: [2, 1], block_sizes: { "-1": 32, type: "dynamic", scale_bits: [8, 0] } },
    };
    fc.assert(
      fc.property(assignments([...Object.keys(cfg), "int4(asym)/64"], false), (assignment) => {
        fc.pre(somethingFor(assignment, (text) => text in cfg));
        const entries = readQuantCfg(textOf("modelopt", assignment, "quant_cfg.py"));
        for (const { source, text } of assignment.tensors) {
          for (const module of source.modules)
            expect([module, cfgOf(entries, module)]).toEqual([module, (source.linear && cfg[text]) || null]);
        }
      }),
      { numRuns: 8 },
    );
  });

  it("has the last entry hold, and says what an exported checkpoint says", () => {
    const assignment = assignmentOf(
      models.dense,
      "*.3.*down*=keep;*down*=nvfp4;*.0.*up*=e4m3/tensor;*o_proj*=int6/row",
    );
    const { texts, notes } = exportMix("modelopt", assignment);
    expect(texts[0].text).toContain('{"quantizer_name": "*", "enable": False},');
    expect(readQuantCfg(texts[0].text).at(-1)).toMatchObject({
      quantizer_name: expect.stringMatching(/^model\.layers/),
    });
    const { quantization } = JSON.parse(texts[1].text);
    expect(quantization.quant_algo).toBe("MIXED_PRECISION");
    expect(quantization.quantized_layers["model.layers.0.mlp.up_proj"]).toEqual({ quant_algo: "FP8" });
    expect(Object.keys(quantization.quantized_layers)).toHaveLength(12);
    expect(notes).toContain(
      "hf_quant_config.json has no name for what model.layers.0.self_attn.o_proj.weight and 11 more get.",
    );
  });
});

describe("MLX", () => {
  it("gives each module its bits and groups", () => {
    const entries: Record<string, object> = {
      "int4(asym)/64:bf16": { group_size: 64, bits: 4, mode: "affine" },
      "int3(asym)/32:bf16": { group_size: 32, bits: 3, mode: "affine" },
      mxfp4: { group_size: 32, bits: 4, mode: "mxfp4" },
      "e2m1/16:e4m3": { group_size: 16, bits: 4, mode: "nvfp4" },
    };
    fc.assert(
      fc.property(assignments([...Object.keys(entries), "int4/64", "int7(asym)/64"], false), (assignment) => {
        fc.pre(assignment.tensors.some(({ text }) => text in entries));
        const entry = readMlxConfig(textOf("mlx", assignment, "config.json"));
        for (const { source, text } of assignment.tensors)
          for (const module of source.modules) expect([module, entry(module)]).toEqual([module, entries[text] ?? null]);
      }),
      { numRuns: 8 },
    );
  });
});

describe("torchao", () => {
  it("gives each module its configuration", () => {
    const types: Record<string, string> = {
      "int4(half)/32:bf16": "IntxWeightOnlyConfig",
      "int6(asym)/row": "IntxWeightOnlyConfig",
      "e4m3/row": "Float8WeightOnlyConfig",
      nvfp4: "NVFP4WeightOnlyConfig",
    };
    fc.assert(
      fc.property(assignments([...Object.keys(types), "int4/64", "mxfp4"], false), (assignment) => {
        fc.pre(assignment.tensors.some(({ text, source }) => text in types && source.linear));
        const config = readFqnToConfig(textOf("torchao", assignment, "torchao.json"));
        for (const { source, text } of assignment.tensors) {
          const has = source.linear || types[text] === "IntxWeightOnlyConfig";
          for (const module of source.modules)
            expect([module, config(module)?._type ?? null]).toEqual([module, (has && types[text]) || null]);
        }
      }),
      { numRuns: 8 },
    );
  });

  it("is the Python and the JSON that config_from_dict takes", () => {
    const assignment = assignmentOf(models.dense, "*down*=int4(half)/32:bf16;*up*=e4m3/row");
    const { texts } = exportMix("torchao", assignment);
    expect(texts[0].text).toContain(
      String.raw`    (r"re:model\.layers\.\d+\.mlp\.down_proj", IntxWeightOnlyConfig(weight_dtype=torch.int4, granularity=PerGroup(32), mapping_type=MappingType.SYMMETRIC, scale_dtype=torch.bfloat16)),`,
    );
    expect(texts[0].text).toContain(
      "from torchao.quantization import Float8WeightOnlyConfig, FqnToConfig, IntxWeightOnlyConfig, MappingType, PerGroup, quantize_",
    );
    expect(JSON.parse(texts[1].text)._data.fqn_to_config[String.raw`re:model\.layers\.\d+\.mlp\.down_proj`]).toEqual({
      _type: "IntxWeightOnlyConfig",
      _version: 1,
      _data: {
        weight_dtype: { _type: "torch.dtype", _data: "int4" },
        granularity: { _type: "PerGroup", _version: 1, _data: { group_size: 32 } },
        mapping_type: { _type: "MappingType", _data: "SYMMETRIC" },
        scale_dtype: { _type: "torch.dtype", _data: "bfloat16" },
        version: 2,
      },
    });
  });
});
