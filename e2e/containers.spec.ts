/** PyTorch, ONNX and TensorFlow.js files in the page: known by content, each reader a chunk of its own. */
import { dirname } from "node:path";
import { graphProto, tensorProto, writeModel } from "../workers/checkpoints/onnx/write-for-test.ts";
import { storage, tensor, writeLegacyForm, writeZipForm } from "../workers/checkpoints/pytorch/write-for-test.ts";
import { weights, write } from "./support/files.ts";
import { expect, test } from "./support/test.ts";

const START = "s=gen:uniform(4x4,seed=1)&a=nvfp4&b=int4/64:f16&n=2&v=1";
const bytes = new Uint8Array(weights(32 * 64).buffer);
const state = { dict: [["layer.weight", tensor(storage("0", 32 * 64), [32, 64])]] as const };

test("PyTorch in both forms, under meaningless names, gives the figures that its values give", async ({ bench }) => {
  await bench.open(START);
  await bench.drop(write("zip", Buffer.from(writeZipForm(state, { 0: bytes }))));
  await expect(bench.heading).toHaveText("layer.weight");
  const figures = await bench.figures();
  await bench.drop(write("legacy", Buffer.from(writeLegacyForm(state, [["0", bytes]]))));
  await expect(bench.page.getByRole("button", { name: "Source: legacy" })).toBeVisible();
  await bench.settled();
  expect(await bench.figures()).toBe(figures);
});

test("a pickle that would call the system is refused, and what was open stays", async ({ bench }) => {
  await bench.open(START);
  const pickle = Buffer.from("\x80\x02cposix\nsystem\nX\x02\0\0\0ls\x85R.", "latin1");
  await bench.drop(write("model.pt", Buffer.from(writeZipForm(null, {}, { pickle: new Uint8Array(pickle) }))));
  await expect(bench.page.getByText(/it asks Python to call posix\.system/)).toBeVisible();
});

test("ONNX with its data in another file, and TensorFlow.js with its shard, as folders", async ({ bench }) => {
  await bench.open(START);
  const external = tensorProto("matrix", [32, 64], 1, [
    [
      13,
      [
        [1, "location"],
        [2, "data.bin"],
      ],
    ],
    [14, 1],
  ]);
  const model = write("onnx/m", Buffer.from(writeModel(graphProto([], [external]))));
  write("onnx/data.bin", Buffer.from(bytes));
  await bench.drop(dirname(model));
  await expect(bench.heading).toHaveText("matrix");
  await bench.settled();

  const manifest = [{ paths: ["shard"], weights: [{ name: "dense/kernel", shape: [32, 64], dtype: "float32" }] }];
  const json = write("tfjs/m", JSON.stringify({ format: "layers-model", weightsManifest: manifest }));
  write("tfjs/shard", Buffer.from(bytes));
  await bench.drop(dirname(json));
  await expect(bench.heading).toHaveText("dense/kernel");
  // The outputs are the last dimension of TensorFlow's kernels.
  await expect(bench.page.getByText("64 × 32 = 2,048 elements")).toBeVisible();
});
