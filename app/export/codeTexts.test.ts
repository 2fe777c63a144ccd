import { describe, expect, it } from "vitest";
import { defaultExperiment } from "../state/experiment.ts";
import { codeTexts } from "./codeTexts.ts";

const of = (a: string, definitions: string[] = []) => {
  const texts = codeTexts({ ...defaultExperiment, a, definitions }, "w", "a");
  return new Map(texts.map(({ id, text, notes }) => [id, { text, notes: notes.join(" ") }]));
};

describe("a recipe in other words", () => {
  it("is a command, a NumPy program and two tools' configurations", () => {
    const texts = of("q4_k");
    expect([...texts.keys()]).toEqual(["command", "python", "llama.cpp", "llm-compressor"]);
    expect(texts.get("command")!.text).toMatch(/--tensor w --recipe q4_k$/);
    expect(texts.get("python")!.text).toContain("import numpy as np");
    expect(texts.get("llama.cpp")).toEqual({
      text: expect.stringMatching(/^llama-quantize --pure .* Q4_K_S$/),
      notes: expect.stringMatching(/^llama\.cpp does what the recipe says: /),
    });
    expect(texts.get("llm-compressor")).toEqual({
      text: null,
      notes: "llm-compressor cannot do this: it has no block types of ggml",
    });
  });

  it("says where a tool does something else", () => {
    expect(of("mxfp4").get("llm-compressor")).toEqual({
      text: expect.stringContaining("scheme: MXFP4A16"),
      notes: expect.stringMatching(/^llm-compressor comes near, and is not the same: /),
    });
  });

  it("knows named codebooks, and says what has no program", () => {
    expect(of("my3/64", ["my3:=codebook(-1,0,1)"]).get("python")!.text).toContain("import numpy as np");
    expect(of("given(1)").get("python")).toEqual({
      text: null,
      notes: "given results have no program that makes them",
    });
    const broken = of("int4/");
    expect([...broken.keys()]).toEqual(["command"]);
    expect(broken.get("command")!.notes).toMatch(/expected/);
  });
});
