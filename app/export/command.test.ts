import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultExperiment, type Experiment } from "../state/experiment.ts";
import { sweepCommand } from "../views/sweep/index.ts";
import { withSweep } from "../views/sweep/state.ts";
import { commandOf } from "./command.ts";

const experiment = (some: Partial<Experiment> = {}): Experiment => ({ ...defaultExperiment, ...some });

describe("the experiment as a command", () => {
  it("names sample, tensor, recipe and codebooks", () => {
    const one = experiment({ a: "my4/64:f16", definitions: ["my4:=codebook(-1,0,1)"] });
    expect(commandOf(one, "conv.w", "a")).toEqual({
      text: "npm run -s cli -- quantize sample:ocr-recogniser --tensor conv.w --recipe my4/64:f16 --define 'my4:=codebook(-1,0,1)'",
      notes: [],
    });
    expect(commandOf(one, "conv.w", "b").text).toContain("--recipe int4/32:f16");
    const source = { kind: "sample" as const, id: "small-llama", twin: "channels=4,power=5,seed=1" };
    expect(commandOf(experiment({ source }), "w", "a").text).toContain(
      "quantize 'twin(channels=4,power=5,seed=1):sample:small-llama' --tensor w",
    );
  });

  it("names the files of modules", () => {
    const own = `mine:=wasm(sha256_${"ab".repeat(32)})`;
    const { text, notes } = commandOf({ ...defaultExperiment, a: "mine", definitions: [own] }, "w", "a");
    expect(text).toContain(`--recipe mine --wasm mine.wasm --define '${own}'`);
    expect(notes).toEqual([expect.stringContaining("path before the name of the module")]);
  });

  it("writes generators and raw files out", () => {
    const generator = { name: "normal", rows: 8, cols: 16, seed: 3, params: { std: 0.5 } };
    const made = experiment({ source: { kind: "generator", generator } });
    expect(commandOf(made, "normal", "b").text).toBe(
      "npm run -s cli -- quantize 'gen:normal(rows=8,cols=16,seed=3,std=0.5)' --recipe int4/32:f16",
    );
    const raw = { dtype: "F16", shape: [4, 8], offset: 16, littleEndian: false };
    const file = experiment({
      source: { kind: "files", fingerprints: [{ name: "it's.bin", size: 80, digest: "" }], raw },
    });
    expect(commandOf(file, "it's", "a")).toEqual({
      text: `npm run -s cli -- quantize 'it'\\''s.bin' --raw F16 --shape 4x8 --offset 16 --big-endian --tensor 'it'\\''s' --recipe nvfp4`,
      notes: ["put the path before the file's name"],
    });
  });

  it("is the sweep where that is on the screen, one for each tensor", () => {
    const swept = withSweep(experiment(), { grid: "(int4,nf4)/32", tensors: ["a", "b c"], phases: 4 });
    const { text } = commandOf(swept, "a", "a", sweepCommand(swept));
    expect(text.split("\n")).toEqual([
      "npm run -s cli -- sweep sample:ocr-recogniser --tensor a --grid '(int4,nf4)/32' --phases 4",
      "npm run -s cli -- sweep sample:ocr-recogniser --tensor 'b c' --grid '(int4,nf4)/32' --phases 4",
    ]);
  });

  it("names the checkpoint that results are taken from", () => {
    const beside = (name: string, chosen = {}) => ({
      source: { kind: "files" as const, fingerprints: [{ name, size: 80, digest: "" }] },
      chosen,
    });
    const two = experiment({ b: "given(2)", others: [beside("one.gguf"), beside("two q4.gguf", { w: "v" })] });
    expect(commandOf(two, "w", "b")).toEqual({
      text: "npm run -s cli -- quantize sample:ocr-recogniser --tensor w --recipe 'given(2)' --other one.gguf --other 'two q4.gguf'",
      notes: [
        "--other: put the path before the file's name",
        "the command pairs tensors by their names, not as it was chosen here",
      ],
    });
    expect(commandOf(two, "w", "a").text).not.toContain("--other");
    expect(commandOf({ ...two, others: [] }, "w", "b").notes).toEqual([
      "say with --other which checkpoint the results are in",
    ]);
    const swept = withSweep(two, { grid: "int4/32;given" });
    expect(commandOf(swept, "w", "b", sweepCommand(swept)).notes).toEqual([
      "the command sweeps no results of other checkpoints",
    ]);
  });

  it("says what it leaves out", () => {
    const turned = experiment({ view: { split: 1, transpose: true }, source: { kind: "text", text: "1 2" } });
    expect(commandOf(turned, "numbers", "a").notes).toEqual([
      "save the typed numbers as numbers.txt first",
      "the command reads the tensor in its usual view, not in the one chosen here",
    ]);
  });

  it("quotes any name as a shell reads it", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter((s) => !s.includes("\0")),
        (name) => {
          const { text } = commandOf(experiment(), name, "a");
          const argument = /--tensor ([\s\S]*) --recipe nvfp4$/.exec(text)![1];
          return execFileSync("sh", ["-c", `printf '%s.' ${argument}`], { encoding: "utf8" }) === `${name}.`;
        },
      ),
      { numRuns: 40 },
    );
  });

  it("spells out what a terminal would obey", () => {
    const name = "a\u001b]0;x\u0007'\\\nb\u009b\u202e";
    const { text } = commandOf(defaultExperiment, name, "a");
    expect(text).toContain(`--tensor $'a\\u001b]0;x\\u0007\\'\\\\\\u000ab\\u009b\\u202e'`);
    expect(text).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
    // As the shell reads it.
    const quoted = /\$'.*'(?= --recipe)/.exec(text)![0];
    const read = execFileSync("bash", ["-c", `printf %s ${quoted}`], { env: { ...process.env, LC_ALL: "C.UTF-8" } });
    expect(read.toString("utf8")).toBe(name);
  });
});
