/** Text inside a fragment: every character that may stand there stays itself, the others are percent-encoded UTF-8. */

/** RFC 3986's fragment characters, less `&`, which separates our parts, and `%`, which begins an escape. */
const MUST_ESCAPE = /[^A-Za-z0-9\-._~!$'()*+,;=:@/?]+/g;
/** A surrogate without its partner is no character; UTF-8 has no bytes for it. */
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

export function escapePart(text: string): string {
  return text.replace(LONE_SURROGATE, "\uFFFD").replace(MUST_ESCAPE, (run) => encodeURIComponent(run));
}

/** The text of a part, or null where an escape is broken. A `+` is a plus. */
export function unescapePart(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
