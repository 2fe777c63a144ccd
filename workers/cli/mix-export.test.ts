import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readQuantizeCommand } from "../mixes/exports/llama.ts";
import { openSampleModel } from "../models/golden-for-test.ts";
import { exportArguments, writeExports } from "./mix-export.ts";
import { Outputs } from "./write.ts";

it("writes a mix for each tool that has something like it, and says what the others lack", async () => {
  const folder = await mkdtemp(join(tmpdir(), "quantscope-mix-export-"));
  const source = await openSampleModel();
  try {
    const at = (name: string) => join(folder, name);
    const wanted = exportArguments([`llama.cpp=${at("types.txt")}`, `mlx=${at("mlx.json")}`]);
    const notes = await writeExports(wanted, source, "*.0.*_proj*=q6_k;*_proj*=q4_0", [], new Outputs());
    expect(await readdir(folder)).toEqual(["types.sh", "types.txt"]);
    const [types, script] = await Promise.all(["types.txt", "types.sh"].map((name) => readFile(at(name), "utf8")));
    expect(script).toContain("--tensor-type-file types.txt");
    const [, command] = script.split(/^# .*\n/m);
    const { options } = readQuantizeCommand(command, () => types);
    const typeOf = (name: string) => options.overrides!.find(({ pattern }) => pattern.test(name))?.type;
    expect(["blk.0.attn_q.weight", "blk.5.ffn_down.weight"].map(typeOf)).toEqual(["Q6_K", "Q4_0"]);
    expect(notes.at(-1)).toMatch(
      /^mlx: .*mlx\.json was not written\. No weight of .* has a recipe that mlx has anything like/,
    );
  } finally {
    source.close();
    await rm(folder, { recursive: true, force: true });
  }
});

it("refuses tools that there are not", () => {
  expect(() => exportArguments(["exllama=x.json"])).toThrow(
    '--export is TOOL=FILE, such as llama.cpp=tensor-types.txt, not "exllama=x.json"',
  );
  expect(() => exportArguments(["mlx="])).toThrow("Tools are llama.cpp, llm-compressor, modelopt, mlx, torchao.");
});
