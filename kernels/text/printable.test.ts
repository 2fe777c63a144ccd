import { describe, expect, it } from "vitest";
import { printable, printableJson } from "./printable.ts";

describe("printable", () => {
  it.each([
    ["\u001b[31mred\u001b[0m", "\\x1b[31mred\\x1b[0m"],
    ["two\nlines\r\tend", "two\\nlines\\r\\tend"],
    ["\u009b2J and \u007f", "\\x9b2J and \\x7f"],
    ["a\u202eb\u2066c", "a\\u202eb\\u2066c"],
    ["zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"],
    ["half \ud800 pair", "half \\ud800 pair"],
    ["tag \u{e0041}", "tag \\u{e0041}"],
    ["layer.0.weight \\ é 日本 😀 ע", "layer.0.weight \\ é 日本 😀 ע"],
  ])("%j", (text, shown) => {
    expect(printable(text)).toBe(shown);
    expect(printable(shown)).toBe(shown);
  });

  it("leaves no character that a terminal obeys, of all there are", () => {
    const every = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).join(" ");
    expect(printable(every)).not.toMatch(/\p{Cc}|\p{Cs}|\p{Bidi_Control}|\p{Zl}|\p{Zp}/u);
  });

  it("keeps what JSON says", () => {
    const value = { "\u009b\u202e": "\u007f \u001b \n \u{e0041} \ud800 plain", n: [1, null] };
    const text = printableJson(JSON.stringify(value));
    expect(text).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(text)).toEqual(value);
  });
});
