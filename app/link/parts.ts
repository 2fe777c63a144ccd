/** A link cut into its parts, within limits: what comes from outside costs no more than its length. */
import { calibrationKeys } from "./calibration.ts";
import { unescapePart } from "./escape.ts";
import { ownKeys } from "./keys.ts";
import { otherKeys } from "./others.ts";
import type { Scheme } from "./scheme.ts";

/** The longest fragment that is read, in characters: eight times what is written, since others may write links, too. */
export const LONGEST_READ = 65536;

/** Names of unknown parts that are told. */
const NAMED = 3;

/** Parts that may stand in a link several times. */
const several: readonly string[] = ["s", "def", ...Object.values(otherKeys), calibrationKeys.source];

export interface ReadParts {
  /** Unescaped values by their keys, in the order of the link; never empty. */
  parts: Map<string, string[]>;
  /** Sentences about what was not understood. */
  said: string[];
  /** Whether the link was too long and is read to a part only. */
  cut: boolean;
}

/** The text of a link without its `#`, no longer than what is read; cut between parts. */
function withinLimit(fragment: string, said: string[]): { text: string; cut: boolean } {
  const text = fragment.replace(/^#/, "");
  if (text.length <= LONGEST_READ) return { text, cut: false };
  const end = text.lastIndexOf("&", LONGEST_READ);
  said.push(
    `The link has ${text.length.toLocaleString("en")} characters, and at most ${LONGEST_READ.toLocaleString("en")} are read; what comes after them was left out.`,
  );
  return { text: text.slice(0, Math.max(0, end)), cut: true };
}

/** The parts of a link, with or without its `#`. Never throws. */
export function readParts({ fields }: Scheme, fragment: string): ReadParts {
  const said: string[] = [];
  const { text, cut } = withinLimit(fragment, said);
  const parts = new Map<string, string[]>();
  const damaged = new Set<string>();
  const unknown = new Set<string>();
  for (const piece of text.split("&")) {
    if (piece === "") continue;
    const equals = piece.indexOf("=");
    const key = equals < 0 ? piece : piece.slice(0, equals);
    const value = equals < 0 ? null : unescapePart(piece.slice(equals + 1));
    if (!ownKeys.includes(key) && !fields.has(key)) unknown.add(key.slice(0, 24));
    else if (value === null) damaged.add(key);
    else if (parts.has(key)) parts.get(key)!.push(value);
    else parts.set(key, [value]);
  }
  for (const key of damaged) said.push(`The link's part “${key}” is damaged; it was left out.`);
  const names = [...unknown].slice(0, NAMED).map((name) => `“${name}”`);
  const more = unknown.size - names.length;
  const list = [...names, ...(more > 0 ? [`${more.toLocaleString("en")} more`] : [])];
  if (list.length === 1) said.push(`The link has a part this page does not know, ${list[0]}; it was left out.`);
  else if (list.length > 1) {
    said.push(
      `The link has parts this page does not know, ${list.slice(0, -1).join(", ")} and ${list.at(-1)}; they were left out.`,
    );
  }
  for (const [key, values] of parts) {
    if (values.length === 1 || several.includes(key) || fields.get(key)?.several) continue;
    said.push(`The link has the part “${key}” ${values.length.toLocaleString("en")} times; the first was taken.`);
    values.length = 1;
  }
  return { parts, said, cut };
}
