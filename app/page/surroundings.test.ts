import { expect, it } from "vitest";
import { surroundings } from "../testing/workbench.ts";

it("the workers keep what the view on the screen goes back to", () => {
  expect([null, "sweep", "formats", "gone"].map((tab) => surroundings.keeps(tab))).toEqual([
    "results",
    "tensors",
    null,
    "results",
  ]);
});

it("parts of views and of panels are known, for what goes through all of them", () => {
  const ids = surroundings.parts.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(["map", "sweep"]));
});
