/**
 * Golden hashes: the functions of src/llama-quant.cpp compiled by themselves (commit in choose.ts) over the same tensors, their types in the
 * tensors' order joined by spaces, SHA-256, first ten digits. Each file type without an importance matrix, with one, and pure; null
 * where the program stops.
 */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { bytesOfType, ggmlType } from "../recipes.ts";
import golden from "./choose.golden.json" with { type: "json" };
import { fitting, LlamaError, type LlamaOptions, llamaTypes } from "./choose.ts";
import { type FileType, fileTypeNamed, fileTypes } from "./file-types.ts";
import { testModels } from "./models-for-test.ts";

type Name = keyof typeof testModels;

const WAYS: LlamaOptions[] = [{}, { imatrix: true }, { pure: true }];

function typesOf(name: Name, fileType: FileType, options: LlamaOptions = {}): string[] | null {
  const { model, tensors } = testModels[name];
  try {
    return llamaTypes(model, tensors, fileType, options).map(({ type }) => type);
  } catch (error) {
    if (error instanceof LlamaError) return null;
    throw error;
  }
}

const hash = (types: string[] | null) =>
  types && createHash("sha256").update(types.join(" ")).digest("hex").slice(0, 10);

describe("block types are those of llama.cpp's own code", () => {
  it.each(Object.keys(testModels) as Name[])("%s", (name) => {
    for (const fileType of fileTypes) {
      const own = WAYS.map((options) => hash(typesOf(name, fileType, options)));
      expect({ fileType, own }).toEqual({ fileType, own: golden[name][fileType] });
    }
  });
});

/** Numbers of the layers in which a part of this name has the type. */
const layersWith = (name: Name, part: string, fileType: FileType, type: string, options?: LlamaOptions): number[] => {
  const types = typesOf(name, fileType, options)!;
  return testModels[name].tensors.flatMap((tensor, i) =>
    tensor.name.includes(part) && types[i] === type ? [Number(tensor.name.split(".")[1])] : [],
  );
};

describe("a Llama of 32 layers", () => {
  // As the listings of published Q4_K_M files have it: the first and last four layers, and every third between.
  const more = [0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31];

  it("has Q6_K in half of its ffn_down and attn_v in Q4_K_M", () => {
    expect(layersWith("Llama 2 7B", "ffn_down", "Q4_K_M", "Q6_K")).toEqual(more);
    expect(layersWith("Llama 2 7B", "attn_v", "Q4_K_M", "Q6_K")).toEqual(more);
    expect(layersWith("Llama 3 8B", "ffn_down", "Q5_K_M", "Q6_K")).toEqual(more);
  });

  it("has the types of the published Q4_K_M: 65 F32, 193 Q4_K, 33 Q6_K", () => {
    const counts: Record<string, number> = {};
    for (const type of typesOf("Llama 2 7B", "Q4_K_M")!) counts[type] = (counts[type] ?? 0) + 1;
    expect(counts).toEqual({ F32: 65, Q4_K: 193, Q6_K: 33 });
  });

  it("has more bits in the first layers of Q3_K_M and Q4_K_S", () => {
    expect(layersWith("Llama 2 7B", "attn_v", "Q3_K_M", "Q5_K")).toEqual([0, 1]);
    expect(layersWith("Llama 2 7B", "ffn_down", "Q3_K_M", "Q5_K")).toEqual([0, 1]);
    expect(layersWith("Llama 2 7B", "attn_v", "Q4_K_S", "Q5_K")).toEqual([0, 1, 2, 3]);
    expect(layersWith("Llama 2 7B", "ffn_down", "Q4_0", "Q4_1")).toEqual([]);
    expect(layersWith("Llama 2 7B", "ffn_down", "Q4_0", "Q4_1", { imatrix: true })).toEqual([0, 1, 2, 3]);
  });
});

it("gives Llama 3 8B the sizes that llama-quantize lists for it, in GiB", () => {
  // Its header has 128,256 tokens and 280,147 merges. Some are rounded, others cut; what is listed for Q2_K_S is Q2_K's.
  const HEADER = 7.84e6;
  const listed = {
    ...{ Q4_0: 4.34, Q4_1: 4.78, Q5_0: 5.21, Q5_1: 5.65, Q2_K: 2.96, Q3_K_S: 3.41, Q3_K_M: 3.74, Q3_K_L: 4.03 },
    ...{ Q4_K_S: 4.37, Q4_K_M: 4.58, Q5_K_S: 5.21, Q5_K_M: 5.33, Q6_K: 6.14, Q8_0: 7.96 },
  };
  const { tensors } = testModels["Llama 3 8B"];
  for (const [fileType, gib] of Object.entries(listed)) {
    const types = typesOf("Llama 3 8B", fileType as FileType)!;
    const bytes = types.map((type, i) =>
      bytesOfType(
        ggmlType(type)!,
        tensors[i].dimensions.reduce((a, b) => a * b),
      ),
    );
    const size = bytes.reduce((a, b) => a + b, HEADER) / 2 ** 30;
    expect([fileType, Math.abs(size - gib) < 0.01]).toEqual([fileType, true]);
  }
});

it("counts in its own order, not in the file's", () => {
  const { model, tensors } = testModels["Llama 2 7B"];
  const shuffled = tensors.toReversed();
  const types = new Map(llamaTypes(model, shuffled, "Q4_K_M").map(({ type }, i) => [shuffled[i].name, type]));
  expect(tensors.map(({ name }) => types.get(name))).toEqual(typesOf("Llama 2 7B", "Q4_K_M"));
});

it("falls back where rows are no whole blocks, and says from what", () => {
  const { model, tensors } = testModels.stories260K;
  const choices = llamaTypes(model, tensors, "Q4_K_M");
  const of = (name: string) => choices[tensors.findIndex((tensor) => tensor.name === name)];
  expect(of("token_embd.weight")).toEqual({ type: "Q8_0", insteadOf: null });
  expect(of("blk.1.attn_q.weight")).toEqual({ type: "Q5_0", insteadOf: "Q4_K" });
  expect(of("blk.4.attn_v.weight")).toEqual({ type: "Q8_0", insteadOf: "Q6_K" });
  expect(of("blk.0.ffn_down.weight")).toEqual({ type: "F16", insteadOf: "Q4_K" });
  expect(of("blk.0.attn_norm.weight")).toEqual({ type: "F32", insteadOf: null });
  expect(() => fitting("Q8_0", 172, "x.weight")).toThrow("x.weight: rows of 172 are no whole blocks of Q8_0");
});

it("takes the user's types first", () => {
  const { model, tensors } = testModels.stories260K;
  const types = llamaTypes(model, tensors, "Q4_K_M", {
    overrides: [
      { pattern: /blk\.[01]\.ffn_down/, type: "Q6_K" },
      { pattern: /ffn_up/, type: "Q5_1" },
    ],
    embeddingType: "F16",
  }).map(({ type }) => type);
  const of = (name: string) => types[tensors.findIndex((tensor) => tensor.name === name)];
  expect(of("blk.1.ffn_down.weight")).toBe("F16");
  expect(of("blk.2.ffn_up.weight")).toBe("Q5_1");
  expect(of("blk.2.attn_q.weight")).toBe("Q5_0");
  expect(of("token_embd.weight")).toBe("F16");
});

it("knows file types by name, in any case, and by their other names", () => {
  expect(fileTypeNamed("q4_k")).toBe("Q4_K_M");
  expect(fileTypeNamed("iq2_xxs")).toBe("IQ2_XXS");
  expect(fileTypeNamed("q4_k_xl")).toBeUndefined();
});
