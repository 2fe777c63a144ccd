import { expect, test } from "vitest";
import { originIn, originMetadata, overlapNote, textOf } from "./origin.ts";

const document = "x".repeat(100);

test("text that judges and text that calibrated are told apart by document and range", () => {
  const [judge, rest, across] = [
    textOf(document, "judge", 0, 40),
    textOf(document, "rest", 40),
    textOf(document, "", 30, 70),
  ];
  expect(judge.text.length + rest.text.length).toBe(100);
  expect(overlapNote(judge, rest)).toBeNull();
  expect(overlapNote(judge, across)).toMatch(/^10 of the 40 characters that judge also calibrated/);
  expect(overlapNote(judge, textOf(`${document}y`, "another document"))).toBeNull();
});

test("a file's metadata keeps it", () => {
  const { text: _, ...origin } = textOf(document, "rest", 40);
  expect(originIn(originMetadata(origin))).toEqual(origin);
  expect(originIn({ text: "something" })).toBeNull();
});
