/** The client against the real workbench, over message ports. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import type { LinearHistogram } from "../../kernels/report/report.ts";
import { sharedFile } from "../../kernels/testing/shared.ts";
import { standardBackends } from "../backends/standard.ts";
import { memorySource } from "../bytes/byte-source.ts";
import { ggufImatrix } from "../calibration/imatrix/write-for-test.ts";
import { UserError } from "../errors/user-error.ts";
import { handlersOf } from "../jobs/table.ts";
import type { Progress } from "../pace/progress.ts";
import type { RunRequest, Target } from "../runs/target.ts";
import type { SourceInfo } from "../sources/info.ts";
import { openFiles } from "../sources/open.ts";
import { TensorCache } from "../tensors/cache.ts";
import { unlessBusy, within } from "../testing/busy.ts";
import { Workbench } from "../workbench/workbench.ts";
import { createClient, type WorkbenchClient } from "./index.ts";
import { fakeThreads } from "./testing.ts";

let client: WorkbenchClient;
let info: SourceInfo;
let target: Target;
const request = (recipe: string, at = target): RunRequest => ({ target: at, recipe, definitions: [], backend: null });
const generator = (rows: number, cols: number) =>
  ({ kind: "generator", generator: { name: "laplace", rows, cols, seed: 3, params: {} } }) as const;

beforeAll(async () => {
  const make = () => standardBackends(null);
  const { spawn } = fakeThreads(() => handlersOf(new Workbench({ backends: make() })));
  client = createClient({ size: 2, spawn });
  info = await client.open(generator(96, 160));
  target = { source: info.id, tensor: info.tensors[0].name, view: info.tensors[0].view };
});
afterAll(() => client.dispose());

/** The values in an npy file, read back by the parser of checkpoints. */
async function readBack(blob: Blob): Promise<{ dtype: string; shape: number[]; values: Float32Array }> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const source = await openFiles([memorySource("x.npy", bytes)], "x", { cache: new TensorCache() });
  const [{ name, dtype, shape, elements }] = source.info.tensors;
  return { dtype, shape, values: await source.tensor(name).read(0, elements) };
}

describe("runs", () => {
  it("reports the recipe in its canonical form, the same on both sides", async () => {
    const [a, b] = await Promise.all([
      client.call("run", request("nvfp4@rne"), { side: "A" }),
      client.call("run", request("e2m1/16:e4m3/tensor:f32"), { side: "B" }),
    ]);
    expect(a.recipe).toBe("nvfp4");
    expect({ ...b, seconds: 0 }).toEqual({ ...a, seconds: 0 });
    expect(a.shape).toEqual([96, 160]);
    expect(a.backend).toBe("wasm");
    expect(a.metrics.bitsPerWeight).toBeCloseTo(4.5, 1);
  });

  it("gives reports whose metrics survive JSON", async () => {
    const { metrics, grid, notes } = await client.call("run", request("int4/64:f16"));
    expect(JSON.parse(JSON.stringify({ metrics, grid, notes }))).toEqual({ metrics, grid, notes });
  });

  it("tells a mistake with its column, and one that only this matrix shows", async () => {
    const mistake = await client.call("run", request("int4/")).catch((e: unknown) => e);
    expect(mistake).toBeInstanceOf(RecipeError);
    expect(mistake).toMatchObject({ column: 6 });
    await expect(client.call("run", request("rht(64,seed=1)+int4/64"))).rejects.toThrow(
      /does not divide the rows of 160/,
    );
  });

  it("understands codebooks that travel with the request", async () => {
    const definitions = ["my3:=codebook(-1,-0.3,0,0.3,1)"];
    const report = await client.call("run", { ...request("my3/32"), definitions });
    expect([...report.levels!]).toEqual([-1, Math.fround(-0.3), 0, Math.fround(0.3), 1]);
    await expect(client.call("run", request("my3/32"))).rejects.toBeInstanceOf(RecipeError);
  });

  it("tells progress in elements", async () => {
    const told: Progress[] = [];
    await client.call("run", request("int4/16"), { onProgress: (p) => told.push(p) });
    expect(told[0]).toMatchObject({ unit: "elements", done: 0, total: 2 * 96 * 160 });
  });

  it("stops within 100 ms when cancelled, and goes on to the next", ({ skip }) =>
    unlessBusy(skip, async () => {
      const large = await client.open(generator(512, 512));
      const at = { source: large.id, tensor: "laplace", view: { split: 1, transpose: false } };
      await client.call("run", request("f32", at), { side: "A" });
      const controller = new AbortController();
      const run = client.call("run", request("int4/32~shrink(grid=100)", at), { side: "A", signal: controller.signal });
      const settled = expect(run).rejects.toMatchObject({ name: "AbortError" });
      await new Promise((resolve) => setTimeout(resolve, 100));
      const start = performance.now();
      controller.abort();
      await settled;
      // The same worker answers a request that comes after: so its queue was reached.
      await client.call("inspect", { ...request("f32", at), row: 0, col: 0 });
      within(performance.now() - start, 400, "cancelling");
      await client.close(large.id);
      await expect(client.call("run", request("f32", at))).rejects.toThrow(
        "The source of this tensor was closed. Open it again.",
      );
    }));
});

describe("looking into results", () => {
  it("agrees between window, inspection and export", async () => {
    const recipes = ["int4/32:f16", "mxfp4"];
    await Promise.all(recipes.map((recipe, i) => client.call("run", request(recipe), { side: "AB"[i] })));
    const region = { row0: 10, row1: 14, col0: 30, col1: 40, outRows: 64, outCols: 64 };
    const reply = await client.window({ target, recipes, definitions: [], ...region });
    expect(reply.elements).toBe(true);
    for (const [i, recipe] of recipes.entries()) {
      const inspected = await client.call("inspect", { ...request(recipe), row: 11, col: 33 });
      const cell = 10 + 3;
      expect(inspected.error).toBe(reply.signed![i][cell]);
      expect(inspected.code).toBe(reply.codes![i]![cell]);
      expect(inspected.x).toBe(reply.values![cell]);
      const written = await readBack(await client.call("arrays", { what: "dequantized", ...request(recipe) }));
      expect(written).toMatchObject({ dtype: "F32", shape: [96, 160] });
      expect(written.values[11 * 160 + 33]).toBe(inspected.result);
    }
  });

  it("runs what was not run before", async () => {
    const region = { row0: 0, row1: 96, col0: 0, col1: 160, outRows: 8, outCols: 8 };
    const reply = await client.window({ target, recipes: ["int5/16"], definitions: [], ...region });
    expect(reply.rms[0]).toHaveLength(64);
    expect((await client.call("inspect", { ...request("int6/16"), row: 0, col: 0 })).row).toBe(0);
  });

  it("counts what enters a quantizer after its steps, over all of it and finer", async () => {
    const plain = await client.call("run", request("int4/32"));
    expect(await client.call("entering", { ...request("int4/32"), range: null })).toEqual(plain.values);
    const turned = await client.call("entering", { ...request("rht(32,seed=5)+int4/32"), range: null });
    expect(turned).not.toEqual(plain.values);
    const total = (h: LinearHistogram) => h.counts.reduce((sum, n) => sum + n, h.below + h.above);
    expect(total(turned)).toBe(96 * 160);
    const finer = await client.call("entering", {
      ...request("rht(32,seed=5)+int4/32"),
      range: { lo: -0.5, hi: 0.5, bins: 64 },
    });
    expect(total(finer)).toBe(96 * 160);
    const within = (h: LinearHistogram, lo: number, hi: number) => {
      const width = (h.hi - h.lo) / h.counts.length;
      return h.counts.reduce((sum, n, i) => (h.lo + i * width >= lo && h.lo + i * width < hi ? sum + n : sum), 0);
    };
    expect(within(finer, -0.5, 0.5)).toBe(within(turned, -0.5, 0.5));
    await expect(client.call("entering", { ...request("rht(64,seed=1)+int4/32"), range: null })).rejects.toThrow(
      /does not divide/,
    );
  });

  it("counts a finer histogram, and sums up a tensor", async () => {
    const summary = await client.summarize(target);
    expect(summary.elements).toBe(96 * 160);
    const h = await client.call("histogram", { target, lo: -0.5, hi: 0.5, bins: 64 });
    expect(h.below + h.above + h.counts.reduce((a, b) => a + b)).toBe(96 * 160);
  });
});

describe("exports", () => {
  it("writes codes in the narrowest type, in the tensor's own shape", async () => {
    const codes = await readBack(await client.call("arrays", { what: "codes", ...request("int4/32") }));
    expect(codes).toMatchObject({ dtype: "U8", shape: [96, 160] });
    expect(codes.values.every((code) => code < 16)).toBe(true);
    const wide = await readBack(await client.call("arrays", { what: "codes", ...request("bf16") }));
    expect(wide.dtype).toBe("U16");
    await expect(client.call("arrays", { what: "codes", ...request("f32") })).rejects.toThrow(
      "f32 has no codes to export.",
    );
  });

  it("writes one level of scale as npy, several as npz", async () => {
    const one = await client.call("arrays", { what: "scales", ...request("int4/32:f16") });
    expect(one.type).toBe("application/octet-stream");
    expect((await readBack(one)).shape).toEqual([96, 5]);
    const two = await client.call("arrays", { what: "scales", ...request("nvfp4") });
    expect(two.type).toBe("application/zip");
    const bytes = new Uint8Array(await two.arrayBuffer());
    const archive = await openFiles([memorySource("scales.npz", bytes)], "x", { cache: new TensorCache() });
    expect(archive.info.tensors.map((t) => [t.name, t.shape])).toEqual([
      ["level0", [96, 10]],
      ["level1", [1, 1]],
    ]);
    const affine = await client.call("arrays", { what: "scales", ...request("int4(asym)/16") });
    const parts = await openFiles([memorySource("s.npz", new Uint8Array(await affine.arrayBuffer()))], "s", {
      cache: new TensorCache(),
    });
    expect(parts.info.tensors.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
      ["level0", "F32", [96, 10]],
      ["zero_points", "U8", [96, 10]],
    ]);
    const zeros = await parts.tensor("zero_points").read(0, 960);
    expect(Math.max(...zeros)).toBeLessThanOrEqual(15);
    expect(new Set(zeros).size).toBeGreaterThan(2);
    await expect(client.call("arrays", { what: "scales", ...request("e4m3") })).rejects.toThrow(
      "e4m3 has no scales to export.",
    );
  });

  it("writes a transposed view as the matrix it was quantized as", async () => {
    const at = { ...target, view: { split: 1, transpose: true } };
    const plain = await readBack(await client.call("arrays", { what: "dequantized", ...request("e4m3") }));
    const turned = await readBack(await client.call("arrays", { what: "dequantized", ...request("e4m3", at) }));
    expect(turned.shape).toEqual([160, 96]);
    expect(turned.values[7 * 96 + 5]).toBe(plain.values[5 * 160 + 7]);
  });
});

describe("files", () => {
  const file = {
    source: "",
    tensor: null,
    definitions: [],
    format: "safetensors",
    dtype: null,
    unfit: "refuse",
  } as const;

  it("are planned, told about while they are written, and given back", async () => {
    const asked = { ...file, source: info.id, recipe: "int4/32:f16", definitions: [] };
    const plan = await client.call("planFile", asked);
    expect(plan).toMatchObject({ quantized: 1, kept: 0, recipe: "int4/32:f16", config: null, notes: [] });
    const told: Progress[] = [];
    const done = await client.call("saveFile", { ...asked, handle: null }, { onProgress: (p) => told.push(p) });
    expect(done).toMatchObject({ bytes: plan.bytes, notes: [] });
    expect(told.at(-1)).toEqual({ done: plan.bytes, total: plan.bytes, unit: "bytes", phase: "written" });
    const bytes = new Uint8Array(await done.file!.arrayBuffer());
    expect(bytes.length).toBe(plan.bytes);
    const again = await openFiles([memorySource("x.safetensors", bytes)], "x", { cache: new TensorCache() });
    const npy = await readBack(await client.call("arrays", { what: "dequantized", ...request("int4/32:f16") }));
    expect(await again.tensor(info.tensors[0].name).read(0, 96 * 160)).toEqual(npy.values);
  });

  it("take what is known of the inputs, wherever it is open", async () => {
    const asked = { ...file, source: info.id, recipe: "q4_0", definitions: [], format: "gguf" as const };
    const imatrix = ggufImatrix([
      { name: info.tensors[0].name, sums: [Array.from({ length: 160 }, (_, i) => i % 9)], counts: [2] },
    ]);
    const files = [new File([imatrix.slice().buffer], "im.gguf")];
    const known = await client.open({ kind: "calibration", files, taken: null });
    const [plain, weighed] = await Promise.all([
      client.call("saveFile", { ...asked, handle: null }),
      client.call("saveFile", { ...asked, calibration: known.id, handle: null }),
    ]);
    const [a, b] = await Promise.all(
      [plain, weighed].map(async ({ file }) => new Uint8Array(await file!.arrayBuffer())),
    );
    expect(b.length).toBe(a.length);
    expect(b).not.toEqual(a);
    await client.close(known.id);
    await expect(client.call("saveFile", { ...asked, calibration: known.id, handle: null })).rejects.toThrow(
      "The calibration was closed. Choose it again.",
    );
  });

  it("are refused with a sentence, and stop when they are cancelled", async () => {
    const asked = { ...file, source: info.id, recipe: "nf4/64", definitions: [] };
    await expect(client.call("planFile", { ...asked, format: "compressed-tensors" })).rejects.toBeInstanceOf(UserError);
    await expect(client.call("planFile", { ...asked, recipe: "*=nf4/" })).rejects.toBeInstanceOf(RecipeError);
    const controller = new AbortController();
    const large = await client.open(generator(1024, 1024));
    const writing = client.call(
      "saveFile",
      { ...asked, source: large.id, recipe: "int4/32~shrink", handle: null },
      {
        signal: controller.signal,
        onProgress: () => controller.abort(),
      },
    );
    await expect(writing).rejects.toMatchObject({ name: "AbortError" });
    await client.close(large.id);
  });
});

describe("what there is", () => {
  it("lists generators and backends", async () => {
    expect((await client.call("generators", {})).map((g) => g.name)).toContain("laplace");
    expect(await client.call("backends", {})).toMatchObject({ chosen: "wasm", available: ["wasm", "reference"] });
    await expect(client.call("samples", {})).rejects.toBeInstanceOf(UserError);
  });
});

const checkpoint = sharedFile("data/stories260K.f32.safetensors");
describe.skipIf(!checkpoint)(`a real checkpoint${checkpoint ? "" : " (skipped: the shared data is absent)"}`, () => {
  it("opens as dropped files do, in every worker that needs it", async () => {
    const { readFile } = await import("node:fs/promises");
    const file = new File([await readFile(checkpoint!)], "stories260K.f32.safetensors");
    const opened = await client.open({ kind: "files", files: [file] });
    const [{ name, view, shape }] = opened.tensors.filter((t) => t.shape.length === 2);
    const at = { source: opened.id, tensor: name, view };
    const [a, b] = await Promise.all([
      client.call("run", request("int4/64:f16", at), { side: "A" }),
      client.call("run", request("nvfp4", at), { side: "B" }),
    ]);
    expect(a.shape).toEqual(shape);
    expect(b.metrics.sqnrDb).toBeGreaterThan(15);
    await client.close(opened.id);
  });
});
