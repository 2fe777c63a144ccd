import { RecipeError, type Remedy } from "../grammar/errors.ts";
import { printNumber } from "../grammar/number.ts";

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const KEY = /([A-Za-z_][A-Za-z0-9_]*)=/y;
const NUMBER = /[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)/y;
const EXPONENT = /[eE][+-]?[0-9]+/y;
const DIGITS = /[0-9]+/y;

/** What may stand in a URL fragment (RFC 3986, section 3.5), percent escapes apart. */
const FRAGMENT = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/?]*$/;

/** Whether a text can stand in a URL fragment as it is. */
export const legalInFragment = (text: string): boolean => FRAGMENT.test(text);

/** A reading position in a recipe's text. All failures are `RecipeError`s with the column counted from 1. */
export class Cursor {
  readonly text: string;
  readonly end: number;
  pos: number;

  constructor(text: string, start = 0, end = text.length) {
    this.text = text;
    this.pos = start;
    this.end = end;
  }

  /** The character here, or "" at the end. */
  peek(): string {
    return this.pos < this.end ? this.text[this.pos] : "";
  }

  atEnd(): boolean {
    return this.pos >= this.end;
  }

  /** Steps over `char` if it stands here. */
  eat(char: string): boolean {
    if (this.peek() !== char) return false;
    this.pos++;
    return true;
  }

  fail(message: string, at = this.pos, remedies: readonly Remedy[] = []): never {
    const spaced = remedies.length === 0 && /\s/.test(this.text.slice(at, at + 1));
    throw new RecipeError(message, Math.min(at, this.end) + 1, spaced ? this.withoutSpaces() : remedies);
  }

  /** The text with `instead` in the place of `old`, which stands at `at`; nothing where there is nothing to put there. */
  replaced(old: string, instead: string | null, at: number): Remedy[] {
    if (instead === null) return [];
    return [{ label: `use ${instead}`, recipe: this.text.slice(0, at) + instead + this.text.slice(at + old.length) }];
  }

  /** The text without an option of a bracket, from `from` to `to`; its comma and an empty bracket go with it. */
  without(from: number, to: number, what: string): Remedy[] {
    let [before, after] = [this.text.slice(0, from), this.text.slice(to)];
    if (after.startsWith(",")) after = after.slice(1);
    else if (before.endsWith(",")) before = before.slice(0, -1);
    if (before.endsWith("(") && after.startsWith(")")) [before, after] = [before.slice(0, -1), after.slice(1)];
    return [{ label: `leave out ${what}`, recipe: before + after }];
  }

  private withoutSpaces(): Remedy[] {
    return [{ label: "remove spaces", recipe: this.text.replace(/\s+/g, "") }];
  }

  /** What stands here, for a message. */
  found(): string {
    const char = String.fromCodePoint(this.text.codePointAt(this.pos) ?? 0);
    if (this.atEnd()) return "the text ends here";
    return /\s/.test(char) ? "a recipe has no spaces" : `unexpected "${char}"`;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.pos;
    const m = pattern.exec(this.text);
    return m && this.pos + m[0].length <= this.end ? m : null;
  }

  /** A name if one stands here: a letter, then letters, digits and underscores. */
  name(): string | null {
    const m = this.match(NAME);
    if (m) this.pos += m[0].length;
    return m?.[0] ?? null;
  }

  /** `key=` if that stands here. */
  key(): string | null {
    const m = this.match(KEY);
    if (m) this.pos += m[0].length;
    return m?.[1] ?? null;
  }

  /** Decimal digits of a positive whole number, for block shapes. */
  digits(): string | null {
    const m = this.match(DIGITS);
    if (m) this.pos += m[0].length;
    return m?.[0] ?? null;
  }

  startsNumber(): boolean {
    return /[0-9.+-]/.test(this.peek());
  }

  /** A number: decimal digits with an optional sign and point. Negative zero reads as zero. */
  number(): number {
    const start = this.pos;
    const m = this.match(NUMBER);
    if (!m) this.fail(`${this.found()}: expected a number in decimal digits`);
    this.pos += m[0].length;
    const value = Number(m[0]) + 0;
    const exponent = this.match(EXPONENT);
    if (exponent) {
      const meant = Number(m[0] + exponent[0]);
      const long = Number.isFinite(meant) ? printNumber(meant) : "";
      const hint = long.length > 0 && long.length <= 40 ? `: write ${long}` : "";
      this.fail(
        `a number has no exponent${hint}`,
        this.pos,
        this.replaced(m[0] + exponent[0], hint ? long : null, start),
      );
    }
    if (!Number.isFinite(value)) this.fail("this number is too large for a double", start);
    return value;
  }
}
