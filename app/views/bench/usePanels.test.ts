import { expect, it } from "vitest";
import { panels } from "../../panels/index.ts";
import { defaultExperiment } from "../../state/experiment.ts";
import { settle, started } from "../../testing/workbench.ts";
import { panelsFor, panelsIn } from "./usePanels.ts";

const ids = (shown: ReturnType<typeof panelsFor>) => shown.map(({ id }) => id);

it("panels that need something are left out while it is not there", async () => {
  const { w } = await started();
  const steady = panels.filter((panel) => !panel.shows);
  expect(panelsFor(w)).toEqual(steady);
  expect(steady.length).toBeLessThan(panels.length);
});

it("typed numbers that fit on the screen have the map's place for themselves", async () => {
  const { w, runs } = await started({ ...defaultExperiment, source: { kind: "text", text: "1 2" } });
  expect(ids(panelsIn(panelsFor(w), "top right"))).toEqual(["map"]);
  for (const run of runs) run.answer();
  await settle();
  // The report is of 4 x 4 values.
  expect(ids(panelsIn(panelsFor(w), "top right"))).toEqual(["cells"]);
});

it("a weight that is stored quantized says so in the inspector's place, before the inspector", async () => {
  const { w } = await started();
  w.source.store.setState(({ info }) => ({
    info: info && { ...info, tensors: info.tensors.map((t) => ({ ...t, stored: {} as never })) },
  }));
  expect(ids(panelsIn(panelsFor(w), "side bottom"))).toEqual(["stored", "inspector"]);
});
