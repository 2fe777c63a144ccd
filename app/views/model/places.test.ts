import { describe, expect, it } from "vitest";
import type { NetworkPart } from "./parts.ts";
import { tensorsOf } from "./parts.ts";
import { gridOf } from "./places.ts";

const part = (name: string, layer: number | "ends", role: string, over: Partial<NetworkPart> = {}): NetworkPart => ({
  ...{ name, layer, role, linear: true, shape: [8, 8], bitsPerWeight: 16, missing: false },
  ...over,
});

describe("a network as a grid", () => {
  it("has roles in the order of a layer, and folds experts", () => {
    const { roles, layers, cells } = gridOf([
      part("0.down", 0, "down_proj"),
      part("0.q", 0, "q_proj"),
      part("0.odd", 0, "odd"),
      ...[0, 1, 2].map((e) => part(`1.${e}.down`, 1, "down_proj")),
      part("0.norm", 0, "norm", { linear: false, shape: [8] }),
    ]);
    expect(roles).toEqual(["q_proj", "down_proj", "odd"]);
    expect(layers).toBe(2);
    expect(cells[1].map((place) => place?.parts.length)).toEqual([1, 3]);
    expect(cells[0][1]).toBeNull();
  });

  it("counts a stored tensor once, whatever is made of it", () => {
    const fused = ["q", "k", "v"].map(() => part("0.qkv", 0, "qkv_proj"));
    expect(gridOf(fused).cells[0][0]?.parts).toHaveLength(1);
    expect(tensorsOf(fused)).toHaveLength(1);
  });

  it("keeps the ends apart and names what is missing", () => {
    const { ends, missing } = gridOf([
      part("embed", "ends", "embedding", { linear: false }),
      part("norm", "ends", "norm", { linear: false, shape: [8] }),
      part("0.q", 0, "q_proj", { missing: true, bitsPerWeight: null }),
    ]);
    expect(ends.map(({ role }) => role)).toEqual(["embedding"]);
    expect(missing).toEqual(["0.q"]);
  });
});
