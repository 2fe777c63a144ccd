import { expect, it } from "vitest";
import { digestOf, parseText, printText, type TextChoice } from "./text-choice.ts";

it("a text goes into a link and comes back", () => {
  const all: TextChoice[] = [
    { kind: "bundled", part: "calibrate" },
    { kind: "typed", text: "Call me Ishmael: own:judge" },
    { kind: "long", digest: "0123456789abcdef0123456789abcdef", size: 40_000 },
    { kind: "file", fingerprint: { name: "a:b.txt", size: 12, digest: "0123456789abcdef0123456789abcdef" } },
  ];
  for (const choice of all) expect(parseText(printText(choice))).toEqual(choice);
});

it("no text is the model's own; what makes no sense is none", () => {
  expect(parseText(null)).toEqual({ kind: "bundled", part: "judge" });
  for (const wrong of ["own:all", "long:xyz:3", "file:zz:1:a", "", "banana"]) expect(parseText(wrong)).toBeNull();
});

it("is known by the SHA-256 of its bytes", async () => {
  expect(await digestOf(new TextEncoder().encode("abc"))).toBe("ba7816bf8f01cfea414140de5dae2223");
});
