import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { goldenModels, readGolden } from "../../kernels/network/testing/golden.ts";
import { sharedFile } from "../../kernels/testing/shared.ts";
import { openGoldenModel, openSampleModel, signal } from "./golden-for-test.ts";
import { openModel } from "./open.ts";
import { logitsOf } from "./run-for-test.ts";
import { jsonBytes, openTiny } from "./tiny-for-test.ts";

test("the sample is a model: every part has its matrix, and nothing is missing", async () => {
  const source = await openSampleModel();
  const model = await openModel(source, signal);
  expect(model.problems).toEqual([]);
  expect(model.notes).toEqual([]);
  expect(model.parts.size).toBe(source.info.tensors.length);
  expect(model.size("all")).toEqual({ parameters: 5_770_496, read: 2 * 5_770_496, memory: 4 * 5_770_496 });
  const { stored, part } = model.parts.get("model.layers.3.mlp.down_proj.weight")!;
  expect(part.site).toBe("model.layers.3.mlp.down_proj");
  expect(stored).toMatchObject({ rows: 256, cols: 768, bitsPerWeight: 16 });
  expect(model.tokenizer?.start).toBe(0);
  source.close();
});

const families = goldenModels();

test.skipIf(families.length === 0)(
  "every golden family is bound whole, and what a layer loads is what transformers stored (needs the golden models)",
  async () => {
    for (const family of families) {
      const source = await openGoldenModel(family);
      const model = await openModel(source, signal);
      // They come without a tokenizer.
      expect(model.problems, family).toEqual([expect.stringMatching(/^There is no tokenizer: tokenizer.json was not/)]);
      const golden = readGolden(family);
      expect(model.size("all").parameters, family).toBe(
        [...golden.tensors.values()].reduce((sum, { values }) => sum + values.length, 0),
      );
      for (const of of [0, model.architecture.layers - 1, "ends"] as const) {
        const weights = await model.weights(of, signal);
        for (const { name, shape, optional } of model.architecture.parts(of)) {
          const values = weights.get(name);
          if (!values && optional) continue;
          expect(values?.length, `${family} ${name}`).toBe(shape.reduce((a, b) => a * b, 1));
          const theirs = golden.tensors.get(name)!;
          const turned = model.parts.get(name)?.stored.view.transpose ?? false;
          const at = (row: number, col: number) => theirs.values[row * theirs.cols + col];
          const last = turned ? at(theirs.rows - 1, 0) : at(0, theirs.cols - 1);
          const cols = shape.length === 1 ? shape[0] : shape[1];
          expect(values?.[cols - 1], `${family} ${name}`).toBe(last);
        }
      }
      source.close();
    }
  },
);

const story = sharedFile("data/stories260K.f32.safetensors");

test.skipIf(!story)(
  "Meta's names with params.json, and llama2.c's tokenizer beside them, give the golden logits (needs stories260K)",
  async () => {
    const params = { dim: 64, n_layers: 5, n_heads: 8, n_kv_heads: 4, vocab_size: -1, norm_eps: 1e-5 };
    const files = {
      "stories/stories260K.safetensors": readFileSync(story!),
      "stories/tok512.bin": readFileSync(sharedFile("data/stories260K.tok512.bin")!),
    };
    const model = await openModel(await openTiny({ ...files, "stories/params.json": jsonBytes(params) }), signal);
    expect([...model.problems, ...model.notes]).toEqual([]);
    expect(model).toMatchObject({ writer: "meta", architecture: { tied: true, vocabulary: 512 } });
    expect(model.parts.get("model.layers.0.self_attn.q_proj.weight")).toMatchObject({
      stored: { tensor: "layers.0.attention.wq.weight" },
      adapted: "rows of each head put from rotary pairs into halves",
    });
    const golden = JSON.parse(readFileSync(sharedFile("data/stories260K_golden.json")!, "utf8"));
    const tokens = [model.tokenizer!.start!, ...model.tokenizer!.encode(golden.prompt)];
    expect(tokens).toEqual(golden.prompt_ids);
    const logits = await logitsOf(model, tokens);
    for (const [i, wanted] of golden.last_logits_first8.entries()) expect(logits[i]).toBeCloseTo(wanted, 4);
    // Without it nothing tells the number of heads.
    await expect(openModel(await openTiny(files), signal)).rejects.toThrow(/config.json or params.json was not given/);
  },
);
