import { describe, expect, it } from "vitest";
import { defaultExperiment, same, withRecipe, withTensor } from "./experiment.ts";
import { createTimeline } from "./timeline.ts";

const recipe = (text: string) => (e: typeof defaultExperiment) => withRecipe(e, "a", text);

describe("the timeline", () => {
  it("undoes and redoes experiments, and forgets the future on a new change", () => {
    const t = createTimeline(defaultExperiment);
    t.change(recipe("int4/64"));
    t.change(recipe("int8/row"));
    t.undo();
    expect(t.getState().experiment.a).toBe("int4/64");
    t.undo();
    t.undo();
    expect(t.getState().experiment).toEqual(defaultExperiment);
    t.redo();
    expect(t.getState().experiment.a).toBe("int4/64");
    t.change(recipe("nf4/64"));
    t.redo();
    expect(t.getState().experiment.a).toBe("nf4/64");
    expect(t.getState().past).toHaveLength(2);
  });

  it("makes one step of quick changes of one kind, and none of no change", () => {
    let time = 0;
    const t = createTimeline(defaultExperiment, () => time);
    for (const text of ["i", "in", "int4"]) {
      time += 200;
      t.change(recipe(text), { merge: "recipe a" });
    }
    expect(t.getState().how).toBe("replace");
    t.change(recipe("int4"), { merge: "recipe a" });
    expect(t.getState().past).toHaveLength(1);
    time += 5000;
    t.change(recipe("int5"), { merge: "recipe a" });
    expect(t.getState().how).toBe("push");
    expect(t.getState().past).toHaveLength(2);
  });

  it("settles without a step and takes what the browser's history brings as one", () => {
    const t = createTimeline(defaultExperiment);
    t.settle((e) => withTensor(e, { name: "w", shape: [2] }));
    expect(t.getState().past).toHaveLength(0);
    t.arrive(withRecipe(t.getState().experiment, "b", "f16"));
    expect(t.getState()).toMatchObject({ how: "none" });
    // What came from outside is known as such, whatever is changed or undone afterwards.
    const { experiment } = t.getState();
    expect(t.getState().arrived).toBe(experiment);
    t.change((e) => withRecipe(e, "b", "int8/row"));
    t.undo();
    expect(t.getState().arrived).toBe(experiment);
    t.redo();
    t.undo();
    expect(t.getState().past).toHaveLength(1);
  });

  it("keeps a bounded past", () => {
    const t = createTimeline(defaultExperiment);
    for (let i = 0; i < 500; i++) t.change(recipe(`int4/${i + 1}`));
    expect(t.getState().past.length).toBeLessThanOrEqual(200);
  });
});

describe("what is no change", () => {
  it("is heard by nobody, and takes no step", () => {
    const t = createTimeline(defaultExperiment);
    let heard = 0;
    t.subscribe(() => heard++);
    t.settle((e) => ({ ...e }));
    t.change((e) => ({ ...e }));
    t.arrive({ ...defaultExperiment });
    t.undo();
    t.redo();
    expect([heard, t.getState().experiment]).toEqual([0, defaultExperiment]);
  });

  it("does not keep a step from being one of its own after undo, redo and what came from outside", () => {
    const t = createTimeline(defaultExperiment, () => 0);
    const typed = (text: string) => t.change(recipe(text), { merge: "recipe a" });
    const past = () => t.getState().past.length;
    typed("int4/8");
    typed("int4/16");
    expect(past()).toBe(1);
    t.undo();
    typed("int4/32");
    expect([past(), t.getState().how]).toEqual([1, "push"]);
    t.undo();
    t.redo();
    expect(t.getState()).toMatchObject({ how: "push", future: [] });
    typed("int4/64");
    expect(past()).toBe(2);
    t.arrive(withRecipe(defaultExperiment, "a", "f16"));
    typed("int4/128");
    expect(past()).toBe(4);
    t.change(recipe("nf4/64"), { merge: "recipe b" });
    expect(past()).toBe(5);
    // Without a name for its kind every change is a step.
    t.change(recipe("nf4/32"));
    t.change(recipe("nf4/16"));
    expect(past()).toBe(7);
    t.change(recipe("nf4/8"), { merge: "recipe b" });
    t.undo();
    t.change(recipe("af4/8"), { merge: "recipe b" });
    expect(t.getState().future).toEqual([]);
  });
});

describe("equality of experiments", () => {
  it("looks through objects and takes what is undefined as absent", () => {
    expect(same({ a: [1, { b: null }], c: undefined }, { a: [1, { b: null }] })).toBe(true);
    expect(same({ a: [1, 2] }, { a: [2, 1] })).toBe(false);
    expect(same([], {})).toBe(false);
    expect(same(Number.NaN, Number.NaN)).toBe(true);
  });
});
