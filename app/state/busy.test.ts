import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { begin, track } from "./busy.ts";

/** Node has no document: the part of one that is written to. */
const dataset: { idle?: string } = {};
beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("document", { documentElement: { dataset } });
});
afterEach(() => {
  vi.runAllTimers();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it("is idle a moment after the last work has ended, each counted once", () => {
  const [one, two] = [begin(), begin()];
  expect(dataset.idle).toBe("false");
  one();
  one();
  vi.runAllTimers();
  expect(dataset.idle).toBe("false");
  two();
  expect(dataset.idle).toBe("false");
  vi.advanceTimersByTime(119);
  expect(dataset.idle).toBe("false");
  vi.advanceTimersByTime(2);
  expect(dataset.idle).toBe("true");
});

it("is not idle where the next work begins at once", () => {
  begin()();
  const next = begin();
  vi.advanceTimersByTime(1000);
  expect(dataset.idle).toBe("false");
  next();
  vi.advanceTimersByTime(1000);
  expect(dataset.idle).toBe("true");
});

it("counts a promise until it settles, however it ends", async () => {
  let [answer, fail] = [(_: number) => {}, (_: Error) => {}];
  const good = track(new Promise<number>((resolve) => (answer = resolve)));
  const bad = track(new Promise<number>((_, reject) => (fail = reject)));
  answer(7);
  expect(await good).toBe(7);
  vi.advanceTimersByTime(1000);
  expect(dataset.idle).toBe("false");
  fail(new Error("no"));
  await expect(bad).rejects.toThrow("no");
  vi.advanceTimersByTime(1000);
  expect(dataset.idle).toBe("true");
});
