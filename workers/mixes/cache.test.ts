import { describe, expect, it } from "vitest";
import { cacheSize } from "./cache.ts";
import type { CacheLayer } from "./types.ts";

const layers = (count: number, layer: Omit<CacheLayer, "name">): CacheLayer[] =>
  Array.from({ length: count }, (_, i) => ({ name: `model.layers.${i}.self_attn`, ...layer }));
const label = "it";
// Llama 3 8B: 32 layers, 8 heads of keys of 128.
const llama3 = { label, cache: layers(32, { keyHeads: 8, keySize: 128, valueSize: 128, window: null }) };

describe("a cache", () => {
  it("of Llama 3 8B at 8,192 tokens is 1 GiB in float16, as published, and 17/32 of it in q8_0", () => {
    expect(cacheSize(llama3, 8192, "").bits).toBe(8 * 2 ** 30);
    const q8 = cacheSize(llama3, 8192, "q8_0");
    expect(q8).toMatchObject({ bits: 8.5 * 2 ** 29, recipe: "*=q8_0", notes: [] });
    expect(q8.layers).toEqual(Array.from({ length: 32 }, () => (8.5 * 2 ** 29) / 32));
  });

  it("has recipes of its own for keys, values and layers", () => {
    const tokens = 1000;
    const rules = "*.0.self_attn.*=keep;*.keys.*=int8/row:f16;*.values.*=int4/64:f16";
    const { layers: bits, bits: all } = cacheSize(llama3, tokens, rules);
    const other = 8 * tokens * (128 * 8 + 16 + 128 * 4 + 32);
    expect(bits.slice(0, 3)).toEqual([8 * 2 * 128 * 16 * tokens, other, other]);
    expect(all).toBe(bits.reduce((a, b) => a + b));
  });

  it("holds no more tokens than a layer's window, and says so", () => {
    const one = { keyHeads: 2, keySize: 64, valueSize: 32 };
    const cache = [...layers(2, { ...one, window: 512 }), ...layers(1, { ...one, window: null })];
    const { layers: bits, notes } = cacheSize({ label, cache }, 2048, "");
    expect(bits).toEqual([512, 512, 2048].map((tokens) => 2 * 96 * 16 * tokens));
    expect(notes).toEqual([expect.stringContaining("2 of 3 layers have a window")]);
    expect(cacheSize({ label, cache }, 512, "").notes).toEqual([]);
  });

  it("is refused where it cannot be counted", () => {
    expect(() => cacheSize({ label, cache: null }, 8, "")).toThrow("how the layers of it keep keys");
    expect(() => cacheSize(llama3, 0, "")).toThrow("A context of 0 tokens is none");
    expect(() => cacheSize(llama3, 8, "q4_k")).toThrow(/256/);
    expect(() => cacheSize(llama3, 8, "nosuch")).toThrow(/nosuch/);
  });
});
