import { expect, it } from "vitest";
import { table } from "./table.ts";

it("sets columns as wide as their widest cell", () => {
  expect(
    table(
      ["a", "size"],
      [
        ["one", "5"],
        ["b", "1024"],
      ],
      ["size"],
    ),
  ).toBe("a    size\none     5\nb    1024\n");
});

it("has room for more lines than a call has arguments", () => {
  const rows = Array.from({ length: 300_000 }, () => ["weight"]);
  expect(table(["tensor"], rows, []).length).toBe(300_001 * 7);
});
