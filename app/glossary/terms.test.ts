import { expect, it } from "vitest";
import { metricSpecs } from "../metrics/metrics.ts";
import { terms } from "./terms.ts";

it("explains every figure of the table", () => {
  for (const spec of metricSpecs) {
    expect(terms[spec.name].name).toBe(spec.label);
  }
});

it("says something of each that its clause does not", () => {
  for (const { short, long } of Object.values(terms)) {
    expect(long).toMatch(/\.$/);
    expect(long.toLowerCase()).not.toContain(short.toLowerCase());
  }
});
