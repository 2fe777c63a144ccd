/**
 * A JSON reader for headers of untrusted files. Unlike JSON.parse it remembers keys that occur twice in an object (the
 * second would silently win), limits the depth, and says where a mistake is. Objects become Maps, so that no key (such
 * as `__proto__`) has a meaning of its own.
 */
export type Json = null | boolean | number | string | Json[] | Map<string, Json>;

export interface ParsedJson {
  value: Json;
  /** Path of each key that occurs more than once, from the outermost object in. */
  duplicates: string[][];
}

const MAX_DEPTH = 64;
/** Keys that occur again, each remembered with its path: a file of nothing else would take gigabytes. */
const MAX_DUPLICATES = 10_000;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const WORDS: readonly [string, Json][] = [
  ["true", true],
  ["false", false],
  ["null", null],
];
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Throws SyntaxError with the character (from 0) where the text stops being JSON. */
export function parseJson(text: string): ParsedJson {
  let at = 0;
  const path: string[] = [];
  const duplicates: string[][] = [];

  const fail = (expected: string): never => {
    const found = at < text.length ? JSON.stringify(text[at]) : "the end";
    throw new SyntaxError(`expected ${expected} at character ${at}, found ${found}`);
  };
  const space = () => {
    for (; at < text.length; at++) {
      const c = text.charCodeAt(at);
      if (c !== 32 && c !== 10 && c !== 13 && c !== 9) return;
    }
  };
  const string = (): string => {
    if (text[at] !== '"') fail("a string");
    let end = at + 1;
    let plain = true;
    for (let c = text.charCodeAt(end); c !== QUOTE && end < text.length; c = text.charCodeAt(end)) {
      // Escapes and (illegal) control characters are left to JSON.parse.
      if (c < 32 || c === BACKSLASH) plain = false;
      end += c === BACKSLASH ? 2 : 1;
    }
    if (end >= text.length) {
      at = text.length;
      fail("the end of a string");
    }
    let value = text.slice(at + 1, end);
    if (!plain) {
      try {
        value = JSON.parse(text.slice(at, end + 1)) as string;
      } catch {
        throw new SyntaxError(`the string at character ${at} has an illegal character or escape`);
      }
    }
    at = end + 1;
    return value;
  };
  const object = (depth: number): Map<string, Json> => {
    const map = new Map<string, Json>();
    at++;
    space();
    if (text[at] === "}") {
      at++;
      return map;
    }
    for (;;) {
      space();
      const key = string();
      space();
      if (text[at] !== ":") fail("':'");
      at++;
      path.push(key);
      if (map.has(key)) {
        if (duplicates.length === MAX_DUPLICATES)
          throw new SyntaxError(`more than ${MAX_DUPLICATES} keys occur twice, up to character ${at}`);
        duplicates.push([...path]);
      }
      map.set(key, value(depth + 1));
      path.pop();
      space();
      if (text[at] === ",") at++;
      else if (text[at] === "}") {
        at++;
        return map;
      } else fail("',' or '}'");
    }
  };
  const array = (depth: number): Json[] => {
    const list: Json[] = [];
    at++;
    space();
    if (text[at] === "]") {
      at++;
      return list;
    }
    for (;;) {
      list.push(value(depth + 1));
      space();
      if (text[at] === ",") at++;
      else if (text[at] === "]") {
        at++;
        return list;
      } else fail("',' or ']'");
    }
  };
  const word = (): Json => {
    const known = WORDS.find(([spelling]) => text.startsWith(spelling, at));
    if (!known) return fail("a value");
    at += known[0].length;
    return known[1];
  };
  const value = (depth: number): Json => {
    if (depth > MAX_DEPTH) throw new SyntaxError(`nested deeper than ${MAX_DEPTH} levels at character ${at}`);
    space();
    const c = text[at];
    if (c === "{") return object(depth);
    if (c === "[") return array(depth);
    if (c === '"') return string();
    if (c === "t" || c === "f" || c === "n") return word();
    NUMBER.lastIndex = at;
    const match = NUMBER.exec(text);
    if (!match) return fail("a value");
    at += match[0].length;
    return Number(match[0]);
  };

  const result = value(0);
  space();
  if (at < text.length) fail("nothing more");
  return { value: result, duplicates };
}
