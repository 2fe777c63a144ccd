/** The real command, against single runs of the other one. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { metricNamed, metrics } from "../../kernels/measure/metrics/index.ts";
import { figureNames } from "../../kernels/sweep/index.ts";
import { normalValues } from "../../kernels/testing/matrix.ts";
import { sharedFile } from "../../kernels/testing/shared.ts";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
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
    const columns = head.trim().split(/\s+/);
    const brief = metrics.filter((metric) => metric.brief === "everywhere" || metric.brief === "one tensor");
    const others = brief.filter(({ name, needs }) => name !== "nmse" && !needs.includes("calibration"));
    expect(columns).toEqual(["bits", "nmse", ...others.map(({ name }) => name), "recipe"]);
    expect(columns).toEqual(expect.arrayContaining(["sqnrDb", "maxAbs", "saturated", "flushed"]));
    expect(rows.map((row) => row.trim().split(/\s+/).at(-1))).toEqual(["int4/64", "int4/32", "int8/row"]);
    expect(rows.every((row) => row.startsWith("*"))).toBe(true);
  });

  it("takes the frontier by any two metrics, each in its own direction", async () => {
    const grid = "(int4,nf4,e2m1)/(16,64,128);int4/64~mse;int8/row";
    const axes = ["--metric", "maxAbs", "--against", "sqnrDb"];
    const { out } = await cli("sweep", generator, "--grid", grid, ...axes, "--json");
    const { points, metric, against } = JSON.parse(out);
    expect([metric, against]).toEqual(["maxAbs", "sqnrDb"]);
    type Row = { recipe: string; frontier: boolean; metrics: { maxAbs: number; sqnrDb: number } };
    const beats = ({ metrics: a }: Row, { metrics: b }: Row) =>
      a.maxAbs <= b.maxAbs && a.sqnrDb >= b.sqnrDb && (a.maxAbs < b.maxAbs || a.sqnrDb > b.sqnrDb);
    for (const row of points as Row[])
      expect(row.frontier, row.recipe).toBe(!(points as Row[]).some((other) => beats(other, row)));
    const table = (await cli("sweep", generator, "--grid", grid, ...axes)).out.split("\n");
    const [head, ...rows] = table.slice(1, -1);
    expect(head.trim().split(/\s+/).slice(0, 3)).toEqual(["sqnrDb", "bits", "maxAbs"]);
    const ratios = rows.map((row) => Number(row.replace("*", "").trim().split(/\s+/)[0]));
    expect(ratios).toEqual([...ratios].sort((a, b) => b - a));
  });

  it("writes CSV that other programs read", async () => {
    const path = join(folder, "out.csv");
    await cli("sweep", generator, "--grid", "(none,rht(64,seed=1))+int4/64", "--csv", path, "--metric", "maxAbs");
    const [head, plain, turned, end] = (await readFile(path, "utf8")).split("\n");
    const columns = head.split(",");
    expect(columns.slice(0, 2)).toEqual(["recipe", "bitsPerWeight"]);
    expect(columns).toEqual(expect.arrayContaining("mse nmse sqnrDb maxAbs meanAbs cosine bias broken".split(" ")));
    expect(columns.filter((name) => metricNamed(name))).toEqual(figureNames([]));
    expect(columns.slice(-5)).toEqual(["phaseMin", "phaseMean", "phaseMax", "frontier", "error"]);
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
    // What is neither good nor bad has no frontier.
    expect(await failure(generator, "--grid", "int4/32", "--metric", "nonFinite")).toMatch(/^There is no metric /);
    expect(await failure(generator, "--grid", "int4/32", "--against", "nmse")).toBe(
      "A frontier is of two metrics, and both are nmse.",
    );
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

describe("a sweep over all tensors of a checkpoint", () => {
  const GRID = "int4/32;rht(64,seed=0)+int4/32;rht(128,seed=0)+int4/32;q4_k";
  let path: string;
  beforeAll(async () => {
    path = join(folder, "model.safetensors");
    const shapes = { "a.weight": [8, 256], "b.weight": [4, 96], "norm.weight": [64], "a.bias": [8] };
    const tensors = Object.entries(shapes).map(([name, shape]) => {
      const values = normalValues(shape.reduce((product, n) => product * n, 1));
      return { name, dtype: "F32", shape, bytes: new Uint8Array(values.buffer) };
    });
    await writeFile(path, writeSafetensors(tensors));
  });
  const run = async (...args: string[]) => {
    const { status, out, err } = await cli("sweep", path, "--all", "--recipes", GRID, "--json", ...args);
    const lines = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    return { status, err, lines, together: lines.at(-1) };
  };
  const seen = (together: { points: Record<string, unknown>[] }) =>
    together.points.map(({ recipe, tensors, of, frontier }) => [recipe, tensors, of, frontier]);

  it("leaves norms, biases and one-dimensional tensors out, loses no recipe, and compares what is over the same values", async () => {
    const { lines, together, status, err } = await run();
    expect(lines.slice(0, -1).map((line) => line.tensor)).toEqual(["a.weight", "b.weight"]);
    expect(together.leftOut).toEqual(["norm.weight", "a.bias"]);
    // q4_k takes rows of 256 only: its figure is over one tensor, and on no frontier, however small.
    expect(seen(together)).toEqual([
      ["int4/32", 2, 2, expect.any(Boolean)],
      ["rht(64,seed=0)+int4/32", 2, 2, expect.any(Boolean)],
      ["rht(128,seed=0)+int4/32", 2, 2, expect.any(Boolean)],
      ["q4_k", 1, 2, false],
    ]);
    expect(together.points.some((p: { frontier: boolean }) => p.frontier)).toBe(true);
    expect(together.points[3].leftOut).toEqual([{ tensor: "b.weight", reason: expect.stringContaining("q4_k") }]);
    expect({ status, err }).toEqual({ status: 1, err: expect.stringMatching(/^b\.weight: q4_k: [^\n]*\n$/) });
  });

  it("leaves a tensor out of a recipe's figure where that was asked for, and takes all tensors where that was", async () => {
    const out = await run("--no-fall-back");
    expect(seen(out.together).map((row) => row[1])).toEqual([2, 1, 1, 1]);
    expect(seen(out.together).map((row) => row[3])).toEqual([true, false, false, false]);
    const all = await run("--with-small");
    expect(all.together).toMatchObject({ leftOut: [], together: ["a.weight", "b.weight", "norm.weight", "a.bias"] });
    expect(all.together.points[0]).toMatchObject({ tensors: 4, of: 4, values: 8 * 256 + 4 * 96 + 64 + 8 });
  });

  it("has the same tensors in a total of one recipe", async () => {
    const total = async (...args: string[]) =>
      (await cli("quantize", path, "--all", ...args)).out.trimEnd().split("\n").at(-1);
    expect(await total("--recipe", "int4/32")).toMatch(
      /^total: 2 tensors, 2 norms, biases and one-dimensional tensors left out \(--with-small takes them in\); 2432 elements/,
    );
    expect(await total("--recipe", "int4/32", "--with-small")).toMatch(/^total: 4 tensors; 2504 elements/);
    // Rules that name tensors have the word on norms as well.
    expect(await total("--recipe", "*norm*=f32;*=int4/32")).toMatch(/^total: 4 tensors; 2504 elements/);
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
    const parsed = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const swept: Swept[] = parsed.slice(0, -1);
    expect(swept.map((s) => [s.tensor, s.shape])).toEqual([
      [names[0], [32, 64]],
      [names[1], [64, 172]],
    ]);
    for (const { points } of swept) expect(points[2].metrics).toMatchObject({ bitsPerWeight: 16 });
    // A step that one tensor does not take is left away for that one, and it says so.
    expect({ status, err }).toEqual({ status: 0, err: "" });
    const instead = { text: "int4/64", reason: expect.stringContaining("172 elements") };
    expect(swept[1].points[1]).toMatchObject({ instead, frontier: false, metrics: swept[1].points[0].metrics });
    expect(parsed.at(-1).points[1]).toMatchObject({
      ...{ recipe: "ht(64)+int4/64", tensors: 2, of: 2, values: 32 * 64 + 64 * 172 },
      ...{ without: [{ tensor: names[1], ...instead }], leftOut: [] },
    });
    const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
    expect(lines[0]).toMatch(/^tensor,recipe,bitsPerWeight/);
    expect(lines.slice(1).map((line) => line.split(",")[0])).toEqual(
      [...names, "*"].flatMap((name) => [name, name, name]),
    );
  });
});
