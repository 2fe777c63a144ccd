/**
 * Against ggml's quantize_* without importance matrices (commit d99724f, GCC on x86-64 without FMA). What ggml leaves to
 * the processor, conversions of what does not fit, is that of x86.
 */
import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import golden from "./encode.golden.json" with { type: "json" };
import { searchPlainly } from "./fast.ts";
import { blockCodecs, encodeBlocks } from "./index.ts";
import { gaussian, hostile } from "./values-for-test.ts";

const sets = { gaussian: gaussian(8192, 12345), hostile: hostile(65536, 4711) };

/** The types with grids stand in weighted.golden.json: hostile values stop ggml there. */
const codecs = blockCodecs.filter(({ layout }) => layout.pack);

describe.each(codecs.map((c) => [c.type.name, c] as const))("%s", (name, { type, load }) => {
  beforeAll(() => load());

  test.each([
    ["gaussian", true],
    ["gaussian", false],
    ["hostile", true],
    ["hostile", false],
  ] as const)("%s values give ggml's bytes, searched in TypeScript: %s", async (set, plain) => {
    await searchPlainly(plain);
    const values = sets[set];
    const bytes = new Uint8Array((values.length / type.elements) * type.bytes);
    encodeBlocks(type, values, bytes);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(golden[name as keyof typeof golden][set]);
  });
});
