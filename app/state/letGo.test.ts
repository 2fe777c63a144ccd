import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { reportOf, started } from "../testing/workbench.ts";
import { withLook } from "./experiment.ts";
import { ReportCache } from "./results.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

it("tells the workers what is still looked at, once it is all there and a view was left for a while", async () => {
  const starting = started();
  await vi.advanceTimersByTimeAsync(10);
  const { w, runs, kept, now } = await starting;
  await vi.advanceTimersByTimeAsync(5000);
  // Both still run.
  expect(kept).toEqual([]);
  for (const run of runs) run.answer();
  await vi.advanceTimersByTimeAsync(1000);
  expect(kept).toEqual([{ recipes: [now().a, now().b], decoded: "theirs" }]);

  w.timeline.change((e) => withLook(e, { tab: "sweep" }));
  await vi.advanceTimersByTimeAsync(5000);
  expect(kept.length).toBe(1);
  await vi.advanceTimersByTimeAsync(5000);
  expect(kept[1]).toEqual({ recipes: [], decoded: "all" });
  w.timeline.change((e) => withLook(e, { tab: "formats" }));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(kept[2]).toEqual({ recipes: [], decoded: "theirs" });
  w.timeline.change((e) => withLook(e, { tab: null }));
  await vi.advanceTimersByTimeAsync(1000);
  expect(kept[3]).toEqual({ recipes: [now().a, now().b], decoded: "theirs" });
});

it("reports are kept up to a budget of bytes, the newest whatever it takes", () => {
  const cache = new ReportCache(32, 1000);
  const shown = (key: string, bytes: number) => {
    const target = { source: "s", tensor: "t", view: { split: 1, transpose: false } };
    const request = { target, recipe: key, definitions: [], backend: null };
    return { key, request, report: Object.assign(reportOf(request), { rowProfile: { error: new Uint8Array(bytes) } }) };
  };
  for (const key of ["1", "2", "3"]) cache.put(shown(key, 400));
  expect(["1", "2", "3"].map((key) => cache.get(key) !== undefined)).toEqual([false, true, true]);
  cache.put(shown("4", 5000));
  expect(["2", "3", "4"].map((key) => cache.get(key) !== undefined)).toEqual([false, false, true]);
  cache.put(shown("5", 1));
  expect(["4", "5"].map((key) => cache.get(key) !== undefined)).toEqual([false, true]);
});
