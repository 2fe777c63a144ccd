/**
 * Formulas of proxies as trees and as text: `bits(mean(abs(mul(W,G))))`. What stands outermost says how a layer's bits weigh its
 * value: `bits` multiplies by them, as the paper does; `noise` by -4^-bits, as the square of a uniform step goes.
 */
import { BINARY, type BinaryName, INPUTS, type Input, UNARY, type UnaryName } from "./operations.ts";

export type Node =
  | { is: "input"; name: Input }
  /** The number of elements of the layer. */
  | { is: "size" }
  | { is: "unary"; name: UnaryName; of: Node }
  | { is: "binary"; name: BinaryName; of: [Node, Node] };

export const WEIGHINGS = ["bits", "noise"] as const;
export type Weighing = (typeof WEIGHINGS)[number];

export interface ProxyFormula {
  weighing: Weighing;
  formula: Node;
}

/** Deeper formulas are neither made nor read. */
export const MAX_NODES = 24;

export const input = (name: Input): Node => ({ is: "input", name });
export const unary = (name: UnaryName, of: Node): Node => ({ is: "unary", name, of });
export const binary = (name: BinaryName, a: Node, b: Node): Node => ({ is: "binary", name, of: [a, b] });

export function printNode(node: Node): string {
  switch (node.is) {
    case "input":
      return node.name;
    case "size":
      return "size";
    case "unary":
      return `${node.name}(${printNode(node.of)})`;
    case "binary":
      return `${node.name}(${printNode(node.of[0])},${printNode(node.of[1])})`;
  }
}

/** The text of a proxy, which `parseProxy` reads back. */
export const printProxy = ({ weighing, formula }: ProxyFormula): string => `${weighing}(${printNode(formula)})`;

/** What is never below zero: its magnitude and its positive part are itself. */
const NEVER_NEGATIVE: readonly UnaryName[] = [
  "abs",
  "square",
  "exp",
  "sqrt",
  "relu",
  "sigmoid",
  "softmax",
  "loga",
  "l1",
  "rms",
  "std",
  "var",
  "heaviside",
  "zeros",
];

/**
 * One text for formulas that are the same by these rules: operands that may change places are sorted, and operations that do nothing
 * more (a magnitude of a magnitude, two signs turned, a mean of one number) are left out.
 */
export function canonical(node: Node): Node {
  if (node.is === "binary") {
    const [a, b] = node.of.map(canonical);
    const turned = BINARY[node.name].commutes && printNode(a) > printNode(b);
    return { ...node, of: turned ? [b, a] : [a, b] };
  }
  if (node.is !== "unary") return node;
  const of = canonical(node.of);
  const within = of.is === "unary" ? of.name : null;
  const idle: Partial<Record<UnaryName, readonly UnaryName[]>> = {
    abs: NEVER_NEGATIVE,
    relu: NEVER_NEGATIVE,
    sign: ["sign", "heaviside"],
    heaviside: ["heaviside"],
    unit: ["unit", "standard"],
    standard: ["standard"],
    minmax: ["minmax"],
  };
  if (within && idle[node.name]?.includes(within)) return of;
  if (of.is === "unary" && ((node.name === "neg" && within === "neg") || (node.name === "inv" && within === "inv"))) {
    return of.of;
  }
  if (["mean", "max", "min"].includes(node.name) && isNumber(of)) return of;
  if (of.is === "unary" && within === "neg" && ["abs", "square", "rms", "l1", "std", "var"].includes(node.name)) {
    return canonical({ ...node, of: of.of });
  }
  return { ...node, of };
}

/** Whether it is one number for a layer, whatever the layer's size. */
export function isNumber(node: Node): boolean {
  if (node.is === "size") return true;
  if (node.is === "input") return false;
  if (node.is === "unary") return UNARY[node.name].reduces || isNumber(node.of);
  return node.of.every(isNumber);
}

export const nodesOf = (node: Node): number =>
  1 + (node.is === "unary" ? nodesOf(node.of) : node.is === "binary" ? nodesOf(node.of[0]) + nodesOf(node.of[1]) : 0);

/** What it has to know of a layer. */
export function inputsOf(node: Node): Set<Input> {
  if (node.is === "input") return new Set([node.name]);
  if (node.is === "size") return new Set();
  return new Set((node.is === "unary" ? [node.of] : node.of).flatMap((one) => [...inputsOf(one)]));
}

/** A formula that cannot be read: the column, from 1, and what is expected there. */
export class ProxyError extends Error {
  readonly column: number;
  constructor(column: number, message: string) {
    super(`Column ${column}: ${message}.`);
    this.name = "ProxyError";
    this.column = column;
  }
}

/** Reads what `printProxy` writes, with spaces where one likes. Throws ProxyError. */
export function parseProxy(text: string): ProxyFormula {
  const tokens = [...text.matchAll(/[A-Za-z][A-Za-z0-9]*|[(),]|\S/g)].map((m) => ({ text: m[0], at: m.index + 1 }));
  let next = 0;
  const end = { text: "", at: text.length + 1 };
  const peek = () => tokens[next] ?? end;
  const fail = (expected: string): never => {
    const { at, text: found } = peek();
    throw new ProxyError(at, `${expected} is expected${found === "" ? "" : `, not "${found}"`}`);
  };
  const take = (wanted: string): void => {
    if (peek().text !== wanted) fail(`"${wanted}"`);
    next++;
  };
  let nodes = 0;
  const node = (): Node => {
    const { text: name, at } = peek();
    if (++nodes > MAX_NODES) throw new ProxyError(at, `a formula has at most ${MAX_NODES} parts`);
    if ((INPUTS as readonly string[]).includes(name)) {
      next++;
      return input(name as Input);
    }
    if (name === "size") {
      next++;
      return { is: "size" };
    }
    if (Object.hasOwn(UNARY, name)) {
      next++;
      take("(");
      const of = node();
      take(")");
      return unary(name as UnaryName, of);
    }
    if (Object.hasOwn(BINARY, name)) {
      next++;
      take("(");
      const a = node();
      take(",");
      const b = node();
      take(")");
      return binary(name as BinaryName, a, b);
    }
    return fail(`one of ${[...INPUTS, "size", ...Object.keys(UNARY), ...Object.keys(BINARY)].join(", ")}`);
  };
  const weighing = WEIGHINGS.find((one) => one === peek().text) ?? fail(`one of ${WEIGHINGS.join(", ")}`);
  next++;
  take("(");
  const formula = node();
  take(")");
  if (next < tokens.length) fail("the end");
  return { weighing, formula };
}
