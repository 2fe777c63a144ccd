import { expect, it } from "vitest";
import type { Place } from "../page/panel.ts";
import { viewOf, withView } from "../page/view.ts";
import { panels } from "../panels/index.ts";
import { createActions } from "../shell/actions.ts";
import { defaultExperiment, withLook } from "../state/experiment.ts";
import { started } from "../testing/workbench.ts";
import { views } from "./index.ts";

const unique = (names: readonly string[]) => expect([...new Set(names)]).toEqual([...names]);

it("views and panels are told apart", () => {
  unique(views.map(({ id }) => id));
  unique(panels.map(({ id }) => id));
});

it("every place of the Bench has a panel that is always there", () => {
  const places: Place[] = ["top left", "top right", "bottom left", "bottom right", "side top", "side bottom"];
  const steady = panels.filter((panel) => !panel.shows).map(({ place }) => place);
  expect(places.filter((place) => !steady.includes(place))).toEqual([]);
});

it("the page can be told to open every view, and what can be done in it, by keys of their own", async () => {
  const { w } = await started();
  const actions = createActions(w, views);
  unique(actions.map(({ id }) => id));
  unique(actions.flatMap(({ keys }) => keys ?? []));
  expect(actions.filter(({ opens }) => opens).map(({ label, keys }) => [label, keys])).toEqual(
    views.map(({ label }, i) => [`Show ${label}`, [String(i + 1)]]),
  );
  for (const action of views.flatMap((view) => view.actions?.(w) ?? [])) {
    expect(actions.map(({ id }) => id)).toContain(action.id);
  }
});

it("an experiment that names no view, or one that is not there, shows the first", () => {
  const [first, second] = views;
  expect(viewOf(views, defaultExperiment)).toBe(first);
  expect(viewOf(views, withLook(defaultExperiment, { tab: "gone" }))).toBe(first);
  expect(viewOf(views, withView(defaultExperiment, views, second))).toBe(second);
  expect(withView(withView(defaultExperiment, views, second), views, first)).toEqual(defaultExperiment);
});
