import type { BlockShape } from "../grammar/ast.ts";
import { didYouMean, nearestName, quote } from "../grammar/names.ts";
import { printNumber } from "../grammar/number.ts";
import type { Cursor } from "./lex.ts";
import { MAX_BLOCK } from "./limits.ts";

/** Reads `block := N | RxC | "row" | "col" | "tensor" | "flat(" N ")"`. */
export function readBlock(c: Cursor): BlockShape {
  const at = c.pos;
  const wanted = "a block: N, RxC, row, col, tensor or flat(N)";
  if (/[0-9]/.test(c.peek())) {
    const first = readNumber(c);
    if (!c.eat("x")) return { kind: "run", n: first };
    return { kind: "tile", rows: first, cols: readNumber(c) };
  }
  const word = c.name();
  if (word === null) c.fail(`${c.found()}: expected ${wanted}`);
  if (word === "row" || word === "col" || word === "tensor") return { kind: word };
  if (word !== "flat") {
    const words = ["row", "col", "tensor", "flat"];
    c.fail(
      `${quote(word)} is no block: expected ${wanted}${didYouMean(word, words)}`,
      at,
      c.replaced(word, nearestName(word, words), at),
    );
  }
  if (!c.eat("(")) c.fail(`${c.found()}: expected "(" and the elements of a block, as flat(64)`);
  const n = readNumber(c);
  if (!c.eat(")")) c.fail(`${c.found()}: expected ")"`);
  return { kind: "flat", n };
}

function readNumber(c: Cursor): number {
  const at = c.pos;
  const wanted = `a whole number from 1 to ${MAX_BLOCK}`;
  const digits = c.digits();
  if (digits === null) c.fail(`${c.found()}: expected ${wanted}`);
  const n = Number(digits);
  if (n < 1 || n > MAX_BLOCK) c.fail(`a block of ${digits.slice(0, 16)} is out of range: expected ${wanted}`, at);
  return n;
}

/** Writes a block as `readBlock` reads it. */
export function printBlock(block: BlockShape): string {
  switch (block.kind) {
    case "run":
      return printNumber(block.n);
    case "tile":
      return `${printNumber(block.rows)}x${printNumber(block.cols)}`;
    case "flat":
      return `flat(${printNumber(block.n)})`;
    default:
      return block.kind;
  }
}
