/** The real command on real files, against the service that the page uses. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { metrics } from "../../kernels/measure/metrics/index.ts";
import type { Metrics } from "../../kernels/measure/report.ts";
import { sharedFile } from "../../kernels/testing/shared.ts";
import { standardBackends } from "../backends/standard.ts";
import { type TestGguf, writeGguf } from "../checkpoints/gguf/write-for-test.ts";
import { createClient } from "../client/index.ts";
import { fakeThreads } from "../client/testing.ts";
import { npyBytes, npyHeader } from "../export/npy-header.ts";
import { handlersOf } from "../jobs/table.ts";
import { openPath } from "../sources/node.ts";
import { TensorCache } from "../tensors/cache.ts";
import { Workbench } from "../workbench/workbench.ts";
import { cli } from "./command-for-test.ts";

/** A failure is one line on standard error, status 1, and nothing on standard output. */
async function failure(...args: string[]): Promise<string> {
  const { status, out, err } = await cli(...args);
  expect({ status, out, lines: err.split("\n").length }).toEqual({ status: 1, out: "", lines: 2 });
  return err.trimEnd();
}

interface Line {
  tensor: string;
  shape: number[];
  recipe: string;
  backend: string;
  seconds: number;
  metrics: Omit<Metrics, "bitsBreakdown">;
}
const lines = (out: string) =>
  out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

let folder: string;
let npy: string;
const values = Float32Array.from({ length: 24 * 40 }, (_, i) => Math.fround(Math.sin(i) * (1 + (i % 7))));
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quantscope-cli-"));
  npy = join(folder, "wave.npy");
  await writeFile(npy, Buffer.concat([npyHeader("<f4", [24, 40]), npyBytes("<f4", values)]));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function readNpy(path: string) {
  const source = await openPath(path, { cache: new TensorCache() });
  const [{ name, dtype, shape, elements }] = source.info.tensors;
  const read = await source.tensor(name).read(0, elements);
  source.close();
  return { dtype, shape, values: read };
}

describe("formats", () => {
  it("lists every format and alias with range and bits", async () => {
    const { out, status } = await cli("formats", "--json");
    expect(status).toBe(0);
    const { formats, aliases } = JSON.parse(out);
    const of = (name: string) => [...formats, ...aliases].find((f: { name: string }) => f.name === name);
    expect(of("e4m3")).toMatchObject({ bits: 8, min: -448, max: 448 });
    expect(of("int4")).toMatchObject({ bits: 4, min: -7, max: 7 });
    expect(of("ue5m3")).toMatchObject({ bits: 8, min: 0, max: 122880 });
    expect(of("mxfp4")).toMatchObject({ bits: 4.25, max: 6, recipe: "e2m1/32~mx(floor):e8m0" });
    expect(of("codebook")).toMatchObject({ bits: null, min: null });
  });

  it("prints them as tables without --json", async () => {
    const { out } = await cli("formats");
    expect(out).toMatch(/^format +bits +min +max$/m);
    expect(out).toMatch(/^e5m2 +8 +-57344 +57344 +OCP FP8 E5M2/m);
    expect(out).toMatch(/^nvfp4 +4\.5 +-6 +6 +e2m1\/16:e4m3\/tensor +NVFP4/m);
  });
});

describe("inspect", () => {
  it("tells name, dtype, shape and byte range", async () => {
    const { out } = await cli("inspect", npy, "--json");
    const { tensors } = JSON.parse(out);
    expect(tensors).toEqual([
      { name: "wave", dtype: "F32", shape: [24, 40], bytes: { file: "wave.npy", begin: 128, end: 128 + 4 * 960 } },
    ]);
    expect((await cli("inspect", npy)).out).toMatch(/^wave +F32 +24 x 40 +128 +3968$/m);
  });
});

describe("quantize", () => {
  it("prints one JSON object with the promised keys", async () => {
    const { out, err, status } = await cli("quantize", npy, "--recipe", "int4@rne/8~absmax:f16", "--json");
    expect({ err, status }).toEqual({ err: "", status: 0 });
    const [line, ...rest] = lines(out);
    expect(rest).toEqual([]);
    expect(Object.keys(line)).toEqual([
      "tensor",
      "shape",
      "recipe",
      "numbers",
      "backend",
      "seconds",
      "metrics",
      "notes",
    ]);
    expect(line).toMatchObject({ tensor: "wave", shape: [24, 40], recipe: "int4/8:f16", backend: "wasm" });
    // Every metric but those of a calibration; scripts rely on these names.
    const names =
      "mse nmse sqnrDb maxAbs meanAbs cosine bias saturated flushed dead nonFinite broken codeEntropy bitsPerWeight";
    expect(Object.keys(line.metrics)).toEqual(expect.arrayContaining(names.split(" ")));
    const plain = metrics.filter(({ needs }) => !needs.includes("calibration"));
    expect(Object.keys(line.metrics)).toEqual(plain.map(({ name }) => name));
    expect(line.metrics.bitsPerWeight).toBe(6);
  });

  it("prints what it did for people", async () => {
    const { out } = await cli("quantize", npy, "--recipe", "int4/16");
    expect(out).toMatch(/^recipe +int4\/16$/m);
    expect(out).toMatch(/^bitsPerWeight +6\.4$/m);
    expect(out).toMatch(/^note: the last block of each row has 8 of 16 columns$/m);
  });

  it("writes the dequantized tensor, its codes and its scales, which fit together", async () => {
    const [out, codes, scales] = ["out.npy", "codes.npy", "scales.npy"].map((name) => join(folder, name));
    const files = ["--out", out, "--codes", codes, "--scales", scales];
    const asked = ["--recipe", "nvfp4", "--backend", "reference", "--json"];
    const { status, out: text } = await cli("quantize", npy, ...asked, ...files);
    expect(status).toBe(0);
    const [x, c, s, outer] = await Promise.all([out, codes, scales, join(folder, "scales.1.npy")].map(readNpy));
    expect([x.dtype, c.dtype, s.dtype]).toEqual(["F32", "U8", "F32"]);
    expect([x.shape, c.shape, s.shape, outer.shape]).toEqual([
      [24, 40],
      [24, 40],
      [24, 3],
      [1, 1],
    ]);
    const e2m1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6];
    let error = 0;
    x.values.forEach((value, i) => {
      const [row, col] = [Math.floor(i / 40), i % 40];
      const scale = Math.fround(s.values[row * 3 + Math.floor(col / 16)] * outer.values[0]);
      const level = e2m1[c.values[i] & 7] * (c.values[i] & 8 ? -1 : 1);
      expect(value + 0).toBe(Math.fround(level * scale) + 0);
      error += Math.fround(values[i] - value) ** 2;
    });
    expect(lines(text)[0].metrics.mse).toBeCloseTo(error / values.length, 9);
  });

  it("takes a generator for a file and codebooks by name", async () => {
    const define = ["--define", "my4:=codebook(-1,-0.35,0,0.35,1)"];
    const { out } = await cli("quantize", "gen:normal(rows=8,cols=64)", "--recipe", "my4/64:f16", ...define, "--json");
    expect(lines(out)[0]).toMatchObject({ tensor: "normal", shape: [8, 64], recipe: "my4/64:f16" });
    expect(lines(out)[0].metrics.bitsPerWeight).toBe(3.25);
  });

  it("goes on after a tensor that cannot be quantized, and says so at the end by its status", async () => {
    const text = join(folder, "bad.npy");
    await writeFile(text, Buffer.concat([npyHeader("<f4", [2, 3]), npyBytes("<f4", values.slice(0, 6))]));
    const { status, out, err } = await cli("quantize", folder, "--all", "--recipe", "ht(8)+int4/8", "--json");
    expect(status).toBe(1);
    expect(lines(out).map((line) => line.tensor)).toContain("wave");
    expect(err).toMatch(/^bad: ht\(8\) does not divide the rows of 3 elements/m);
  });
});

describe("GGUF", () => {
  const block = [0x00, 0x38, ...Array.from({ length: 32 }, (_, j) => (j * 9 + 200) & 255)];
  const model: TestGguf = {
    metadata: [["general.name", "string", "tiny"]],
    tensors: [
      { name: "w", dims: [32, 2], type: "Q8_0", bytes: Uint8Array.from([...block, ...block]) },
      { name: "bad", dims: [32], type: 99 },
    ],
  };
  const part = (no: number, value: number) =>
    writeGguf({
      metadata: [
        ["split.no", "uint16", no],
        ["split.count", "uint16", 2],
      ],
      tensors: [{ name: `t${no}`, dims: [1], type: "F32", bytes: new Uint8Array(Float32Array.of(value).buffer) }],
    });

  it("is told and quantized by its content, blocks decoded", async () => {
    const path = join(folder, "model.txt");
    await writeFile(path, writeGguf(model));
    const { kind, tensors, metadata } = JSON.parse((await cli("inspect", path, "--json")).out);
    expect([kind, metadata]).toEqual(["gguf", { "general.name": "tiny" }]);
    expect(tensors).toEqual([
      { name: "w", dtype: "Q8_0", shape: [2, 32], bytes: { file: "model.txt", begin: 160, end: 228 } },
      {
        name: "bad",
        dtype: "99",
        shape: [32],
        bytes: null,
        problem: 'model.txt: tensor "bad" is of the ggml type 99, which is not known here.',
      },
    ]);
    const text = (await cli("inspect", path)).out;
    expect(text).toMatch(/^w +Q8_0 +2 x 32 +160 +228$/m);
    expect(text).toMatch(/^note: Stored with 8\.50 bits a weight on average\. Tensors: 1 as Q8_0 \(8\.5 bits\)\.$/m);

    const out = join(folder, "w.npy");
    const run = await cli("quantize", path, "--tensor", "w", "--recipe", "f32", "--out", out, "--json");
    expect(lines(run.out)[0]).toMatchObject({ tensor: "w", shape: [2, 32], metrics: { mse: 0, bitsPerWeight: 32 } });
    const decoded = [...Int8Array.from(block.slice(2))].map((code) => 0.5 * code);
    expect([...(await readNpy(out)).values]).toEqual([...decoded, ...decoded]);
    expect(await failure("quantize", path, "--tensor", "bad", "--recipe", "f32")).toContain("is not known here.");
  });

  it("finds the other parts of a split model beside the one named", async () => {
    for (const n of [0, 1]) await writeFile(join(folder, `split-0000${n + 1}-of-00002.gguf`), part(n, n + 0.5));
    const { out } = await cli("inspect", join(folder, "split-00002-of-00002.gguf"), "--json");
    expect(JSON.parse(out).tensors.map((t: { name: string }) => t.name)).toEqual(["t0", "t1"]);
  });
});

describe("failures", () => {
  it.each([
    [
      ["dance"],
      'There is no command "dance". There are formats, inspect, quantize, sweep, capture, distil, statistics, export, lm, model, attention, embeddings.',
    ],
    [["quantize", "gen:normal"], "quantize needs a recipe: --recipe int4/64:f16, for example."],
    [["quantize", "--recipe", "int4"], "quantize needs a file, a folder, an address or a generator."],
    [["quantize", "gen:normal", "--recipe", "int4", "--bogus"], "Unknown option '--bogus'."],
    [
      ["quantize", "gen:normal", "--recipe", "int4", "--activations", "no/x.npy"],
      "no/x.npy: there is no such file or folder.",
    ],
    [["inspect", "/no/such.npy"], "/no/such.npy: there is no such file or folder."],
    [
      ["quantize", "gen:normal(rows=8,cols=256)", "--recipe", "q4_k", "--backend", "wasm"],
      "the wasm backend does not have the searches of q4_k: the CPU computed this",
    ],
  ])("%j", async (args, message) => {
    expect(await failure(...args)).toBe(message);
  });

  it("gives a recipe's mistake with its column", async () => {
    expect(await failure("quantize", "gen:normal", "--recipe", "int4/")).toMatch(/^recipe, column 6: /);
  });

  it("leaves no half of a file behind", async () => {
    const path = join(folder, "none.npy");
    expect(await failure("quantize", npy, "--recipe", "f32", "--codes", path)).toBe("f32 has no codes to export.");
    await expect(readFile(path)).rejects.toThrow("ENOENT");
    await expect(readFile(`${path}.part`)).rejects.toThrow("ENOENT");
  });
});

describe.each(["stories260K.f32.safetensors", "silero_vad_16k.safetensors"])("%s", (name) => {
  const file = sharedFile(`data/${name}`);
  const recipe = "int4/32:f16";
  it.skipIf(!file)(
    `gives the numbers that the page shows${file ? "" : " (skipped: the shared data is absent)"}`,
    async () => {
      const { spawn } = fakeThreads(() => handlersOf(new Workbench({ backends: standardBackends(null) })));
      const client = createClient({ size: 2, spawn });
      const { out } = await cli("quantize", file!, "--all", "--recipe", recipe, "--json");
      const source = await client.open({ kind: "files", files: [new File([await readFile(file!)], name)] });
      const printed = lines(out);
      expect(printed.map((line) => line.tensor)).toEqual(source.tensors.map((t) => t.name));
      for (const [i, { name: tensor, view }] of source.tensors.entries()) {
        const target = { source: source.id, tensor, view };
        const report = await client.call("run", { target, recipe, definitions: [], backend: null });
        const { bitsBreakdown: _, ...metrics } = report.metrics;
        expect(printed[i]).toMatchObject({ shape: report.shape, recipe: report.recipe, metrics });
      }
      client.dispose();
    },
  );
});
