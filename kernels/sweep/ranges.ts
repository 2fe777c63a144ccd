import { Cursor } from "../notation/lex.ts";

/** Characters [start, end) of a text. */
export interface Range {
  start: number;
  end: number;
}

/**
 * Whether a recipe's text has a set: a bracket where a part begins, which no recipe has. A bracket after `=` or inside
 * another that is no set begins a recipe as an argument.
 */
export function hasSet(text: string, { start, end }: Range): boolean {
  let depth = 0;
  for (let i = start; i < end; i++) {
    if (text[i] === ")") depth--;
    if (text[i] !== "(") continue;
    if (depth === 0 && (i === start || "+@/~:".includes(text[i - 1]))) return true;
    depth++;
  }
  return false;
}

/** Where the bracket that opens at `start` closes. Throws RecipeError where it does not. */
export function closing(text: string, { start, end }: Range): number {
  let depth = 0;
  for (let i = start; i < end; i++) {
    if (text[i] === "(") depth++;
    else if (text[i] === ")" && --depth === 0) return i;
  }
  const cursor: Cursor = new Cursor(text);
  cursor.fail(`expected ")" for the bracket opened at column ${start + 1}`, end);
}

/** Cuts a range at a separator outside brackets. Throws RecipeError for a bracket that closes nothing or is not closed. */
export function split(text: string, { start, end }: Range, separator: string): Range[] {
  const parts: Range[] = [];
  const open: number[] = [];
  let from = start;
  for (let i = start; i < end; i++) {
    if (text[i] === "(") open.push(i);
    else if (text[i] === ")") {
      if (open.pop() === undefined) new Cursor(text).fail(`unexpected ")": no bracket is open here`, i);
    } else if (text[i] === separator && open.length === 0) {
      parts.push({ start: from, end: i });
      from = i + 1;
    }
  }
  const last = open.pop();
  if (last !== undefined) new Cursor(text).fail(`expected ")" for the bracket opened at column ${last + 1}`, end);
  return [...parts, { start: from, end }];
}
