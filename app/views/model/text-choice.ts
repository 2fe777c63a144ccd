/** The text that judges, as a link holds it: the model's own, a file by its fingerprint, or what was pasted. */

import type { Fingerprint } from "../../../workers/sources/info.ts";
import { parseFile, printFile } from "../../link/source.ts";

export type TextChoice =
  | { kind: "bundled"; part: "judge" | "calibrate" }
  | { kind: "typed"; text: string }
  /** Pasted text too long for a link: SHA-256 of its UTF-8 bytes (hex, first 16 bytes) and how many there are. */
  | { kind: "long"; digest: string; size: number }
  | { kind: "file"; fingerprint: Fingerprint };

/** Pasted text up to so many characters stands in the link itself. */
export const SHORT_TEXT = 1000;

export function printText(choice: TextChoice): string {
  switch (choice.kind) {
    case "bundled":
      return `own:${choice.part}`;
    case "typed":
      return `typed:${choice.text}`;
    case "long":
      return `long:${choice.digest}:${choice.size}`;
    case "file":
      return printFile(choice.fingerprint);
  }
}

/** Null where the text of a link says nothing that this page knows. */
export function parseText(text: string | null): TextChoice | null {
  if (text === null) return { kind: "bundled", part: "judge" };
  const own = /^own:(judge|calibrate)$/.exec(text);
  if (own) return { kind: "bundled", part: own[1] as "judge" | "calibrate" };
  if (text.startsWith("typed:")) return { kind: "typed", text: text.slice(6) };
  const long = /^long:([0-9a-f]{32}):(\d{1,15})$/.exec(text);
  if (long) return { kind: "long", digest: long[1], size: Number(long[2]) };
  const file = parseFile(text) as Fingerprint | null;
  return file && /^[0-9a-f]{32}$/.test(file.digest) ? { kind: "file", fingerprint: file } : null;
}

/** SHA-256 of bytes, the first 16 of it in hex. */
export async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...hash.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What a choice is called. */
export function nameOfText(choice: TextChoice): string {
  switch (choice.kind) {
    case "bundled":
      return choice.part === "judge" ? "held-out text" : "calibration text";
    case "typed":
      return "pasted text";
    case "long":
      return "pasted text";
    case "file":
      return choice.fingerprint.name;
  }
}
