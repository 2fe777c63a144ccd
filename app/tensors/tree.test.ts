import { describe, expect, it } from "vitest";
import type { TensorInfo } from "../../workers/tensors/info.ts";
import { buildTree, firstOpen, listedName, partsPath, visibleRows } from "./tree.ts";

const tensor = (name: string): TensorInfo => ({
  name,
  dtype: "F32",
  shape: [2, 3],
  elements: 6,
  view: { split: 1, transpose: false },
});
const labels = (rows: ReturnType<typeof visibleRows>) => rows.map((r) => `${"  ".repeat(r.depth)}${r.label}`);

describe("the tensor tree", () => {
  const tree = buildTree(["emb", "blocks.0.attn.wq", "blocks.0.attn.wk", "blocks.1.attn.wq", "a/b/c"].map(tensor));

  it("groups by dots, joins levels that never branch, and draws a group of one as its tensor", () => {
    expect(labels(visibleRows(tree, firstOpen(tree, null), ""))).toEqual([
      "blocks",
      "  0.attn",
      "    wq",
      "    wk",
      "  1.attn.wq",
      "a/b/c",
      "emb",
    ]);
  });

  it("shows what matches every word of the filter, with the groups above", () => {
    expect(labels(visibleRows(tree, new Set(), "WQ 1"))).toEqual(["blocks", "  1.attn.wq"]);
    expect(visibleRows(tree, new Set(), "nothing")).toEqual([]);
  });

  it("keeps closed groups closed", () => {
    expect(labels(visibleRows(tree, new Set(["blocks"]), ""))).toEqual([
      "blocks",
      "  0.attn",
      "  1.attn.wq",
      "a/b/c",
      "emb",
    ]);
  });

  it("shows the stored parts of a weight where it is open, and those that match the filter", () => {
    const kind = { layout: "GPTQ", describe: "", source: null, readings: [], recipe: null, recipeNote: null };
    const parts = ["fc.qweight", "fc.scales"].map((name) => ({
      ...{ role: "codes", info: tensor(name), dtype: "I32", shape: [2], bitsPerWeight: 2 },
    }));
    const stored = buildTree([{ ...tensor("fc.weight"), stored: { kind, bitsPerWeight: 4, parts } }, tensor("norm")]);
    expect(labels(visibleRows(stored, firstOpen(stored, null), ""))).toEqual(["fc.weight", "norm"]);
    expect(labels(visibleRows(stored, new Set([partsPath(stored.root.tensors[0])]), ""))).toEqual([
      "fc.weight",
      "  qweight",
      "  scales",
      "norm",
    ]);
    expect(labels(visibleRows(stored, new Set(), "scales"))).toEqual(["fc.weight", "  scales"]);
    expect(labels(visibleRows(stored, firstOpen(stored, "fc.scales"), ""))).toContain("  scales");
    expect(listedName("fc.weight?zero=v2")).toBe("fc.weight");
  });

  it("takes half a million tensors, and opens the way to the shown one", () => {
    const many = buildTree(Array.from({ length: 500_000 }, (_, i) => tensor(`m.layers.${i >> 4}.w${i & 15}`)));
    const open = firstOpen(many, "m.layers.31249.w3");
    const rows = visibleRows(many, open, "");
    expect(rows).toHaveLength(1 + 31_250 + 16);
    expect(visibleRows(many, open, "31249.w3")).toHaveLength(3);
  });
});
