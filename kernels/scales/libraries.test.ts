/** Presets named after a library against its own steps in NumPy (`libraries.py`), to the bit, on every backend that takes them. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { referenceBackend } from "../backends/reference/backend.ts";
import { createWasmBackend } from "../backends/wasm/index.ts";
import { floatBits, floatFromBits } from "../exact/bits.ts";
import { createDynamicMap } from "../formats/known/dynamic-map.ts";
import { hasNumpy } from "../python/run-for-test.ts";
import { normalValues, quantizeText } from "../testing/matrix.ts";

/** Names of presets; the blocks of each divide the rows, as the libraries ask. */
const presets = ["bnb_nf4", "nf4(arith=bnb)/flat(64)", "bnb_fp4", "torchao_nvfp4", "torchao_mxfp4", "modelopt_nvfp4"];

const [rows, cols] = [48, 1024];
const normal = normalValues(rows * cols);
const made = (change: (x: number, i: number) => number) => normal.map((x, i) => change(x, i));
const block = (i: number) => Math.floor(i / 64);

const tensors: Record<string, Float32Array> = {
  "normal values": normal,
  "weights of bfloat16": made((x) => floatFromBits((floatBits(x * 0.02) & 0xffff0000) >>> 0)),
  "small integers, whose quotients are ties": made((x) => Math.round(x * 4)),
  "halves of a power of two": made((x, i) => (Math.round(x * 24) / 8) * 2 ** (block(i) % 5)),
  "blocks of every size, some so small that their scale rounds to zero": made((x, i) => x * 2 ** -(block(i) % 40)),
  "zeros of both signs, in whole blocks too": made((x, i) => (block(i) % 3 === 0 ? (i % 2 ? 0 : -0) : i % 5 ? x : -0)),
  "tiny negatives beside large values": made((x, i) => (i % 16 ? -Math.abs(x) * 1e-6 : x)),
  "huge values": made((x) => x * 2 ** 120),
  "one value in a block": made((x, i) => (i % 64 === 17 ? x : 0)),
  "equal values": made(() => 0.75),
  "a heavy tail": made((x) => x ** 5),
};

const skipped = hasNumpy() ? "" : " (skipped: there is no python3 with NumPy)";
const backends = [referenceBackend, await createWasmBackend()];

describe.skipIf(skipped !== "")(`a preset is its library to the bit${skipped}`, () => {
  const cases = presets.flatMap((preset) => Object.keys(tensors).map((tensor) => ({ preset, tensor })));
  let folder: string;
  const at = (i: number) => join(folder, `${i}`);
  const floats = (path: string) => new Float32Array(Uint8Array.from(readFileSync(path)).buffer);
  const words = (path: string) => new Uint32Array(Uint8Array.from(readFileSync(path)).buffer);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "libraries-"));
    const jobs = cases.map(({ preset, tensor }, i) => {
      const values = tensors[tensor];
      writeFileSync(at(i), new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      return { preset, rows, cols, values: at(i) };
    });
    writeFileSync(join(folder, "jobs.json"), JSON.stringify(jobs));
    const script = fileURLToPath(new URL("libraries.py", import.meta.url));
    execFileSync("python3", [script, join(folder, "jobs.json")], { stdio: ["ignore", "inherit", "inherit"] });
    return () => rmSync(folder, { recursive: true });
  }, 120_000);

  it.each(cases.map((one, i) => [one.preset, one.tensor, i] as const))("%s of %s", async (preset, tensor, i) => {
    for (const backend of backends) {
      const quantized = await quantizeText(preset, tensors[tensor], rows, cols, undefined, backend);
      const { codes, result } = await quantized.rows(0, rows);
      const found = [
        ...quantized.scales.map(({ values }, k) => [`scales ${k}`, difference(values, floats(`${at(i)}.scales${k}`))]),
        ["codes", difference(codes!, words(`${at(i)}.codes`))],
        ["results", difference(result, floats(`${at(i)}.result`))],
      ];
      if (existsSync(`${at(i)}.stored`)) {
        found.push(["codes of scales", difference(quantized.scales[0].codes!, words(`${at(i)}.stored`))]);
      }
      expect(
        found.filter(([, what]) => what !== null),
        backend.name,
      ).toEqual([]);
    }
  });
});

type Words = Float32Array | Uint32Array;

/** The first place where two arrays differ in a bit (a negative zero is not a positive one), in words; null where none. */
function difference(found: Words, wanted: Words): string | null {
  if (found.length !== wanted.length) return `${found.length} where ${wanted.length} are wanted`;
  const [a, b] = [found, wanted].map((x) => new Uint32Array(x.buffer, x.byteOffset, x.length));
  const at = a.findIndex((word, i) => word !== b[i]);
  return at < 0 ? null : `${found[at]} where ${wanted[at]} is wanted, at ${at}`;
}

describe("a tensor of zeros", () => {
  const zeros = new Float32Array(4 * 64);
  const of = async (preset: string) => {
    const quantized = await quantizeText(preset, zeros, 4, 64);
    return { ...(await quantized.rows(0, 4)), scales: quantized.scales };
  };

  it("becomes NaN where the library divides zero by zero", async () => {
    for (const preset of ["torchao_nvfp4", "modelopt_nvfp4"]) {
      const { result, scales } = await of(preset);
      expect(new Set(result)).toEqual(new Set([Number.NaN]));
      expect(new Set(scales[0].codes)).toEqual(new Set([127]));
    }
  });

  it("stays zero elsewhere, though NF4 gives it the code of its lowest level", async () => {
    for (const [preset, code] of [
      ["bnb_nf4", 0],
      ["bnb_fp4", 0],
      ["torchao_mxfp4", 0],
    ] as const) {
      const { codes, result } = await of(preset);
      expect(result.every((x) => x === 0)).toBe(true);
      expect(new Set(codes)).toEqual(new Set([code]));
    }
  });
});

describe("the dynamic map of bitsandbytes", () => {
  it("has the levels that torch.linspace gives in float32", () => {
    const levels = createDynamicMap();
    expect(levels.length).toBe(256);
    expect(levels.every((v) => Math.fround(v) === v)).toBe(true);
    // Of 256, 72 differ from those of a linspace in float64.
    expect(
      createHash("sha256")
        .update(new Uint8Array(Float32Array.from(levels).buffer))
        .digest("hex"),
    ).toBe("e732639a65f497b4ad684bb166a4467708255edd5207757de8b8f0c7e1fda89c");
  });
});
