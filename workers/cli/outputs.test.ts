/** Files that the commands write: never over what they read, one command at a time, nothing left behind. */
import { type ChildProcess, spawn } from "node:child_process";
import { link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import { npyBytes, npyHeader } from "../export/npy-header.ts";
import { cli, commandPath } from "./command-for-test.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;
let at: (name: string) => string;
let before: Map<string, Buffer>;
const values = npyBytes(
  "<f4",
  Float32Array.from({ length: 4096 }, (_, i) => Math.sin(i)),
);

beforeAll(commandPath, 120_000);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "quantscope-outputs-"));
  at = (name) => join(folder, name);
  const tensor = { dtype: "F32", shape: [16, 256], bytes: values };
  await writeFile(at("model.safetensors"), writeSafetensors([{ name: "a.weight", ...tensor }]));
  await writeFile(at("other.npy"), Buffer.concat([npyHeader("<f4", [16, 256]), values]));
  await mkdir(at("shards"));
  const shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
  for (const [i, shard] of shards.entries())
    await writeFile(at(`shards/${shard}`), writeSafetensors([{ name: `w${i}.weight`, ...tensor }]));
  const index = { metadata: {}, weight_map: { "w0.weight": shards[0], "w1.weight": shards[1] } };
  await writeFile(at("shards/model.safetensors.index.json"), JSON.stringify(index));
  await symlink(at("model.safetensors"), at("link.safetensors"));
  await link(at("model.safetensors"), at("twin.safetensors"));
  before = await contents();
  return () => rm(folder, { recursive: true, force: true });
});

async function contents(): Promise<Map<string, Buffer>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(files.sort().map(async (file) => [file, await readFile(file)] as const)));
}

describe("a file that is read is never written over", () => {
  const model = () => at("model.safetensors");
  const cases: [string, () => string[]][] = [
    ["export to its source", () => ["export", model(), "--recipe", "int4/64", "--out", model()]],
    ["by a symbolic link", () => ["export", model(), "--recipe", "int4/64", "--out", at("link.safetensors")]],
    ["by a hard link", () => ["export", model(), "--recipe", "int4/64", "--out", at("twin.safetensors")]],
    ["the target of a link", () => ["export", at("link.safetensors"), "--recipe", "int4/64", "--out", model()]],
    ["by a relative path", () => ["export", model(), "--recipe", "int4/64", "--out", relative(root, model())]],
    [
      "a shard that an index names",
      () => [
        ...["export", at("shards/model.safetensors.index.json"), "--recipe", "int4/64"],
        ...["--out", at("shards/model-00002-of-00002.safetensors")],
      ],
    ],
    [
      "a file of a folder",
      () => ["export", at("shards"), "--recipe", "int4/64", "--out", at("shards/model.safetensors.index.json")],
    ],
    ["quantize --out", () => ["quantize", model(), "--recipe", "int4/64", "--out", model()]],
    ["quantize --codes", () => ["quantize", model(), "--recipe", "int4/64", "--codes", model()]],
    ["quantize --scales", () => ["quantize", model(), "--recipe", "int4/64", "--scales", model()]],
    [
      "another checkpoint",
      () => ["quantize", model(), "--recipe", "int4/64", "--other", at("other.npy"), "--out", at("other.npy")],
    ],
    ["sweep --csv", () => ["sweep", model(), "--recipes", "int4/64", "--csv", model()]],
  ];
  it.each(cases)("%s", async (_, args) => {
    const { status, out, err } = await cli(...args());
    expect({ status, err }).toEqual({
      status: 1,
      err: expect.stringMatching(
        /^--(out|codes|scales|csv): .* is read by this command and is not written over\..*\n$/,
      ),
    });
    expect(out).toBe("");
    expect(await contents()).toEqual(before);
  });

  it("the configuration that was read beside it is kept too", async () => {
    await writeFile(at("model.config.json"), "{}");
    before = await contents();
    const args = ["export", at("model.safetensors"), "--recipe", "int4/64:f16", "--format", "compressed-tensors"];
    // Read as one of a folder: the names of the results lead to it.
    const { status, err } = await cli("export", folder, ...args.slice(2), "--out", at("model.st"));
    expect({ status, err }).toEqual({ status: 1, err: expect.stringContaining("the configuration beside --out:") });
    expect(await contents()).toEqual(before);
  });

  it("neither is a folder or a device replaced, nor one result by another", async () => {
    const asked = ["quantize", at("model.safetensors"), "--recipe", "nvfp4"];
    const failure = async (...more: string[]) => (await cli(...asked, ...more)).err;
    expect(await failure("--out", at("shards"))).toMatch(/^--out: .*shards is a folder, and is not replaced by a file/);
    expect(await failure("--out", "/dev/null")).toMatch(/^--out: \/dev\/null is a device or a pipe/);
    expect(await failure("--out", at("x.npy"), "--codes", at("x.npy"))).toMatch(
      /^--codes and --out name the same file/,
    );
    expect(await failure("--scales", at("s.npy"), "--codes", at("s.1.npy"))).toMatch(
      /^--scales \(level1\) and --codes name the same file/,
    );
    expect(await contents()).toEqual(before);
  });

  it("a link to a file that is not read leads to what is written", async () => {
    await writeFile(at("old.npy"), "old");
    await symlink(at("old.npy"), at("new.npy"));
    const { status } = await cli("quantize", at("model.safetensors"), "--recipe", "f32", "--out", at("new.npy"));
    expect(status).toBe(0);
    expect((await readFile(at("old.npy"))).length).toBeGreaterThan(4 * 4096);
  });
});

/** An export that has begun to write, and takes a while. */
async function writing(out: string): Promise<{ child: ChildProcess; end: Promise<{ status: unknown; err: string }> }> {
  const args = ["export", "gen:normal(rows=8192,cols=8192)", "--recipe", "nvfp4", "--out", out];
  const child = spawn(process.execPath, [await commandPath(), ...args], { cwd: root });
  let err = "";
  child.stderr.on("data", (data) => {
    err += data;
  });
  const end = new Promise<{ status: unknown; err: string }>((resolve) =>
    child.on("close", (status, signal) => resolve({ status: status ?? signal, err })),
  );
  while (!(await readdir(folder)).some((name) => /^\..*\.part$/.test(name))) {
    if (child.exitCode !== null) throw new Error(`It ended before it wrote: ${err}`);
    await new Promise((next) => setTimeout(next, 20));
  }
  return { child, end };
}

describe("files under way", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s leaves nothing, and no other file is touched",
    async (signal) => {
      await writeFile(at("big.safetensors.part"), "mine");
      await writeFile(at("big.safetensors"), "the one before");
      before = await contents();
      const { child, end } = await writing(at("big.safetensors"));
      child.kill(signal);
      expect(await end).toEqual({ status: 1, err: "Stopped: what was written of the file was removed.\n" });
      expect(await contents()).toEqual(before);
    },
  );

  it("one of two commands that write a name fails and names it; a lock that was left is no obstacle", async () => {
    const out = at("both.safetensors");
    const { child, end } = await writing(out);
    const second = await cli("export", at("model.safetensors"), "--recipe", "int4/64", "--out", out);
    expect(second.status).toBe(1);
    expect(second.err).toMatch(
      new RegExp(`^${out} is being written by another command \\(process ${child.pid}\\)\\. Wait for it,`),
    );
    child.kill("SIGKILL");
    expect((await end).status).toBe("SIGKILL");
    expect((await readdir(folder)).filter((name) => name.includes("both")).length).toBe(2);
    const third = await cli("export", at("model.safetensors"), "--recipe", "int4/64", "--out", out);
    expect(third).toMatchObject({ status: 0, err: "" });
    expect((await readdir(folder)).filter((name) => name.includes("both"))).toEqual(["both.safetensors"]);
  });

  it.each([
    ["a process that was given the number later", { pid: process.pid, host: hostname(), born: "1", part: "x" }, 0],
    ["a process that lives", { pid: process.pid, host: hostname(), born: null, part: "x" }, 1],
    ["another machine", { pid: 1, host: "elsewhere", born: "1", part: "x" }, 1],
  ])("a lock of %s", async (_, holder, status) => {
    await writeFile(at(".held.npy.lock"), JSON.stringify(holder));
    const asked = ["quantize", at("model.safetensors"), "--recipe", "nvfp4", "--out", at("held.npy")];
    const outcome = await cli(...asked);
    expect(outcome.status).toBe(status);
    if (status === 1) expect(outcome.err).toContain(`if there is none, remove ${at(".held.npy.lock")}`);
    expect((await readdir(folder)).includes("held.npy")).toBe(status === 0);
  });

  it("a name of the longest kind has room for its part and its lock", async () => {
    const out = at(`${"n".repeat(251)}.npy`);
    const { status, err } = await cli("quantize", at("model.safetensors"), "--recipe", "f32", "--out", out);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect((await readFile(out)).length).toBeGreaterThan(4 * 4096);
  });
});

describe("names from files", () => {
  const hostile = "a\u001b[2J\nb\u202ec\u009b";
  const shown = "a\\x1b[2J\\nb\\u202ec\\x9b";
  const dangerous = /\p{Bidi_Control}|(?!\n)\p{Cc}/u;
  beforeEach(async () => {
    const tensor = { dtype: "F32", shape: [16, 256], bytes: values };
    await writeFile(
      at("names.safetensors"),
      writeSafetensors([
        { name: hostile, ...tensor },
        { name: "b", ...tensor },
      ]),
    );
  });

  it.each([
    ["inspect", () => ["inspect", at("names.safetensors")]],
    ["quantize", () => ["quantize", at("names.safetensors"), "--tensor", hostile, "--recipe", "nvfp4"]],
    ["quantize --all", () => ["quantize", at("names.safetensors"), "--all", "--recipe", "nvfp4"]],
    ["sweep", () => ["sweep", at("names.safetensors"), "--all", "--recipes", "nvfp4", "--csv", at("names.csv")]],
    ["a failure", () => ["quantize", at("names.safetensors"), "--tensor", `${hostile}?`, "--recipe", "nvfp4"]],
    ["failures of some", () => ["quantize", at("names.safetensors"), "--all", "--recipe", "given"]],
  ] as [string, () => string[]][])("%s writes them as text, in one line", async (_, args) => {
    const { out, err } = await cli(...args());
    expect(out + err).not.toMatch(dangerous);
    expect(
      (out + err).split("\n").filter((line) => line.includes(shown) || line.includes("b\\u202e")).length,
    ).toBeGreaterThan(0);
    expect((out + err).split("\n").some((line) => line.startsWith("b\\u202e"))).toBe(false);
  });

  it("csv has a row a point, json the very name", async () => {
    await cli("sweep", at("names.safetensors"), "--all", "--recipes", "nvfp4;mxfp4", "--csv", at("names.csv"));
    const csv = await readFile(at("names.csv"), "utf8");
    expect(csv).not.toMatch(dangerous);
    expect(
      csv
        .trimEnd()
        .split("\n")
        .map((line) => line.split(",")[0]),
      // The last two are of both tensors as one.
    ).toEqual(["tensor", shown, shown, "b", "b", "*", "*"]);
    const { out } = await cli("inspect", at("names.safetensors"), "--json");
    expect(out).not.toMatch(dangerous);
    expect(JSON.parse(out).tensors.map((t: { name: string }) => t.name)).toEqual([hostile, "b"]);
  });
});
