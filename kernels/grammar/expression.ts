/**
 * Expressions of `~expr(...)`: numbers, what is known of a block, + - * / and square roots, which every engine computes alike, in float64
 * and in the order in which they are written. Text to tree, tree to text (the two are inverse), and a tree's value.
 */
import { RecipeError } from "./errors.ts";
import { printNumber } from "./number.ts";

/** What an expression may speak of: statistics of a block's finite values, their number, and what the plain rule divides amax by. */
export const VARIABLES = ["amax", "min", "max", "mean", "rms", "n", "qmax"] as const;
export type Variable = (typeof VARIABLES)[number];

export type Expression =
  | { kind: "number"; value: number }
  | { kind: "variable"; name: Variable }
  | { kind: "minus" | "sqrt"; of: Expression }
  | { kind: "+" | "-" | "*" | "/"; left: Expression; right: Expression };

/** An expression is at most this long and this deep. */
const MOST_TEXT = 400;
const MOST_DEPTH = 32;

/** Where an operand begins, for completion. */
type At = (position: number) => void;

/**
 * Reads the expression that begins at `start`, up to the first character that cannot go on with it: its tree, and where it ends.
 * Throws RecipeError with the column, counted from 1.
 */
export function readExpression(text: string, start = 0, end = text.length, operandAt: At = () => {}) {
  let pos = start;
  const peek = () => (pos < end ? text[pos] : "");
  const fail = (message: string): never => {
    throw new RecipeError(message, Math.min(pos, end) + 1);
  };
  const eat = (chars: string): string | null => {
    const char = peek();
    if (char === "" || !chars.includes(char)) return null;
    pos++;
    return char;
  };
  const binary = (operators: string, next: (depth: number) => Expression) => (depth: number) => {
    let left = next(depth);
    for (let op = eat(operators); op; op = eat(operators)) {
      if (pos - start > MOST_TEXT) fail(`an expression has at most ${MOST_TEXT} characters`);
      left = { kind: op as "+", left, right: next(depth) };
    }
    return left;
  };
  const inBrackets = (depth: number): Expression => {
    if (!eat("(")) fail('expected "("');
    const inner = sum(depth + 1);
    if (!eat(")")) fail(`${found()}: expected an operator or ")"`);
    return inner;
  };
  const found = () => (peek() === "" ? "the text ends here" : `unexpected "${peek()}"`);
  const operand = (depth: number): Expression => {
    if (depth > MOST_DEPTH) fail(`nested too deep: an expression has at most ${MOST_DEPTH} levels of brackets`);
    operandAt(pos);
    if (eat("-")) return { kind: "minus", of: operand(depth + 1) };
    if (peek() === "(") return inBrackets(depth);
    const token = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)/.exec(text.slice(pos, end))?.[0];
    if (!token) return fail(`${found()}: expected a number, ${VARIABLES.join(", ")}, sqrt(...) or a bracket`);
    const at = pos;
    pos += token.length;
    if (!/^[A-Za-z_]/.test(token)) return { kind: "number", value: Number(token) };
    if (token === "sqrt") return { kind: "sqrt", of: inBrackets(depth) };
    const name = VARIABLES.find((known) => known === token);
    if (name) return { kind: "variable", name };
    pos = at;
    return fail(`unknown name "${token.slice(0, 40)}": an expression has ${VARIABLES.join(", ")} and sqrt(...)`);
  };
  const sum: (depth: number) => Expression = binary("+-", binary("*/", operand));
  const tree = sum(0);
  if (pos - start > MOST_TEXT) fail(`an expression has at most ${MOST_TEXT} characters`);
  return { tree, end: pos };
}

const rank = ({ kind }: Expression): number =>
  kind === "+" || kind === "-" ? 0 : kind === "*" || kind === "/" ? 1 : 2;

/** The text of a tree, with the brackets that it needs. */
export function printExpression(tree: Expression): string {
  const within = (inner: Expression, least: number) => {
    const text = printExpression(inner);
    return rank(inner) < least ? `(${text})` : text;
  };
  switch (tree.kind) {
    case "number":
      return printNumber(tree.value);
    case "variable":
      return tree.name;
    case "minus":
      return `-${within(tree.of, 2)}`;
    case "sqrt":
      return `sqrt(${printExpression(tree.of)})`;
    default:
      // What stands right of an operator of the same rank was in brackets.
      return within(tree.left, rank(tree)) + tree.kind + within(tree.right, rank(tree) + 1);
  }
}

/** The canonical spelling of an expression's text; null where it is none, as a whole. */
export function canonicalExpression(text: string): string | null {
  try {
    const { tree, end } = readExpression(text);
    return end === text.length ? printExpression(tree) : null;
  } catch (error) {
    if (error instanceof RecipeError) return null;
    throw error;
  }
}

/** The value of a tree: operands left to right, each operation rounded once to float64. */
export function evaluateExpression(tree: Expression, of: Readonly<Record<Variable, number>>): number {
  switch (tree.kind) {
    case "number":
      return tree.value;
    case "variable":
      return of[tree.name];
    case "minus":
      return -evaluateExpression(tree.of, of);
    case "sqrt":
      return Math.sqrt(evaluateExpression(tree.of, of));
    default: {
      const [a, b] = [evaluateExpression(tree.left, of), evaluateExpression(tree.right, of)];
      return tree.kind === "+" ? a + b : tree.kind === "-" ? a - b : tree.kind === "*" ? a * b : a / b;
    }
  }
}
