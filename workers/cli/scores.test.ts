/** `model`: scores and the mix for a budget, on the sample model and on files that tests write. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import "../../kernels/notation/all.ts";
import { matchRule, parseModelRecipe, printRecipe } from "../../kernels/notation/index.ts";
import { floats } from "../checkpoints/bytes-for-test.ts";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import type { ScoreFile } from "../scores/types.ts";
import { captured } from "./capture-for-test.ts";
import { model } from "./model.ts";

const folder = await mkdtemp(join(tmpdir(), "scores-"));
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

const SAMPLE = "sample:small-llama";
const ONLY = ["--only", "*.0.*", "--threads", "1"];
const run = async (...args: string[]) => JSON.parse((await captured(model, [...args, "--json"])).lines[0]);

describe("model", () => {
  it("scores tensors, finds the least loss for a budget, and goes on from a file", async () => {
    const [out, assign] = [join(folder, "scores.json"), join(folder, "rules.txt")];
    const grid = ["--recipes", "int2/64;int3/64;int4/64;int6/64", ...ONLY];
    const { mix, scores, uniform } = await run(SAMPLE, ...grid, "--budget", "14.4", "--out", out, "--assign", assign);
    expect(JSON.parse(await readFile(out, "utf8"))).toEqual(scores);
    const file = scores as ScoreFile;
    // Every tensor of the file counts, also those without scores.
    const elements = file.tensors.length;
    expect(elements).toBe(7);
    expect(mix.bits).toBeLessThanOrEqual(mix.budgetBits);
    expect(mix.gap).toBe(0);
    // No uniform recipe that fits has less loss.
    for (const one of uniform) if (one.bits <= mix.budgetBits) expect(mix.loss).toBeLessThanOrEqual(one.loss);
    const rules = parseModelRecipe((await readFile(assign, "utf8")).trim().replaceAll("\n", ""));
    for (const { name, recipe } of mix.tensors) {
      const rule = matchRule(rules, name)?.recipe;
      expect([name, rule ? printRecipe(rule) : "keep"]).toEqual([name, recipe]);
    }
    const again = await run(SAMPLE, ...ONLY, "--scores", out, "--budget", "14.4");
    expect(again.scores.tensors).toEqual(scores.tensors);
    expect(again.mix).toEqual(mix);
  });

  it("says what is read before, and what a budget cannot do", async () => {
    const { out } = await captured(model, [SAMPLE, "--recipes", "int3/128;q4_k;int8/row", ...ONLY, "--share", "0.3"]);
    expect(out).toMatch(/^7 tensors x 3 recipes, reading [\d.]+ [kM]B \(\d+ %\); an exact answer would read 1\.6 MB$/m);
    expect(out).toMatch(/^not scored: 47 tensors of .* values \(named by no pattern\)$/m);
    expect(out).toMatch(/^ +\d+\.\d+ +0\.0\d+ +\S+ +int3\/128$/m);
    const least = captured(model, [SAMPLE, "--recipes", "int3/128", ...ONLY, "--budget", "1.5"]);
    await expect(least).rejects.toThrow(
      /^A budget of 1\.500 bits a weight \(1\.1 MB\) is below the least that these recipes take, \d+\.\d+ bits/,
    );
    const most = await run(SAMPLE, "--recipes", "int3/128", ...ONLY, "--budget", "30");
    expect(most.mix.notes).toContainEqual(
      expect.stringMatching(/^more than 16\.000 bits a weight \(12 MB\) buys nothing/),
    );
    expect(most.mix.tensors.every(({ recipe }: { recipe: string }) => recipe === "keep")).toBe(true);
  });

  it("judges the mix on fresh rows where a sample chose it", async () => {
    const tensors = [
      {
        name: "a.0.w",
        dtype: "F32" as const,
        shape: [512, 256],
        bytes: new Uint8Array(Float32Array.from({ length: 512 * 256 }, (_, i) => ((i * i) % 101) - 50).buffer),
      },
    ];
    const path = join(folder, "large.safetensors");
    await writeFile(path, writeSafetensors(tensors));
    const { mix, scores } = await run(
      path,
      "--recipes",
      "int3/64;int4/64",
      "--share",
      "0.1",
      "--budget",
      "4.3",
      "--fresh",
      "--threads",
      "1",
    );
    expect(scores.tensors[0].exact).toEqual([false, false]);
    expect(mix.fresh).toMatchObject({ tensors: 1, whole: 0 });
    expect(mix.fresh.fresh).not.toBe(mix.fresh.chosen);
    expect(mix.fresh.fresh / mix.fresh.chosen).toBeGreaterThan(0.8);
    expect(mix.fresh.fresh / mix.fresh.chosen).toBeLessThan(1.25);
  });

  it("keeps to what a runtime takes and fuses", async () => {
    const args = [SAMPLE, "--recipes", "int4(asym)/128:f16;int8/row:f16;nf4/64", ...ONLY, "--budget", "14.6"];
    const { mix } = await run(...args, "--runtime", "vllm");
    const of = (name: string) => mix.tensors.find((one: { name: string }) => one.name.includes(name)).recipe;
    expect(mix.tensors.map(({ recipe }: { recipe: string }) => recipe)).not.toContain("nf4/64");
    expect([of("q_proj"), of("k_proj")]).toEqual([of("v_proj"), of("v_proj")]);
    expect(of("gate_proj")).toBe(of("up_proj"));
  });

  it("counts keys and values of a context within the budget", async () => {
    const args = [SAMPLE, "--recipes", "int4/128", ...ONLY, "--budget", "15.5"];
    const [without, withCache] = [await run(...args), await run(...args, "--context", "64")];
    expect(withCache.mix.cacheBits).toBeGreaterThan(0);
    expect(withCache.mix.bits).toBeLessThanOrEqual(withCache.mix.budgetBits);
    expect(without.mix.cacheBits).toBe(0);
    expect(without.mix.budgetBits).toBe(withCache.mix.budgetBits);
  });

  it.each([
    [["--recipes", "int4/64", "--share", "2"], '--share is a share of the rows, above 0 and at most 1, not "2".'],
    [["--recipes", "int4/64", "--experts", "two"], '--experts is one or each, not "two".'],
    [["--recipes", "int4/64", "--signal", "luck"], 'There is no signal "luck".'],
    [["--recipes", "int4/64", "--budget", "four"], /^--budget is bits a weight over the whole file, such as 4\.25/],
    [
      ["--recipes", "int4/64", "--assign", "x"],
      "--assign is about a mix for a budget: say it with --budget 4.25 or --budget 4.2GB.",
    ],
    [["--recipes", "int4/64", "--budget", "4", "--runtime", "x"], /^There is no runtime "x"\. There are llama\.cpp, /],
    [["--recipes", "int4/64", "--scores", "/nowhere"], "--scores: /nowhere could not be read: there is no such file."],
    [[], /^model needs a grid of recipes/],
  ])("refuses %j", async (args, message) => {
    await expect(captured(model, [SAMPLE, ...args])).rejects.toThrow(message);
  });

  it("tells once what holds for many tensors", async () => {
    const path = join(folder, "odd.safetensors");
    const values = Float32Array.from({ length: 128 }, (_, i) => (i === 64 ? Number.NaN : 1 + (i % 3)));
    const bytes = new Uint8Array(values.buffer);
    const names = ["a.0.w", "a.1.w", "a.2.w"];
    await writeFile(
      path,
      writeSafetensors(names.map((name) => ({ name, dtype: "F32" as const, shape: [4, 32], bytes }))),
    );
    const { err } = await captured(model, [path, "--recipes", "int4/32", "--threads", "1"]);
    expect(err).toBe("a.0.w and 2 more: 1 of the values read are not finite, and in no figure\n");
  });

  it("says of a tensor that no recipe takes why, and leaves it as it is", async () => {
    const bytes = (n: number) => new Uint8Array(Float32Array.from({ length: n }, (_, i) => (i % 13) - 6).buffer);
    const path = join(folder, "narrow.safetensors");
    const tensors = [
      { name: "a.0.w", dtype: "F32" as const, shape: [4, 96], bytes: bytes(384) },
      { name: "a.1.w", dtype: "F32" as const, shape: [4, 256], bytes: bytes(1024) },
    ];
    await writeFile(path, writeSafetensors(tensors));
    const { mix, scores } = await run(path, "--recipes", "q4_k;q6_k", "--budget", "20", "--threads", "1");
    expect(scores.tensors[0].refused[0]).toMatch(/^q4_k needs rows of whole blocks of 256, and these have 96 columns/);
    expect(mix.tensors[0].recipe).toBe("keep");
    const { out } = await captured(model, [path, "--recipes", "q4_k", "--threads", "1"]);
    expect(out).toMatch(/^note: q4_k does not fit 1 tensor, as a\.0\.w: q4_k needs rows of whole blocks of 256/m);
    expect(out).toMatch(/q4_k {2}\(1 tensor does not take it\)$/m);
  });

  it("refuses scores of another checkpoint", async () => {
    const path = join(folder, "other.safetensors");
    const tensors = [
      {
        name: "a.0.w",
        dtype: "F32" as const,
        shape: [4, 32],
        bytes: floats(...Array.from({ length: 128 }, (_, i) => i % 7)),
      },
    ];
    await writeFile(path, writeSafetensors(tensors));
    const out = join(folder, "other.json");
    await captured(model, [path, "--recipes", "int4/32", "--out", out]);
    const wrong = captured(model, [SAMPLE, "--recipes", "int4/32", "--scores", out]);
    await expect(wrong).rejects.toThrow(
      /^These are scores of another checkpoint: of other\.safetensors \(\w{8}, content \w{8}\), and .* is open; its tensors differ\.$/,
    );
  });

  it("gives the same scores on several threads, to the bit", async () => {
    const args = [SAMPLE, "--recipes", "int3/64;nvfp4", "--only", "*.down_proj.*"];
    const [one, two] = [await run(...args, "--threads", "1"), await run(...args, "--threads", "2")];
    expect(two.scores).toEqual(one.scores);
  });
});
