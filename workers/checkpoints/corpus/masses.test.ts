/** Files of a great many small things, each fine by itself: they open quickly, or a limit is named. */
import { describe, expect, test } from "vitest";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { openFiles } from "../../sources/open.ts";
import { TensorCache } from "../../tensors/cache.ts";
import { openBytes, refusal } from "../../testing/open-bytes.ts";
import { floats, rawSafetensors, utf8 } from "../bytes-for-test.ts";
import { message, varint } from "../onnx/write-for-test.ts";

const MANY = 60_000;

describe("many small things", () => {
  test("ONNX tensors of one name are numbered without counting anew for each", async () => {
    const one = [
      ...message([
        [
          5,
          message([
            [1, 0],
            [2, 1],
          ]),
        ],
      ]),
    ];
    const graph = new Uint8Array(MANY * one.length);
    for (let i = 0; i < MANY; i++) graph.set(one, i * one.length);
    const { info } = await openBytes({ f: Uint8Array.from([8, 8, 0x3a, ...varint(graph.length), ...graph]) });
    expect(info.tensors).toHaveLength(MANY);
    expect(info.tensors.at(-1)?.name).toBe(`(unnamed) (${MANY})`);
  }, 20_000);

  test("gaps between safetensors are told of together", async () => {
    const header: Record<string, unknown> = {};
    for (let i = 0; i < MANY; i++) header[`t${i}`] = { dtype: "U8", shape: [1], data_offsets: [2 * i + 1, 2 * i + 2] };
    const { notes } = (await openBytes({ f: rawSafetensors(JSON.stringify(header), new Uint8Array(2 * MANY)) })).info;
    expect(notes).toHaveLength(11);
    expect(notes[10]).toBe(`f: ${MANY - 10} more runs of bytes belong to no tensor.`);
  });

  test("metadata that are no texts are told of together", async () => {
    const keys = Array.from({ length: MANY }, (_, i) => [`k${i}`, i]);
    const header = JSON.stringify({ __metadata__: Object.fromEntries(keys) });
    const { notes } = (await openBytes({ f: rawSafetensors(header, floats()) })).info;
    expect(notes.at(-1)).toBe(`f: ${MANY - 10} more metadata are not text and were left out.`);
  });

  test("shards and tensors that are not as the index says are told of together", async () => {
    const entry = { dtype: "U8", shape: [0], data_offsets: [0, 0] };
    const names = Array.from({ length: 40 }, (_, i) => `t${i}`);
    const shard = rawSafetensors(JSON.stringify(Object.fromEntries(names.map((n) => [n, entry]))), floats());
    const map = Object.fromEntries([["t0", "shard"], ...names.map((n) => [`x${n}`, `missing-${n}`])]);
    const { notes } = (await openBytes({ f: utf8(JSON.stringify({ weight_map: map })), shard })).info;
    expect(notes).toHaveLength(12);
    expect(notes[10]).toBe("shard: 29 more tensors are not as the index says.");
    expect(notes[11]).toBe(
      "f: missing-t0, missing-t1, missing-t2, missing-t3, missing-t4 and 35 more shards are not among the files given.",
    );
  });

  test.each([
    [
      "keys that occur twice",
      rawSafetensors(`{${'"a":0,'.repeat(MANY)}"a":0}`, floats()),
      "f: the header is not valid JSON: more than 10000 keys occur twice, up to character 60011.",
    ],
    [
      "dimensions of a safetensors entry",
      rawSafetensors(
        JSON.stringify({ a: { dtype: "F32", shape: Array(MANY).fill(1), data_offsets: [0, 4] } }),
        floats(1),
      ),
      `f: tensor "a" has ${MANY} dimensions; the limit is 64.`,
    ],
  ])("%s are limited", async (_, f, sentence) => {
    const told = await openBytes({ f }).then(
      ({ info }) => info.tensors[0].problem,
      (error: Error) => error.message,
    );
    expect(told).toBe(sentence);
  });

  test("dimensions of a .npy array are limited", async () => {
    const dict = utf8(`{'descr': '<f4', 'fortran_order': False, 'shape': (${"1, ".repeat(65)}), }\n`);
    const f = Uint8Array.from([0x93, ...utf8("NUMPY"), 1, 0, dict.length & 255, dict.length >> 8, ...dict, 0, 0, 0, 0]);
    expect(await refusal({ f })).toMatch(/^f: the \.npy header has 65 dimensions, of which 64 are the limit: /);
  });

  test("a constant that lists gigabytes of integers is refused before they are read", async () => {
    const length = 300_000_000;
    const wrap = (field: number, inner: number[], rest: number) => [
      field * 8 + 2,
      ...varint(inner.length + rest),
      ...inner,
    ];
    const integers = [...message([[1, "value_ints"]]), 8 * 8 + 2, ...varint(length)];
    const node = [
      ...message([
        [2, "c"],
        [4, "Constant"],
      ]),
      ...wrap(5, integers, length),
    ];
    const start = Uint8Array.from([8, 8, ...wrap(7, wrap(1, node, length), length)]);
    let read = 0;
    const file: ByteSource = {
      ...{ name: "f", size: start.length + length },
      async slice(begin, end) {
        read += end - begin;
        const bytes = new Uint8Array(end - begin);
        if (begin < start.length) bytes.set(start.subarray(begin, Math.min(end, start.length)));
        return bytes;
      },
    };
    await expect(openFiles([file], "test", { cache: new TensorCache() })).rejects.toThrow(
      "f: a constant lists 300 MB of integers; the limit is 268 MB.",
    );
    expect(read).toBeLessThan(2 ** 20);
  });
});
