/** The real command, against single runs of the other one. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sharedFile } from "../../kernels/testing/shared.ts";
import { cli } from "./command-for-test.ts";

const generator = "gen:laplace(rows=48,cols=128,seed=3)";

interface Swept {
  tensor: string;
  shape: number[];
  combinations: number;
  duplicates: number;
  skipped: { reason: string; count: number; example: string }[];
  points: {
    recipe: string;
    backend: string;
    metrics: Record<string, number | null> | null;
    phase: { min: number; mean: number; max: number; phases: number } | null;
    frontier: boolean;
    error: string | null;
  }[];
}

async function swept(...args: string[]): Promise<Swept> {
  const { status, out, err } = await cli("sweep", ...args, "--json");
  expect({ status, err }).toEqual({ status: 0, err: "" });
  return JSON.parse(out);
}

/** A failure is one line on standard error, status 1, and nothing on standard output. */
async function failure(...args: string[]): Promise<string> {
  const { status, out, err } = await cli("sweep", ...args);
  expect({ status, out, lines: err.split("\n").length }).toEqual({ status: 1, out: "", lines: 2 });
  return err.trimEnd();
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quantscope-sweep-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("sweep", () => {
  it("gives the figures of single runs, and marks the frontier", async () => {
    const { points, ...facts } = await swept(
      generator,
      "--grid",
      "(int4,nf4)/(16,32)~(absmax,mx(floor))",
      "--phases",
      "4",
    );
    expect(facts).toMatchObject({
      shape: [48, 128],
      combinations: 8,
      duplicates: 0,
      skipped: [{ reason: "~mx is for floats and integers", count: 2, example: "nf4/16~mx(floor)" }],
    });
    expect(points.map((p) => p.recipe)).toEqual([
      ...["int4/16", "int4/16~mx(floor)", "int4/32", "int4/32~mx(floor)"],
      ...["nf4/16", "nf4/32"],
    ]);
    expect(points.map((p) => p.phase !== null)).toEqual([false, true, false, true, false, false]);
    const better = points.filter((p) => p.frontier).map((p) => p.recipe);
    expect(better).toEqual(["nf4/16", "nf4/32"]);
    for (const { recipe, metrics } of points.slice(0, 2)) {
      const { out } = await cli("quantize", generator, "--recipe", recipe, "--backend", "reference", "--json");
      const { codeEntropy: _, ...single } = JSON.parse(out).metrics;
      for (const [name, value] of Object.entries(single)) expect(metrics![name]).toBeCloseTo(value as number, 12);
    }
  });

  it("prints a table in the order of bits, and how many recipes there were", async () => {
    const { status, out, err } = await cli("sweep", generator, "--recipes", "int8/row;int4/32;int4/64;int4@rne/32");
    expect({ status, err }).toEqual({ status: 0, err: "" });
    const [count, alike, head, ...rows] = out.trimEnd().split("\n");
    expect([count, alike]).toEqual(["3 recipes", "1 left out: they mean the same as another"]);
    expect(head.trim().split(/\s+/)).toEqual(["bits", "nmse", "sqnrDb", "maxAbs", "saturated", "flushed", "recipe"]);
    expect(rows.map((row) => row.trim().split(/\s+/).at(-1))).toEqual(["int4/64", "int4/32", "int8/row"]);
    expect(rows.every((row) => row.startsWith("*"))).toBe(true);
  });

  it("writes CSV that other programs read", async () => {
    const path = join(folder, "out.csv");
    await cli("sweep", generator, "--grid", "(none,rht(64,seed=1))+int4/64", "--csv", path, "--metric", "maxAbs");
    const [head, plain, turned, end] = (await readFile(path, "utf8")).split("\n");
    expect(head).toBe(
      "recipe,bitsPerWeight,mse,nmse,sqnrDb,maxAbs,meanAbs,cosine,bias,saturated,flushed,dead,nonFinite,broken," +
        "phaseMin,phaseMean,phaseMax,frontier,error",
    );
    expect(plain).toMatch(/^int4\/64,4\.5,0\.\d+,/);
    expect(turned).toMatch(/^"rht\(64,seed=1\)\+int4\/64",4\.5,0\.\d+,/);
    expect(end).toBe("");
  });

  it("understands definitions, and goes on past recipes that this tensor does not take", async () => {
    const grid = "(none,ht(256))+my3/32";
    const { status, out, err } = await cli("sweep", generator, "--grid", grid, "--define", "my3:=codebook(-1,0,1)");
    expect(status).toBe(1);
    expect(out).toMatch(/^2 recipes\n.*\n\*.* my3\/32\n$/);
    expect(err).toBe("ht(256)+my3/32: ht(256) does not divide the rows of 128 elements; 128 does\n");
  });

  it("says what is wrong in one line", async () => {
    expect(await failure(generator)).toBe(
      'sweep needs either a list, --recipes "int4/64;nf4/64", or a grid, --grid "int4/(32,64)".',
    );
    expect(await failure(generator, "--grid", "int4/(32,x)")).toBe(
      'recipe, column 10: "x" is no block: expected a block: N, RxC, row, col, tensor or flat(N)',
    );
    expect(await failure(generator, "--grid", "int4/32", "--metric", "speed")).toMatch(/^There is no metric "speed"\./);
    expect(await failure(generator, "--grid", "int4/32", "--phases=-1")).toBe(
      '--phases takes a whole number from 0 to 64, not "-1".',
    );
    expect(await failure("--grid", "int4/32")).toBe("sweep needs a file, a folder, an address or a generator.");
    expect(await failure(generator, "--grid", "int4/32", "--tensor", "w")).toMatch(/has no tensor "w"\.$/);
    expect(await failure(generator, "--grid", "int4/32", "--all", "--tensor", "w")).toBe(
      "--tensor and --all exclude each other.",
    );
    expect(await failure(generator, "--grid", "int4/32", "--backend", "cuda")).toMatch(
      /^There is no sweep on "cuda"\./,
    );
  });
});

const checkpoint = sharedFile("data/stories260K.f32.safetensors");
describe.skipIf(!checkpoint)(`a real checkpoint${checkpoint ? "" : " (skipped: the shared data is absent)"}`, () => {
  it("is swept tensor by tensor", async () => {
    const { out } = await cli("inspect", checkpoint!, "--json");
    const { tensors } = JSON.parse(out) as { tensors: { name: string; shape: number[] }[] };
    const { name, shape } = tensors.find((t) => t.shape.length === 2)!;
    const got = await swept(checkpoint!, "--tensor", name, "--grid", "(none,ht(32))+(int4,nf4,mxfp4,nvfp4)");
    expect([got.tensor, got.shape]).toEqual([name, shape]);
    expect(got.points).toHaveLength(8);
    expect(got.points.every((p) => p.error === null)).toBe(true);
    const sqnr = new Map(got.points.map((p) => [p.recipe, p.metrics!.sqnrDb!]));
    expect(sqnr.get("nvfp4")).toBeGreaterThan(sqnr.get("mxfp4")!);
    expect(got.points.some((p) => p.frontier)).toBe(true);
  });

  it("is swept over several tensors, beside another checkpoint", async () => {
    const names = ["layers.0.attention.wk.weight", "layers.0.feed_forward.w2.weight"];
    const path = join(folder, "several.csv");
    const { status, out, err } = await cli(
      ...["sweep", checkpoint!, "--tensor", names[0], "--tensor", names[1], "--csv", path, "--json"],
      ...["--recipes", "int4/64;ht(64)+int4/64;given", "--other", sharedFile("data/stories260K.bf16.safetensors")!],
    );
    const swept: Swept[] = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(swept.map((s) => [s.tensor, s.shape])).toEqual([
      [names[0], [32, 64]],
      [names[1], [64, 172]],
    ]);
    for (const { points } of swept) expect(points[2].metrics).toMatchObject({ bitsPerWeight: 16 });
    // What one tensor does not take is told of that one, and the rest stands.
    expect(status).toBe(1);
    expect(err).toMatch(/^layers\.0\.feed_forward\.w2\.weight: ht\(64\)\+int4\/64: .*172 elements/);
    const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
    expect(lines[0]).toMatch(/^tensor,recipe,bitsPerWeight/);
    expect(lines.slice(1).map((line) => line.split(",")[0])).toEqual(names.flatMap((name) => [name, name, name]));
  });
});
