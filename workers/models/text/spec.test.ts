import { expect, test } from "vitest";
import { memorySource } from "../../bytes/byte-source.ts";
import { overlapNote } from "./origin.ts";
import { JUDGING_CHARACTERS, readText } from "./spec.ts";

const document = Array.from({ length: 60_000 }, (_, i) => "abcdefg\n"[i % 8]).join("");
const beside = (text: string | null) => ({
  info: { label: "small" } as never,
  companion: async () => (text === null ? null : memorySource("valid.txt", new TextEncoder().encode(text))),
});

test("what comes with a sample judges with its beginning and calibrates with the rest", async () => {
  const judge = await readText({ kind: "bundled", part: "judge" }, beside(document));
  const rest = await readText({ kind: "bundled", part: "calibrate" }, beside(document));
  expect(judge.text).toHaveLength(JUDGING_CHARACTERS);
  expect(judge.text + rest.text).toBe(document);
  expect(overlapNote(judge, rest)).toBeNull();
  expect(overlapNote(judge, judge)).toMatch(/^40,000 of the 40,000 characters/);
  // The same document, given as a file, is known again.
  const file = await readText({ kind: "file", file: new Blob([document]), name: "v.txt" }, beside(null));
  expect(overlapNote(judge, file)).toMatch(/^40,000 of/);
});

test("texts that cannot be read are refused", async () => {
  const bytes = new Blob([new Uint8Array([0xff, 0xfe, 0x41])]);
  await expect(readText({ kind: "file", file: bytes, name: "x.bin" }, beside(null))).rejects.toThrow(
    "x.bin is not text",
  );
  await expect(readText({ kind: "bundled", part: "judge" }, beside(null))).rejects.toThrow("small comes with no text");
});
