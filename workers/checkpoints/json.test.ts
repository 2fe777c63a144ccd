import fc from "fast-check";
import { expect, test } from "vitest";
import { type Json, parseJson } from "./json.ts";

/** Maps back to what JSON.parse gives. */
function plain(value: Json): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

test("agrees with JSON.parse on any JSON, with any spacing", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.integer({ min: 0, max: 3 }), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(plain(parseJson(text).value)).toEqual(JSON.parse(text));
    }),
  );
});

test("refuses what JSON.parse refuses, and takes nothing else", () => {
  const damaged = fc
    .tuple(
      fc.jsonValue({ maxDepth: 3 }),
      fc.nat(),
      fc.constantFrom("", ",", "{", "]", '"', "\\", "0", "-", "\u0001", "e"),
    )
    .map(([value, at, what]) => {
      const text = JSON.stringify(value);
      const cut = at % (text.length + 1);
      return text.slice(0, cut) + what + text.slice(cut + 1);
    });
  const accepts = (parse: () => unknown) => {
    try {
      parse();
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(SyntaxError);
      return false;
    }
  };
  fc.assert(
    fc.property(damaged, (text) => {
      expect(accepts(() => parseJson(text))).toBe(accepts(() => JSON.parse(text)));
    }),
    { numRuns: 2000 },
  );
});

test("remembers keys that occur twice, at every depth", () => {
  const { value, duplicates } = parseJson('{"a":{"b":1,"b":2},"a":3,"c":[{"d":1,"d":1}]}');
  expect(duplicates).toEqual([["a", "b"], ["a"], ["c", "d"]]);
  expect(plain(value)).toEqual({ a: 3, c: [{ d: 1 }] });
});
