import { describe, expect, it } from "vitest";
import { columnsOf, lineOf, linesOf, moved, shownPiece, strengthOf } from "./tokens.ts";

const windows = [{ pieces: ["Call", " me", " Ishmael", ".\n", "Some"] }, { pieces: [] }, { pieces: ["日本", "x"] }];

describe("the text in lines", () => {
  it("never cuts a token, and breaks where the text does", () => {
    expect(linesOf(windows, 8)).toEqual([
      { kind: "window", window: 0 },
      { kind: "tokens", window: 0, from: 0, to: 2 },
      { kind: "tokens", window: 0, from: 2, to: 3 },
      { kind: "tokens", window: 0, from: 3, to: 4 },
      { kind: "tokens", window: 0, from: 4, to: 5 },
      { kind: "window", window: 1 },
      { kind: "window", window: 2 },
      { kind: "tokens", window: 2, from: 0, to: 2 },
    ]);
    // Longer than a line: alone in it.
    expect(linesOf([{ pieces: ["a", "a very long one", "b"] }], 4).slice(1)).toHaveLength(3);
  });

  it("shows what cannot be seen, and counts wide letters twice", () => {
    expect(shownPiece("\n\n")).toBe("↵↵");
    expect(shownPiece("")).toBe("∅");
    expect(columnsOf("a日")).toBe(3);
  });

  it("is walked through token by token, over windows and to their ends", () => {
    const lines = linesOf(windows, 8);
    expect(moved(windows, { window: 0, token: 4 }, 1)).toEqual({ window: 2, token: 0 });
    expect(moved(windows, { window: 2, token: 0 }, -1)).toEqual({ window: 0, token: 4 });
    expect(moved(windows, { window: 0, token: 0 }, -5)).toEqual({ window: 0, token: 0 });
    expect(moved(windows, { window: 0, token: 0 }, 99)).toEqual({ window: 2, token: 1 });
    expect(moved([], { window: 0, token: 0 }, 1)).toEqual({ window: 0, token: 0 });
    expect(lineOf(lines, { window: 0, token: 2 })).toBe(2);
  });

  it("is coloured by the logarithm of KL, and not where that is no number", () => {
    expect([0, -1e-17, 0.01, 1, 50].map(strengthOf)).toEqual([0, 0, 0, 1, 1]);
    expect(strengthOf(0.1)).toBeCloseTo(0.5);
    expect(strengthOf(Number.NaN)).toBeNaN();
  });
});
