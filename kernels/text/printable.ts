/**
 * Text that nobody vouches for, such as a tensor's name in a file, made safe to show. What a terminal would obey (C0, DEL, C1), what
 * breaks a line, what turns the direction of the text around it or cannot be seen, and halves of surrogate pairs.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The text in one line, with an escape (`\n`, `\x1b`, `\u202e`) in place of every character that is not shown as itself. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => NAMED[character] ?? escapeOf(character.codePointAt(0)!));
}

/** The same for JSON, which writes out only some of them: the value stays what it is. */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE, (character) =>
    character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );
}

function escapeOf(code: number): string {
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\u{${code.toString(16)}}`;
}
