/**
 * Against ggml's quantize_* with importance weights, and without where a type has no other golden bytes (commit d99724f, GCC on x86-64
 * without FMA; glibc's stable qsort). Where ggml stops at an assertion, since values overflow, its block stands as 0xff here; what a
 * row shares is computed over rows of 1,024.
 */
import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { type BlockCodec, blockCodecs } from "./codecs.ts";
import { encodeRow } from "./encode.ts";
import { fast, searchPlainly } from "./fast.ts";
import { ValuesTooLarge } from "./search-grid.ts";
import { extreme, gaussian, hostile, moderate, weightKinds, weightsOf } from "./values-for-test.ts";
import golden from "./weighted.golden.json" with { type: "json" };

const COLS = 1024;
const sets = {
  gaussian: gaussian(8192, 12345),
  hostile: hostile(16384, 4711),
  extreme: extreme(99),
  moderate: moderate(16384, 1234),
};
const weightSets = new Map<string, Float32Array | null>([
  ["none", null],
  ...weightKinds.map((kind) => [kind, weightsOf(kind, COLS)] as const),
]);

/** Blocks one after the other; a block of 256 knows nothing of its row. */
function encode(codec: BlockCodec, x: Float32Array, weights: Float32Array | null): Uint8Array {
  const { elements, bytes: size } = codec.type;
  const bytes = new Uint8Array((x.length / elements) * size);
  const step = elements === 256 ? elements : COLS;
  for (let from = 0; from < x.length; from += step) {
    const at = (from / elements) * size;
    const column = from % COLS;
    try {
      encodeRow(codec, x, from, step, bytes, at, weights?.subarray(column, column + step) ?? null);
    } catch (error) {
      expect(error).toBeInstanceOf(ValuesTooLarge);
      bytes.fill(0xff, at, at + (step / elements) * size);
    }
  }
  return bytes;
}

describe.each(Object.entries(golden))("%s", (name, bySet) => {
  const codec = blockCodecs.find(({ type }) => type.name === name)!;
  beforeAll(() => codec.load?.());
  const cases = Object.entries(bySet).flatMap(([set, byWeights]) =>
    [true, false].map((plain) => ({ set, plain, byWeights })),
  );
  test.each(cases)(
    "$set values give ggml's bytes, whatever the weights, searched in TypeScript: $plain",
    async (one) => {
      const { set, plain, byWeights } = one;
      await searchPlainly(plain);
      expect(fast === null).toBe(plain);
      const digests = Object.fromEntries(
        Object.keys(byWeights).map((kind) => {
          const bytes = encode(codec, sets[set as keyof typeof sets], weightSets.get(kind)!);
          return [kind, createHash("sha256").update(bytes).digest("hex")];
        }),
      );
      expect(digests).toEqual(byWeights);
    },
  );
});

const needy = blockCodecs.filter(({ needsImportance }) => needsImportance);

test.each(needy.map((codec) => [codec.type.name, codec] as const))(
  "%s counts columns alike without weights",
  (_, codec) => {
    expect(golden[codec.type.name as "IQ1_S"].gaussian).not.toHaveProperty("none");
    expect(encode(codec, sets.moderate, null)).toEqual(encode(codec, sets.moderate, weightsOf("ones", COLS)));
  },
);

const weightless = blockCodecs.filter(({ type }) => !(type.name in golden));

test.each(weightless.map((codec) => [codec.type.name, codec] as const))("%s knows no weights", (_, codec) => {
  const x = moderate(8192, 5);
  expect(encode(codec, x, weightSets.get("ones")!)).toEqual(encode(codec, x, null));
});
