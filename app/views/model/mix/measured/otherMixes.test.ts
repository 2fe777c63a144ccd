import { expect, it } from "vitest";
import type { Mix, MixModel } from "../../../../../workers/mixes/types.ts";
import { namedNear } from "./otherMixes.ts";

const model = { tensors: [{ elements: 100 }, { elements: 300 }, { elements: 50 }] } as unknown as MixModel;
const mix = (name: string, bits: number, rules = name): Mix => ({
  ...{ name, rules, notes: [`of ${name}`] },
  // The last one has no place in it.
  tensors: [bits * 100, bits * 300, 0].map((all, i) => ({ name: `t${i}`, recipe: "q4_k", bits: all, bytes: all / 8 })),
});
const mixes = [
  mix("Q6_K", 6.5),
  mix("Q2_K", 2.6),
  mix("Q3_K_S", 3.4),
  mix("Q3_K_M", 3.9),
  mix("Q4_K_M", 4.8),
  mix("Q4_K_S", 4.5),
];

it("llama.cpp's mixes about a size: three that fit and the next one above", () => {
  const near = namedNear({ model, mixes, refused: [{ name: "IQ1_S", why: "it stops" }] }, 4.6);
  expect(near.mixes.map(({ label }) => label)).toEqual(["Q3_K_S", "Q3_K_M", "Q4_K_S", "Q4_K_M"]);
  expect(near.mixes[0]).toMatchObject({ kind: "named", rules: "Q3_K_S", notes: ["of Q3_K_S"] });
  expect(near.mixes[0].assigned.get("t1")).toBe("q4_k");
  expect(near.why).toBeNull();
});

it("each assignment stands there once, and none that changes nothing", () =>
  expect(
    namedNear({ model, mixes: [mix("A", 4, "same"), mix("B", 4, "same"), mix("C", 4, "")], refused: [] }, 5).mixes,
  ).toHaveLength(1));

it("where there are none it says why", () =>
  expect(namedNear({ model, mixes: [], refused: [{ name: "Q2_K", why: "unknown model" }] }, 4)).toEqual({
    ...{ mixes: [], why: "unknown model" },
  }));
