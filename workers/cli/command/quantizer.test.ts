/** `--quantizer`: the example against the recipe that it spells out, and commands that do not do as they should. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { hasNumpy } from "../../../kernels/python/run-for-test.ts";
import { captured } from "../capture-for-test.ts";
import { quantize } from "../quantize.ts";
import { sweep } from "../sweep.ts";
import { commandWords } from "./words.ts";

const folder = await mkdtemp(join(tmpdir(), "quantizer-"));
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

const generator = "gen:laplace(rows=16,cols=64,seed=3)";
const example = fileURLToPath(new URL("example.py", import.meta.url));

async function report(...args: string[]) {
  const { lines } = await captured(quantize, [generator, ...args, "--json"]);
  return JSON.parse(lines[0]);
}

/** A program of node's that has the matrix in `x` (values, without the header) and leaves what `body` writes. */
let programs = 0;
async function command(body: string): Promise<string> {
  const path = join(folder, `mine${programs++}.mjs`);
  await writeFile(
    path,
    `import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
const [matrix, folder] = process.argv.slice(2);
const bytes = readFileSync(matrix);
const begin = 10 + bytes.readUInt16LE(8);
const x = new Float32Array(bytes.buffer.slice(bytes.byteOffset + begin, bytes.byteOffset + bytes.length));
const npy = (name, type, shape, values) => {
  const text = \`{'descr': '\${type}', 'fortran_order': False, 'shape': (\${shape.join(", ")},), }\`.padEnd(117) + "\\n";
  const head = Buffer.concat([Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]), Buffer.from(text)]);
  writeFileSync(join(folder, name), Buffer.concat([head, Buffer.from(values.buffer)]));
};
const result = () => npy("result.npy", "<f4", [16, 64], x);
const bits = (value) => writeFileSync(join(folder, "bits.json"), JSON.stringify(value));
const codes = (values, shape = [16, 64]) => npy("codes.npy", "<u4", shape, values);
${body}
`,
  );
  return `'${process.execPath}' '${path}'`;
}

describe.skipIf(!hasNumpy())(
  `the example in NumPy${hasNumpy() ? "" : " (skipped: python3 with numpy is absent)"}`,
  () => {
    const own = ["--quantizer", `python3 '${example}'`];
    it.each(["reference", "wasm"])("has the figures of the recipe that it spells out, on %s", async (backend) => {
      const mine = await report(...own, "--backend", backend);
      const theirs = await report("--recipe", "int4/32:f16", "--backend", backend);
      expect(mine.recipe).toMatch(/^given\(by=sha256_[0-9a-f]{64}\)$/);
      expect(mine.backend).toBe(backend);
      const { saturated: _, dead: __, codeEntropy, ...figures } = theirs.metrics;
      for (const [name, value] of Object.entries<number>(figures)) expect(mine.metrics[name]).toBeCloseTo(value, 9);
      expect(mine.metrics.codeEntropy).toBeCloseTo(codeEntropy, 9);
      expect(mine.notes).toEqual([expect.stringMatching(/^results are by python3 .*example\.py$/)]);
    });

    it("is a point of a sweep beside recipes, with its bits in the table", async () => {
      const { lines } = await captured(sweep, [generator, "--recipes", "int4/32:f16;int8/row", ...own, "--json"]);
      const { points, notes } = JSON.parse(lines[0]);
      const of = (recipe: string) => points.find((p: { recipe: string }) => p.recipe.startsWith(recipe)).metrics;
      expect(points).toHaveLength(3);
      expect(of("given(by=").bitsPerWeight).toBe(4.5);
      expect(of("given(by=").nmse).toBeCloseTo(of("int4/32").nmse, 9);
      expect(notes).toEqual([expect.stringContaining("example.py")]);
      const table = await captured(quantize, [generator, ...own]);
      expect(table.out).toMatch(/^ {2}scales \(f16\) +0\.5$/m);
    });

    it("measures what it does to outputs, too", async () => {
      const inputs = ["--activations", "gen:outliers(tokens=128,seed=1)"];
      const mine = await report(...own, ...inputs);
      const theirs = await report("--recipe", "int4/32:f16", ...inputs);
      expect(mine.metrics.outputNmse).toBeCloseTo(theirs.metrics.outputNmse, 9);
    });

    it("tells why the program gave up", async () => {
      const odd = captured(quantize, ["gen:normal(rows=2,cols=5)", ...own]);
      await expect(odd).rejects.toThrow(
        /example\.py failed with status 1: rows of 5 values are not whole blocks of 32$/,
      );
    });
  },
);

describe("a command that does not do as it should", () => {
  it.each([
    [
      "fails",
      "console.error('one\\ntwo\\nthree\\nfour'); process.exit(3);",
      /failed with status 3: two \| three \| four$/,
    ],
    ["fails without a word", "process.exit(1);", /failed with status 1 and wrote nothing/],
    ["ends itself", "process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);", /was ended by SIGKILL/],
  ])("that %s", async (_, body, message) => {
    await expect(report("--quantizer", await command(body))).rejects.toThrow(message);
  });

  it("that never ends is ended in time, with what it started", async () => {
    const pids = join(folder, "pids");
    const endless = `import { spawn } from "node:child_process";
const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
writeFileSync(${JSON.stringify(pids)}, String(child.pid)); setInterval(() => {}, 1000);`;
    const mine = await command(endless);
    const run = report("--quantizer", mine, "--quantizer-seconds", "2");
    await expect(run).rejects.toThrow(/took longer than 2 seconds and was stopped: --quantizer-seconds/);
    const pid = Number(await readFile(pids, "utf8"));
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"), 3000);
  });

  it("leaves no files behind, whatever came of it", async () => {
    const before = await readdir(tmpdir());
    await report("--quantizer", await command("result(); bits({ bitsPerWeight: 32 });"));
    await expect(report("--quantizer", await command("process.exit(1)"))).rejects.toThrow();
    const after = (await readdir(tmpdir())).filter((name) => name.startsWith("quantscope-quantizer-"));
    expect(after.filter((name) => !before.includes(name))).toEqual([]);
  });
});

describe("what a command says of itself", () => {
  it("is told as broken where a result is NaN", async () => {
    const { metrics, notes } = await report(
      "--quantizer",
      await command("x[5] = NaN; x[9] = Infinity; result(); bits({ bitsPerWeight: 4 });"),
    );
    expect(metrics.broken).toBe(2);
    expect(notes.join()).toContain("broken: 2 results are not finite where their values were");
  });

  it("is noted where its bits are fewer than its codes need, in reports and in sweeps", async () => {
    const mine = await command("result(); bits({ bitsPerWeight: 2 }); codes(Uint32Array.from(x, (_, i) => i % 8));");
    const lie = /^mine\d+\.mjs says 2 bits a weight, but its own codes have an entropy of 3: it leaves something out/;
    const { metrics, notes } = await report("--quantizer", mine);
    expect([metrics.codeEntropy, metrics.bitsPerWeight]).toEqual([3, 2]);
    expect(notes).toContainEqual(expect.stringMatching(lie));
    const { lines } = await captured(sweep, [generator, "--quantizer", mine, "--json"]);
    expect(JSON.parse(lines.at(-1)!).notes).toContainEqual(expect.stringMatching(lie));
  });

  it("is held against codes of several values by the weight", async () => {
    const pairs = "codes(Uint32Array.from({ length: 512 }, (_, i) => i % 16), [16, 32]);";
    const { metrics, notes } = await report(
      "--quantizer",
      await command(`result(); bits({ bitsPerWeight: 2 }); ${pairs}`),
    );
    expect(metrics.codeEntropy).toBe(4);
    expect(notes).toHaveLength(1);
  });

  it("cannot be checked without codes, and the report says so", async () => {
    const { notes } = await report("--quantizer", await command("result(); bits({ bitsPerWeight: 0.5 });"));
    expect(notes[0]).toMatch(/^0\.5 bits a weight are what mine\d+\.mjs says: no codes came with the results$/);
  });
});

it("has a name that follows what its files hold, and not where they are", async () => {
  const [one, same, other] = [
    await command("result(); bits({ bitsPerWeight: 4 });"),
    await command("result(); bits({ bitsPerWeight: 4 });"),
    await command("result(); bits({ bitsPerWeight: 5 });"),
  ];
  const names = [];
  for (const mine of [one, same, other]) names.push((await report("--quantizer", mine)).recipe);
  expect(names[0]).toBe(names[1]);
  expect(names[0]).not.toBe(names[2]);
});

it("refuses options that go against each other, and commands that are none", async () => {
  const mine = await command("");
  await expect(report("--quantizer", mine, "--recipe", "int4/32")).rejects.toThrow("exclude each other");
  await expect(report("--quantizer-seconds", "5", "--recipe", "int4/32")).rejects.toThrow("name it with --quantizer");
  await expect(report("--quantizer", mine, "--quantizer-seconds", "soon")).rejects.toThrow('not "soon"');
  await expect(report("--quantizer", " ")).rejects.toThrow("needs a command");
  await expect(report("--quantizer", "no-such-program-here --at all")).rejects.toThrow("there is no such program");
});

it("splits a command as a shell does", () => {
  expect(commandWords("python3  'my file.py' --name=\"a b\" c\\ d ''")).toEqual([
    ...["python3", "my file.py", "--name=a b", "c d", ""],
  ]);
  expect(() => commandWords("python3 'mine.py")).toThrow("not closed");
});
