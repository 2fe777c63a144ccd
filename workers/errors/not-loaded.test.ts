import { expect, it } from "vitest";
import { isNotLoaded, notLoaded } from "./not-loaded.ts";

it.each([
  "Failed to fetch dynamically imported module: https://here/assets/SweepView-1.js",
  "error loading dynamically imported module: https://here/assets/SweepView-1.js",
  "Importing a module script failed.",
  "Unable to preload CSS for /assets/a.css",
])("knows it by what browsers say: %s", (message) => {
  const error = notLoaded(new TypeError(message)) as Error;
  expect(error.message).toMatch(/^A part of this page could not be loaded\./);
  expect(error.name).toBe("UserError");
  expect(isNotLoaded(error)).toBe(true);
  expect(notLoaded(error)).toBe(error);
});

it("leaves other errors as they are", () => {
  const error = new TypeError("x is undefined");
  expect(notLoaded(error)).toBe(error);
  expect(isNotLoaded("Importing a module script failed.")).toBe(false);
});
