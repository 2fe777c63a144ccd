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
