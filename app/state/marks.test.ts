import { beforeEach, expect, it } from "vitest";
import type { Inspection } from "../../kernels/report/report.ts";
import { settle, started } from "../testing/workbench.ts";
import { withLook, withRecipe } from "./experiment.ts";
import { noticesStore } from "./notices.ts";

interface Asked {
  recipe: string;
  row: number;
  col: number;
  signal: AbortSignal;
  answer(of: string): void;
  fail(error: Error): void;
}

/** A page with both results on it, and the inspections that it asks for. */
async function marked() {
  const page = await started();
  const asked: Asked[] = [];
  page.jobs.inspect = ({ recipe, row, col }, options) =>
    new Promise((resolve, reject) => {
      asked.push({
        ...{ recipe, row, col, signal: options.signal!, fail: reject },
        answer: (of) => resolve({ codeBits: of } as Inspection),
      });
    });
  for (const run of page.runs) run.answer();
  await settle();
  const { highlight, marks } = page.w;
  const shown = () => {
    const { a, b } = marks.store.getState();
    return [a?.codeBits ?? null, b?.codeBits ?? null];
  };
  return { ...page, asked, shown, point: highlight.getState().point, highlight };
}

beforeEach(() => noticesStore.setState({ notices: [] }));

it("a marked element is inspected under both recipes, once", async () => {
  const { asked, shown, point } = await marked();
  point({ row: 1, col: 2, pinned: false });
  expect(asked.map(({ recipe, row, col }) => [recipe, row, col])).toEqual([
    ["nvfp4", 1, 2],
    ["int4/32:f16", 1, 2],
  ]);
  // The same element, pinned now.
  point({ row: 1, col: 2, pinned: true });
  expect(asked).toHaveLength(2);
  asked[0].answer("A");
  asked[1].answer("B");
  await settle();
  expect(shown()).toEqual(["A", "B"]);
});

it("an older answer never comes after a newer one, and clearing the mark clears both", async () => {
  const { asked, shown, point } = await marked();
  point({ row: 0, col: 0, pinned: false });
  point({ row: 0, col: 1, pinned: false });
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, true, false, false]);
  asked[2].answer("new");
  await settle();
  asked[0].answer("old");
  await settle();
  expect(shown()).toEqual(["new", null]);
  point(null);
  expect(shown()).toEqual([null, null]);
  expect(asked[3].signal.aborted).toBe(true);
  asked[3].answer("late");
  await settle();
  expect(shown()).toEqual([null, null]);
  // Marked again it is asked for again.
  point({ row: 0, col: 1, pinned: false });
  expect(asked).toHaveLength(6);
});

it("another result on the screen is inspected anew, under its side alone", async () => {
  const { w, runs, asked, point } = await marked();
  point({ row: 3, col: 3, pinned: true });
  w.timeline.change((e) => withRecipe(e, "b", "nf4/64"));
  expect(asked).toHaveLength(2);
  runs[2].answer();
  await settle();
  expect(asked.slice(2).map(({ recipe, row, col }) => [recipe, row, col])).toEqual([["nf4/64", 3, 3]]);
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([false, true, false]);
  w.timeline.change((e) => withLook(e, { tab: "formats" }));
  expect(asked).toHaveLength(3);
});

it.each([
  [4, 0],
  [0, 4],
])("row %i, column %i of a matrix of 4 x 4 is no element: the mark goes", async (row, col) => {
  const { asked, point, highlight } = await marked();
  point({ row, col, pinned: true });
  expect([highlight.getState().highlight, asked]).toEqual([null, []]);
});

it("what went wrong is said, but not of what nobody waits for any more", async () => {
  const { asked, point } = await marked();
  const notices = () => noticesStore.getState().notices.map(({ text, tone }) => [text, tone]);
  point({ row: 0, col: 0, pinned: false });
  asked[0].fail(new DOMException("stopped", "AbortError"));
  asked[1].fail(new Error("the worker ended"));
  await settle();
  expect(notices()).toEqual([["the worker ended", "error"]]);
  point({ row: 0, col: 1, pinned: false });
  point({ row: 0, col: 2, pinned: false });
  asked[2].fail(new Error("too late"));
  await settle();
  expect(notices()).toHaveLength(1);
});
