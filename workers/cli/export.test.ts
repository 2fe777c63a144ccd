/** The real command: files on disk, what they hold, what it takes, and what is left when it does not end well. */
import { execFile, execFileSync, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import { npyBytes } from "../export/npy-header.ts";
import { arraysOf } from "../export/write-for-test.ts";
import { exportFile } from "./export.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Tells the most memory that the process ever held, in kilobytes, when it ends. */
const TELL_MEMORY = "data:text/javascript,process.on('exit',()=>console.error('peak',process.resourceUsage().maxRSS))";
const argv = (...args: string[]) => ["--import", "tsx", join(root, "workers/cli/main.ts"), "export", ...args];

interface Outcome {
  status: number;
  out: string;
  err: string;
}
const run = (file: string, args: string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    execFile(file, args, { cwd: root }, (error, out, err) => {
      resolve({ status: error ? Number(error.code) : 0, out, err });
    });
  });
const cli = (...args: string[]) => run(process.execPath, argv(...args));

let folder: string;
let model: string;
const values = Float32Array.from({ length: 16 * 256 }, (_, i) => Math.sin(i * 0.7) * (1 + (i % 5)));
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quantscope-export-"));
  model = join(folder, "model.safetensors");
  const bytes = npyBytes("<f4", values);
  await writeFile(
    model,
    writeSafetensors([
      { name: "a.weight", dtype: "F32", shape: [16, 256], bytes },
      { name: "norm.weight", dtype: "F32", shape: [256], bytes: bytes.slice(0, 1024) },
    ]),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("export", () => {
  it("writes a checkpoint and the config that belongs beside it, and says what it did", async () => {
    const out = join(folder, "packed.safetensors");
    const { status, out: text } = await cli(
      model,
      "--recipe",
      "int4/64:f16",
      "--format",
      "compressed-tensors",
      "--out",
      out,
      "--json",
    );
    expect(status).toBe(0);
    const line = JSON.parse(text);
    expect(line).toMatchObject({
      out,
      quantized: 1,
      kept: 1,
      recipe: "int4/64:f16",
      config: join(folder, "packed.config.json"),
    });
    expect(line.bytes).toBe((await stat(out)).size);
    const { quantization_config: config } = JSON.parse(await readFile(line.config, "utf8"));
    expect(config.config_groups.group_0.targets).toEqual(["a"]);
    const arrays = arraysOf(await readFile(out));
    expect([...arrays.keys()].sort()).toEqual(["a.weight_packed", "a.weight_scale", "a.weight_shape", "norm.weight"]);
  });

  it("takes one tensor, model recipes and types of results", async () => {
    const out = join(folder, "back.npy");
    const { out: text } = await cli(
      model,
      "--tensor",
      "a.weight",
      "--recipe",
      "nvfp4",
      "--format",
      "npy",
      "--dtype",
      "f16",
      "--out",
      out,
    );
    expect(text).toMatch(/^wrote .*back\.npy: 8\.3 kB, 1 quantized, 0 kept, 16\.250 bits a weight\n$/);
    const gguf = join(folder, "model.gguf");
    const { out: told } = await cli(model, "--recipe", "*norm*=f32;*=q4_k", "--format", "gguf", "--out", gguf);
    expect(told).toMatch(/^wrote .*model\.gguf: .* 1 quantized, 1 kept, /);
    expect(told).toContain("note: the source has no metadata of a model");
  });

  it("takes no more memory than a fraction of the file", async () => {
    const large = join(folder, "large.safetensors");
    const [rows, cols] = [8192, 8192];
    const header = { w: { dtype: "BF16", shape: [rows, cols], data_offsets: [0, 2 * rows * cols] } };
    const json = Buffer.from(JSON.stringify(header).padEnd(96));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(96n);
    await writeFile(large, Buffer.concat([length, json]));
    // A hole: zeros that take no room on the disk.
    await truncate(large, 8 + 96 + 2 * rows * cols);
    const out = join(folder, "large-out.safetensors");
    const args = argv(large, "--recipe", "int4/128:f16", "--dtype", "f32", "--out", out);
    const { status, err } = await run(process.execPath, ["--import", TELL_MEMORY, ...args]);
    expect(status).toBe(0);
    expect((await stat(out)).size).toBeGreaterThan(4 * rows * cols);
    expect(Number(/peak (\d+)/.exec(err)![1])).toBeLessThan(300_000);
    await rm(out);
    await rm(large);
  });
});

describe("export that fails", () => {
  const failure = async (...args: string[]) => {
    const { status, out, err } = await cli(...args);
    expect({ status, out }).toEqual({ status: 1, out: "" });
    return err.trimEnd();
  };

  it.each([
    [["--out", "x"], "export needs a recipe: --recipe int4/64:f16, or '*norm*=f32;*=q4_k'."],
    [["--recipe", "nvfp4"], "export needs a place to write to: --out model.safetensors."],
    [
      ["--recipe", "nvfp4", "--out", "x", "--format", "zip"],
      'There is no format "zip" to write. There are safetensors, compressed-tensors, gguf, npy.',
    ],
    [
      ["--recipe", "nvfp4", "--out", "x", "--dtype", "f64"],
      'There is no type "f64" for results. There are f32, f16, bf16.',
    ],
    [
      ["--recipe", "nvfp4/col", "--out", "x", "--format", "compressed-tensors"],
      "nvfp4/col cannot be written as compressed-tensors: scales along a column have no place there.",
    ],
    [["--recipe", "*=int4/", "--out", "x"], /expected/],
  ] as const)("%j", async (args, message) => {
    await expect(exportFile([model, ...args])).rejects.toThrow(message);
  });

  it("says which file cannot be written", async () => {
    const out = join(folder, "no/such/folder.safetensors");
    expect(await failure(model, "--recipe", "nvfp4", "--out", out)).toMatch(
      /folder\.safetensors could not be written: ENOENT/,
    );
  });

  it("leaves nothing behind when the disk takes no more", async () => {
    const out = join(folder, "full.safetensors");
    // Files of at most 8 blocks of 1 KiB, as a full disk would have it.
    const limited = 'trap "" XFSZ; ulimit -f 8; exec "$@"';
    const args = ["-c", limited, "sh", process.execPath, ...argv(model, "--recipe", "nvfp4", "--out", out)];
    const { status, err } = await run("bash", args);
    expect({ status, err }).toEqual({
      status: 1,
      err: expect.stringMatching(/^.*full\.safetensors could not be written: EFBIG.*\n$/),
    });
    expect((await readdir(folder)).filter((name) => name.includes("full"))).toEqual([]);
  });

  it("leaves nothing behind when it is interrupted", async () => {
    const out = join(folder, "stopped.safetensors");
    const child = spawn(process.execPath, argv("gen:normal(rows=8192,cols=8192)", "--recipe", "nvfp4", "--out", out), {
      cwd: root,
    });
    let err = "";
    child.stderr.on("data", (data) => {
      err += data;
    });
    while (!(await readdir(folder)).some((name) => name.endsWith(".part")))
      await new Promise((next) => setTimeout(next, 20));
    child.kill("SIGINT");
    const status = await new Promise((resolve) => child.on("close", resolve));
    expect({ status, err }).toEqual({ status: 1, err: "Stopped: what was written of the file was removed.\n" });
    expect((await readdir(folder)).filter((name) => name.includes("stopped"))).toEqual([]);
  });
});

const python = (() => {
  try {
    execFileSync("python3", ["-c", "import numpy"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

/** Reads a safetensors file by the words of its specification, and decodes what is packed in it. */
const READER = `
import json, struct, sys
import numpy as np
data = open(sys.argv[1], "rb").read()
n, = struct.unpack("<Q", data[:8])
head = json.loads(data[8:8 + n])
kinds = {"I32": "<i4", "F16": "<f2", "F32": "<f4", "I64": "<i8", "U8": "u1"}
def array(name):
    part = head[name]
    start, end = part["data_offsets"]
    return np.frombuffer(data[8 + n + start:8 + n + end], kinds[part["dtype"]]).reshape(part["shape"])
rows, cols = array("a.weight_shape")
words = array("a.weight_packed").view("<u4")
codes = np.stack([(words >> (4 * i)) & 15 for i in range(8)], axis=-1).reshape(rows, cols).astype(np.int64) - 8
scale = array("a.weight_scale").astype(np.float32)
result = (codes.astype(np.float32) * np.repeat(scale, cols // scale.shape[1], axis=1)).astype(np.float32)
print(json.dumps(bool((result == np.load(sys.argv[2])).all())))
`;

describe.skipIf(!python)(`read by NumPy${python ? "" : " (python3 with numpy is absent)"}`, () => {
  it("packed codes and scales give the results that npy has", async () => {
    const [packed, npy] = [join(folder, "np.safetensors"), join(folder, "np.npy")];
    await cli(model, "--recipe", "int4/64:f16", "--format", "compressed-tensors", "--out", packed);
    await cli(model, "--tensor", "a.weight", "--recipe", "int4/64:f16", "--format", "npy", "--out", npy);
    const { out, err } = await run("python3", ["-c", READER, packed, npy]);
    expect({ out, err }).toEqual({ out: "true\n", err: "" });
  });
});
