import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import type { CacheScores } from "../../../../../workers/scores/types.ts";
import type { MixInView } from "../panel.ts";
import { CachePanel } from "./CachePanel.tsx";
import { cache as panel } from "./index.ts";
import { cacheRows } from "./rows.ts";

const layer = { name: "a", layer: 3, elements: 8, storedBits: 128, bits: [72, null], refused: [null, "no blocks"] };
const cache: CacheScores = {
  ...{ context: 4096, recipes: ["int8/32", "q4_k"], layers: [layer], notes: ["All layers have a window."] },
  signals: { kl: { values: [[0.25, null]], error: [[null, null]], about: "KL of this layer alone" } },
};

it("a row for each layer and recipe, with why there is no figure", () => {
  expect(cacheRows(cache, "kl").rows).toEqual([
    [3, "int8/32", "9.00", "0.250", "–", ""],
    [3, "q4_k", "–", "–", "–", "no blocks"],
  ]);
});

it("the panel is there where scores have a cache, and says what they are of and who chooses by them", () => {
  const mix = { scores: { cache } } as unknown as MixInView;
  expect([panel.shows!(mix), panel.shows!({ ...mix, scores: null })]).toEqual([true, false]);
  const html = renderToStaticMarkup(<CachePanel mix={mix} />);
  for (const text of ["KL of this layer alone", "16 bytes at", "4,096", "All layers have a window.", "--cache-recipes"])
    expect(html).toContain(text);
});
