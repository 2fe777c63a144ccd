import { expect, it } from "vitest";
import { csvOf } from "./csv.ts";

it("a text that a spreadsheet would take for a formula is a text, and numbers are as they were", () => {
  const csv = csvOf(
    ["a", "b"],
    [
      ["=HYPERLINK(1)", -1.5],
      ["@x", "-1e-7"],
      ["-a,b", null],
    ],
  );
  expect(csv.split("\r\n")).toEqual(["a,b", "'=HYPERLINK(1),-1.5", "'@x,-1e-7", `"'-a,b",`]);
});
