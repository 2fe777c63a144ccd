import { expect, test } from "vitest";
import { floats } from "../checkpoints/bytes-for-test.ts";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import { TensorCache } from "../tensors/cache.ts";
import { openSource } from "./open.ts";

const io = () => ({ cache: new TensorCache() });
const file = (name: string, value: number) =>
  new File([writeSafetensors([{ name: "w", dtype: "F32", shape: [1], bytes: floats(value) }])], name);

test("typed numbers", async () => {
  const source = await openSource({ kind: "text", text: "[[1, 2], [3, 1e39]]" }, "t", io());
  expect(source.info).toMatchObject({ id: "t", kind: "text", label: "Typed numbers", fingerprints: [] });
  const matrix = source.matrix("numbers");
  expect([...(await matrix.read(1, 2))]).toEqual([3, Infinity]);
  expect(matrix.notes).toEqual(["Numbers beyond float32's range became infinite"]);
  await expect(openSource({ kind: "text", text: "one" }, "t", io())).rejects.toThrow(
    'numbers: line 1, column 1: expected a number, found "one".',
  );
});

test("generators", async () => {
  const generator = { name: "normal", rows: 4, cols: 8, seed: 3, params: { std: 2 } };
  const source = await openSource({ kind: "generator", generator }, "g", io());
  expect(source.info).toMatchObject({ kind: "generator", label: "normal 4 x 8, seed 3" });
  const { rows, cols, read } = source.matrix("normal");
  expect([rows, cols]).toEqual([4, 8]);
  const whole = await read(0, 4);
  expect(await source.matrix("normal", { split: 1, transpose: true }).read(5, 6)).toEqual(
    Float32Array.of(whole[5], whole[13], whole[21], whole[29]),
  );
});

test("files of the browser, with fingerprints for links", async () => {
  const source = await openSource({ kind: "files", files: [file("a.bin", 1)] }, "f", io());
  expect(source.info).toMatchObject({ kind: "safetensors", label: "a.bin" });
  expect(source.info.fingerprints).toEqual([
    { name: "a.bin", size: expect.any(Number), digest: expect.stringMatching(/^[0-9a-f]{32}$/) },
  ]);
  expect((await source.summary("w", async () => {})).mean).toBe(1);
});

test("a source opened again under the same id does not see the old one's values", async () => {
  const shared = io();
  const first = await openSource({ kind: "files", files: [file("a", 1)] }, "f", shared);
  expect([...(await first.matrix("w").read(0, 1))]).toEqual([1]);
  const second = await openSource({ kind: "files", files: [file("a", 2)] }, "f", shared);
  expect([...(await second.matrix("w").read(0, 1))]).toEqual([2]);
  first.close();
  second.close();
  expect(shared.cache.bytes).toBe(0);
});

test("opening can be cancelled", async () => {
  const opening = openSource({ kind: "files", files: [file("a", 1)] }, "f", { ...io(), signal: AbortSignal.abort() });
  await expect(opening).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
});
