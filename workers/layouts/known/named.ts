import { type Layout, moduleOf, NotDecoded } from "../layout.ts";

/** Layouts that are recognised only to be called by their names. */
const known = [
  {
    anchor: "bitmask",
    beside: "compressed",
    what: "compressed-tensors' sparse-bitmask or sparse-24-bitmask, whose zeros are left out, is not decoded",
  },
  {
    anchor: "weight_bitmask",
    beside: "weight_compressed",
    what: "compressed-tensors' sparse-bitmask or sparse-24-bitmask, whose zeros are left out, is not decoded",
  },
  {
    anchor: "scale_packed",
    beside: "weight_packed",
    what: "compressed-tensors' marlin-24, 2:4 sparse, is not decoded",
  },
  { anchor: "q_weight", beside: "q_scale", what: "EXL2, whose groups differ in their bits, is not decoded" },
  { anchor: "B", beside: "s", what: "Marlin's order of GPTQ codes is that of a kernel, which is not decoded" },
] as const;

export const named: Layout = {
  name: "a weight for special kernels",
  anchors: known.map(({ anchor }) => anchor),
  claim(anchor, { find }) {
    const found = known.find(
      (k) => anchor.info.name.split(".").at(-1) === k.anchor && find(moduleOf(anchor, k.anchor) + k.beside),
    );
    // Ordinary tensors may be called B; Marlin's are words.
    if (!found || (found.anchor === "B" && anchor.info.dtype !== "I32")) return null;
    throw new NotDecoded(found.what);
  },
};
