/** A model of llama.cpp's: its blocks decoded, its parts put together. */
import { writeGguf } from "../workers/checkpoints/gguf/write-for-test.ts";
import { write } from "./support/files.ts";
import { expect, test } from "./support/test.ts";

const START = "s=gen:uniform(4x4,seed=1)&a=f32&b=int8/32:f16&n=2&v=1";

/** Blocks of Q8_0 of scale 1/128 with codes of both signs. */
const blocks = (count: number): Uint8Array =>
  Uint8Array.from({ length: 34 * count }, (_, i) => (i % 34 === 0 ? 0 : i % 34 === 1 ? 0x20 : (i * 37) & 255));

const part = (no: number): Uint8Array =>
  writeGguf({
    metadata: [
      ["split.no", "uint16", no],
      ["split.count", "uint16", 2],
    ],
    tensors: [{ name: `blk.${no}.attn_q.weight`, dims: [64, 48], type: "Q8_0", bytes: blocks(96) }],
  });

test("a GGUF file, under a name that says nothing", async ({ bench }) => {
  await bench.open(START);
  await bench.drop(write("holiday.txt", part(0)));
  await expect(bench.heading).toHaveText("blk.0.attn_q.weight");
  await bench.settled();
  await expect(bench.page.getByText("Q8_0").first()).toBeVisible();
  await expect(bench.page.getByText("48 × 64 = 3,072 elements")).toBeVisible();
  expect(await bench.figure("sqnrDb", "B")).toMatch(/^\d+\.\d\d$/);
});

test("the parts of a split model, dropped together in any order", async ({ bench }) => {
  await bench.open(START);
  await bench.drop(write("m-00002-of-00002.gguf", part(1)), write("m-00001-of-00002.gguf", part(0)));
  await expect(bench.tree.getByRole("treeitem").filter({ hasText: "48×64" })).toHaveCount(2);
});
