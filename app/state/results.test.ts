import { expect, it } from "vitest";
import type { Report } from "../../kernels/measure/report.ts";
import { requestKey } from "../../workers/runs/identity.ts";
import type { RunRequest } from "../../workers/runs/target.ts";
import { comparable, isStale, noResult, ReportCache, type Shown, sameTarget } from "./results.ts";

const target = { source: "s", tensor: "w", view: { split: 1, transpose: false } };
const request: RunRequest = { target, recipe: "nvfp4", definitions: [], backend: null };
const shownOf = (part: Partial<RunRequest> = {}, report: object = {}): Shown => {
  const asked = { ...request, ...part };
  return { key: requestKey(asked), request: asked, report: report as Report };
};

it("results are of one matrix whatever the recipe and what is given beside it", () => {
  const own = shownOf();
  const same = [{ recipe: "f16" }, { backend: "wasm" as const }, { target: { ...target, given: [null] } }];
  for (const part of same) expect(sameTarget(own, shownOf(part))).toBe(true);
  const views = [
    { ...target, tensor: "v" },
    { ...target, source: "t" },
    { ...target, sample: 4 },
    { ...target, view: { split: 1, transpose: true } },
  ];
  for (const of of views) expect(sameTarget(own, shownOf({ target: of }))).toBe(false);
});

it("a result is stale where something else is asked for, or its field holds what cannot be read", () => {
  const shown = shownOf();
  const side = { ...noResult, shown, wanted: shown.key };
  expect(isStale(side)).toBe(false);
  expect(isStale({ ...side, wanted: "other" })).toBe(true);
  expect(isStale({ ...side, wanted: null })).toBe(true);
  expect(isStale({ ...side, draft: true })).toBe(true);
  expect(isStale({ ...noResult, wanted: "other", draft: true })).toBe(false);
});

it("of results of two tensors the one that is up to date stands", () => {
  const [own, other] = [shownOf(), shownOf({ target: { ...target, tensor: "v" } })];
  const [a, b] = [own, other].map((shown) => ({ ...noResult, shown, wanted: shown.key }));
  expect(comparable({ a, b: { ...noResult, shown: own, wanted: "later" } })).toEqual({ a: own, b: own });
  expect(comparable({ a, b: noResult })).toEqual({ a: own, b: null });
  expect(comparable({ a: noResult, b })).toEqual({ a: null, b: other });
  expect(comparable({ a: { ...a, wanted: "later" }, b })).toEqual({ a: null, b: other });
  expect(comparable({ a, b: { ...b, wanted: "later" } })).toEqual({ a: own, b: null });
});

it("reports are kept up to a number and a size, the last asked for the longest; one is kept whatever its size", () => {
  const of = (recipe: string, bytes = 8) =>
    shownOf(
      { recipe },
      { rowProfile: { error: new Uint8Array(bytes / 2), none: null }, counts: new Uint8Array(bytes / 2), recipe },
    );
  const key = (recipe: string) => of(recipe).key;
  const cache = new ReportCache(3, 100);
  const kept = () => ["1", "2", "3", "4", "5"].filter((recipe) => cache.get(key(recipe)));
  for (const recipe of ["1", "2", "3"]) cache.put(of(recipe));
  expect(kept()).toEqual(["1", "2", "3"]);
  cache.get(key("1"));
  cache.put(of("4"));
  expect(kept()).toEqual(["1", "3", "4"]);
  // 8 + 8 + 84 bytes fit; put again, a report takes the place of itself.
  cache.put(of("3", 84));
  expect(kept()).toEqual(["1", "3", "4"]);
  cache.put(of("3", 86));
  expect(kept()).toEqual(["3", "4"]);
  cache.put(of("5", 1000));
  expect(kept()).toEqual(["5"]);
  cache.put(of("1"));
  expect(kept()).toEqual(["1"]);
});
