import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { gather } from "./gather.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("hands over the first at once and the others a few times a second, all of them in order", () => {
  const given: number[][] = [];
  const gathered = gather<number>((items) => void given.push(items));
  gathered.add([1]);
  expect(given).toEqual([[1]]);
  gathered.add([2]);
  gathered.add([3, 4]);
  expect(given).toEqual([[1]]);
  vi.advanceTimersByTime(101);
  expect(given).toEqual([[1], [2, 3, 4]]);
  gathered.add([5]);
  gathered.flush();
  expect(given.at(-1)).toEqual([5]);
  vi.advanceTimersByTime(500);
  gathered.add([6]);
  expect(given).toEqual([[1], [2, 3, 4], [5], [6]]);
  gathered.flush();
  expect(given).toHaveLength(4);
});

it("hands over less often where there are thousands", () => {
  let times = 0;
  const gathered = gather<number>(() => void times++);
  gathered.add(Array.from({ length: 4000 }, (_, i) => i));
  for (let i = 0; i < 10; i++) {
    gathered.add([i]);
    vi.advanceTimersByTime(100);
  }
  expect(times).toBe(3);
});
