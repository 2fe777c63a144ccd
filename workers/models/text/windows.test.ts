import { expect, test } from "vitest";
import { cutText } from "./windows.ts";

const ids = (n: number) => Uint32Array.from({ length: n }, (_, i) => i);
const model = { vocabulary: 5000, positions: null };
const spec = { tokens: 4, stride: 4, most: null, seed: 0 };

test("windows that do not overlap predict every token but the first, the last of a window being that which begins the next", () => {
  const { windows, inAll, predictions, leftOver } = cutText(ids(12), spec, model);
  expect(windows.map(({ tokens, targets }) => [[...tokens], [...targets]])).toEqual([
    [
      [0, 1, 2, 3],
      [1, 2, 3, 4],
    ],
    [
      [4, 5, 6, 7],
      [5, 6, 7, 8],
    ],
  ]);
  expect({ inAll, predictions, leftOver }).toEqual({ inAll: 2, predictions: 8, leftOver: 3 });
  expect(cutText(ids(13), spec, model).inAll).toBe(3);
});

test.each([1, 2, 3, 4])("windows that begin %i apart judge each token once, in its longest context", (stride) => {
  const { windows, predictions, leftOver } = cutText(ids(18), { ...spec, stride }, model);
  const judged = windows.flatMap(({ targets }) => [...targets]);
  expect(judged).toEqual(judged.map((_, i) => i + 1));
  expect(predictions + leftOver).toBe(17);
  for (const { tokens, from, targets, first } of windows) {
    expect(first).toBe(targets[0]);
    expect(targets[0]).toBe(tokens[from] + 1);
    expect(targets.length).toBe(tokens.length - from);
  }
});

test("a text shorter than a window is one window", () => {
  const { windows, leftOver } = cutText(ids(3), spec, model);
  expect(windows.map(({ tokens, targets }) => [[...tokens], [...targets]])).toEqual([
    [
      [0, 1],
      [1, 2],
    ],
  ]);
  expect(leftOver).toBe(0);
});

test("a long text is a sample of its windows, the same for the same seed", () => {
  const drawn = (seed: number) => cutText(ids(4001), { ...spec, most: 20, seed }, model).windows.map((w) => w.index);
  expect(drawn(1)).toEqual(drawn(1));
  expect(drawn(1)).toEqual(drawn(1).toSorted((a, b) => a - b));
  expect(new Set(drawn(1)).size).toBe(20);
  expect(drawn(2)).not.toEqual(drawn(1));
  // Of all the text, not of its beginning.
  expect(Math.max(...drawn(1))).toBeGreaterThan(500);
});

test.each<[RegExp, Uint32Array, object]>([
  [/one token: there is nothing to predict/, ids(1), {}],
  [/empty: there is nothing to predict/, ids(0), {}],
  [/Token 9 at place 9 is beyond the model's vocabulary of 9/, ids(12), { vocabulary: 9 }],
  [/3 positions, and windows of 4 tokens/, ids(12), { positions: 3 }],
  [/1 to 4 tokens apart, not 5/, ids(12), { stride: 5 }],
  [/1 to 4 tokens apart, not 0/, ids(12), { stride: 0 }],
  [/at least one token, not 0/, ids(12), { tokens: 0 }],
  [/At least one window runs, not 0/, ids(12), { most: 0 }],
])("%s", (message, text, over) => {
  expect(() => cutText(text, { ...spec, ...over }, { ...model, ...over })).toThrow(message);
});
