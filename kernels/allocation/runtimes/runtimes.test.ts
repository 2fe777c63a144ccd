import { describe, expect, it } from "vitest";
import "../../notation/all.ts";
import { parseRecipe, printRecipe } from "../../notation/index.ts";
import { tableOf } from "../testing/tables.ts";
import { refusal } from "./formats.ts";
import { forbidsOf, runtimes, tieOf } from "./index.ts";

const named = (name: string) => runtimes.find((runtime) => runtime.name === name)!;
const takes = (runtime: string, recipe: string) => {
  // What is asked is what the page would ask.
  expect(printRecipe(parseRecipe(recipe))).toBe(recipe);
  return refusal(named(runtime), recipe) === null;
};

describe("runtimes", () => {
  it("name formats in canonical spelling", () => {
    for (const { formats } of runtimes) {
      for (const { bases, options = [], blocks, scales } of formats) {
        for (const base of bases) {
          for (const block of blocks) {
            for (const scale of scales) {
              for (const option of ["", ...options]) {
                const zero = option.startsWith("zp=") ? `asym,${option}` : option;
                const text = `${base}${zero && `(${zero})`}${block && `/${block}`}${scale && `:${scale}`}`;
                expect(printRecipe(parseRecipe(text))).toBe(text);
              }
            }
          }
        }
      }
    }
  });

  it.each([
    [
      "llama.cpp",
      ["q4_k", "iq2_xxs", "q8_0", "f16", "bf16"],
      ["int4/128:f16", "mxfp4", "gptq+int4/128", "rht(64)+q4_k"],
    ],
    [
      "vllm",
      [
        "int4/128:f16",
        "gptq+int4/128:f16",
        "int4(asym)/64:bf16",
        "int8/row",
        "e4m3/128x128",
        "nvfp4",
        "mxfp4",
        "int4~mse/128",
      ],
      ["int3/128", "int4/16", "q4_k", "e4m3/64", "int4/128:e4m3", "rht(64)+int4/128", "outliers(0.005)+int4/64"],
    ],
    ["tensorrt-llm", ["nvfp4", "e4m3/tensor", "int4/128", "awq+int4/128"], ["int4(asym)/128", "int6/64", "int4/32"]],
    [
      "mlx",
      ["int3(asym)/64:f16", "int6/32", "mxfp8", "nvfp4", "int4(asym,zp=f16)/64:f16"],
      ["int7/64", "int4/256", "e4m3/row"],
    ],
  ] as const)("%s takes what it has kernels for, and nothing else", (runtime, taken, refused) => {
    for (const recipe of taken) {
      // A rule and a rounding stand behind the block in the canonical form.
      const text = printRecipe(parseRecipe(recipe.replace("~mse/128", "/128~mse")));
      expect(takes(runtime, text), text).toBe(true);
    }
    for (const recipe of refused) expect(takes(runtime, printRecipe(parseRecipe(recipe))), recipe).toBe(false);
  });

  it("say why in a clause", () => {
    expect(refusal(named("vllm"), "int3/128")).toBe("vLLM has nothing that runs int3/128");
    expect(refusal(named("mlx"), "rht(64)+int4/64")).toBe("MLX has nothing that runs rht(64)");
  });

  const item = (name: string, role: string, layer: number | null = 3) => ({
    name,
    role,
    layer,
    kind: "weight" as const,
  });
  const query = item("model.layers.3.self_attn.q_proj.weight", "q_proj");
  const value = item("model.layers.3.self_attn.v_proj.weight", "v_proj");
  const gate = item("model.layers.3.mlp.experts.7.gate_proj.weight", "gate_proj");
  const up = item("model.layers.3.mlp.experts.8.up_proj.weight", "up_proj");
  const stack = item("blk.3.ffn_gate_exps.weight[7]", "gate_proj");
  const shared = item("model.layers.3.mlp.shared_expert.gate_proj.weight", "shared_gate_proj");
  const ties = (runtime: string, ...items: (typeof query)[]) => items.map((one) => tieOf(named(runtime), one));

  it("fuse what the engine fuses: queries with values, experts of a layer", () => {
    expect(ties("llama.cpp", query, value)).toEqual([null, null]);
    const [a, b] = ties("vllm", query, value);
    expect(a).toBe("layer 3: q_proj, k_proj, v_proj");
    expect(b).toBe(a);
    expect(tieOf(named("vllm"), { ...query, layer: 4 })).not.toBe(a);
    for (const [runtime, together] of [
      ["vllm", true],
      ["tensorrt-llm", true],
      ["llama.cpp-moe", true],
      ["llama.cpp", false],
      ["mlx", false],
    ] as const) {
      const [first, second] = ties(runtime, gate, up);
      expect(first === second, runtime).toBe(together);
      expect(first).not.toBeNull();
    }
    expect(ties("llama.cpp", gate)).toEqual(ties("llama.cpp", stack));
    expect(ties("vllm", shared)).toEqual(["shared expert 3: gate_proj, up_proj"]);
    expect(ties("llama.cpp", shared)).toEqual([null]);
  });

  it("tie embeddings to the head where these are one", () => {
    const [embedding, head] = [item("e", "embedding", null), item("h", "head", null)];
    expect(tieOf(named("vllm"), head)).toBeNull();
    expect(tieOf(named("vllm"), head, { tied: true })).toBe(tieOf(named("vllm"), embedding, { tied: true }));
  });

  it("forbid by item: routers stay, what is kept may always be", () => {
    const rows = ["router", "q_proj"].map((role) => ({ loss: [0, 0, 0], bits: [1, 2, 3], of: { role } }));
    const table = tableOf(rows, ["q4_k", "int4/64", "keep"]);
    const forbids = forbidsOf(named("llama.cpp"), table);
    expect([0, 1, 2].map((c) => forbids(0, c))).toEqual([
      "llama.cpp leaves it as it is",
      "llama.cpp leaves it as it is",
      null,
    ]);
    expect([0, 1, 2].map((c) => forbids(1, c) === null)).toEqual([true, false, true]);
  });
});
