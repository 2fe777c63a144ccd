import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UserError } from "../errors/user-error.ts";
import { parseNumbers } from "./numbers.ts";

async function read(text: string) {
  const tensor = parseNumbers(text, "numbers");
  return { shape: tensor.info.shape, values: [...(await tensor.read(0, tensor.info.elements))], notes: tensor.notes };
}

describe("what is understood", () => {
  test.each([
    ["1 2 3", [3], [1, 2, 3]],
    ["1\n2\n3\n", [3], [1, 2, 3]],
    ["1,2\n3,4", [2, 2], [1, 2, 3, 4]],
    ["1;2\r\n3;4\r\n", [2, 2], [1, 2, 3, 4]],
    ["1\t2\n\n3\t4\n", [2, 2], [1, 2, 3, 4]],
    ["1, 2,\n3, 4,\n", [2, 2], [1, 2, 3, 4]],
    ["[1, 2.5, -3e2]", [3], [1, 2.5, -300]],
    ["[[1, 2], [3, 4],]", [2, 2], [1, 2, 3, 4]],
    ["((1, 2), (3, 4))", [2, 2], [1, 2, 3, 4]],
    ["[[[1], [2]], [[3], [4]]]", [2, 2, 1], [1, 2, 3, 4]],
    ["[[1. 2.]\n [3. 4.]]", [2, 2], [1, 2, 3, 4]],
    ["tensor([[1., 2.]], device='cuda:0')", [1, 2], [1, 2]],
    ["np.array([1, 2], dtype=np.float32)", [2], [1, 2]],
    ["nan -inf Infinity +.5 5.", [5], [NaN, -Infinity, Infinity, 0.5, 5]],
    ["[NaN, -Infinity]", [2], [NaN, -Infinity]],
    ["[]", [0], []],
    ["7", [1], [7]],
  ])("%j", async (text, shape, values) => {
    expect(await read(text)).toEqual({ shape, values, notes: [] });
  });
  test("a number beyond float32's range is told", async () => {
    expect(await read("1e39 inf")).toEqual({
      shape: [2],
      values: [Infinity, Infinity],
      notes: ["Numbers beyond float32's range became infinite"],
    });
  });
  test("any matrix printed as JSON or CSV comes back", async () => {
    const number = fc.float({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0);
    const matrix = fc
      .integer({ min: 2, max: 5 })
      .chain((cols) =>
        fc.array(fc.array(number, { minLength: cols, maxLength: cols }), { minLength: 2, maxLength: 5 }),
      );
    await fc.assert(
      fc.asyncProperty(matrix, async (rows) => {
        const expected = { shape: [rows.length, rows[0].length], values: rows.flat(), notes: [] };
        expect(await read(JSON.stringify(rows))).toEqual(expected);
        expect(await read(rows.map((row) => row.join(", ")).join("\n"))).toEqual(expected);
      }),
    );
  });
});

test.each([
  ["", "numbers: there are no numbers in it."],
  [" \n ", "numbers: there are no numbers in it."],
  ["1,2\n3", "numbers: line 2, column 1: row 2 has length 1, row 1 has length 2."],
  ["1,x", 'numbers: line 1, column 3: expected a number, found "x".'],
  ["1,,2", 'numbers: line 1, column 3: expected a number, found ",".'],
  ["1.2.3", 'numbers: line 1, column 1: expected a number, found "1.2.3".'],
  ["0x10", 'numbers: line 1, column 1: expected a number, found "0x10".'],
  ["[1, 2", "numbers: line 1, column 6: expected a number, found the end."],
  ["[[1, 2],\n [3]]", "numbers: line 2, column 2: row 2 has length 1, the ones before have length 2."],
  [
    "[[[1,2],[3,4]],[[5,6],[7]]]",
    "numbers: line 1, column 23: list [1][1] has length 1, the ones before have length 2.",
  ],
  ["[1, [2]]", 'numbers: line 1, column 5: expected a number, as in the lists before, found "[".'],
  ["[[1], 2]", 'numbers: line 1, column 7: expected a list, as before, found "2".'],
  ["[1, 2]]", 'numbers: line 1, column 7: expected nothing after the list, found "]".'],
  [
    "[1, ..., 2]",
    'numbers: line 1, column 5: expected a number, found "...", where values were left out when this was printed.',
  ],
  ["[[[[[[[[[1]]]]]]]]]", 'numbers: line 1, column 9: expected at most 8 nested lists, found "[".'],
])("%j is refused", (text, message) => {
  expect(() => parseNumbers(text, "numbers")).toThrow(new UserError(message));
});

test("a text that is too long is refused before it is read", () => {
  expect(() => parseNumbers("1 ".repeat(2 ** 24 + 1), "numbers")).toThrow("is too long; the limit is 33554432");
});
