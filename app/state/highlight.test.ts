import { expect, it } from "vitest";
import { createHighlightStore } from "./highlight.ts";

it("a pin stays under a passing pointer, moves by steps within the matrix and is released", () => {
  const store = createHighlightStore();
  const { point, step, release } = store.getState();
  point({ row: 1, col: 1, pinned: false });
  point(null);
  expect(store.getState().highlight).toBeNull();
  point({ row: 1, col: 2, pinned: true });
  point({ row: 0, col: 0, pinned: false });
  point(null);
  expect(store.getState().highlight).toEqual({ row: 1, col: 2, pinned: true });
  step(2, 3, 5, 5);
  expect(store.getState().highlight).toEqual({ row: 1, col: 2, pinned: true });
  step(2, 3, -1, -9);
  expect(store.getState().highlight).toEqual({ row: 0, col: 0, pinned: true });
  release();
  expect(store.getState().highlight).toBeNull();
});

it("steps begin at the first element, and go nowhere in an empty matrix", () => {
  const store = createHighlightStore();
  const { step } = store.getState();
  for (const [rows, cols] of [
    [0, 3],
    [3, 0],
  ]) {
    step(rows, cols, 1, 1);
    expect(store.getState().highlight).toBeNull();
  }
  step(1, 1, 1, 1);
  expect(store.getState().highlight).toEqual({ row: 0, col: 0, pinned: true });
  step(3, 3, 1, 0);
  step(3, 3, 0, 2);
  step(3, 3, 1, -1);
  expect(store.getState().highlight).toEqual({ row: 2, col: 1, pinned: true });
});

it("charts hear of a mark once, and of what is no change not at all", () => {
  const store = createHighlightStore();
  const { point, release } = store.getState();
  let heard = 0;
  store.subscribe(() => heard++);
  point(null);
  release();
  expect(heard).toBe(0);
  point({ row: 1, col: 1, pinned: false });
  point({ row: 1, col: 1, pinned: false });
  expect(heard).toBe(1);
  for (const next of [
    { row: 2, col: 1, pinned: false },
    { row: 2, col: 2, pinned: false },
    { row: 2, col: 2, pinned: true },
  ]) {
    point(next);
    expect(store.getState().highlight).toEqual(next);
  }
  point({ row: 0, col: 0, pinned: true });
  expect([heard, store.getState().highlight]).toEqual([5, { row: 0, col: 0, pinned: true }]);
});
