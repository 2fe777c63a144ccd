/** Random formulas, and changes of them. Every draw comes from one seed, in order. */
import { uniformDraw } from "../../random/normal.ts";
import { binary, input, MAX_NODES, type Node, nodesOf, type ProxyFormula, unary, WEIGHINGS } from "./expression.ts";
import { BINARY_NAMES, type Input, UNARY, UNARY_NAMES } from "./operations.ts";

/** Apart from the streams of roundings and steps. */
const STREAM = 0x656d71;

/** Numbers one after the other. */
export class Draws {
  readonly #seed: number;
  #at = 0;
  constructor(seed: number) {
    this.#seed = seed;
  }
  /** In (0, 1). */
  next(): number {
    return uniformDraw(this.#seed, STREAM, this.#at++);
  }
  below(count: number): number {
    return Math.min(count - 1, Math.floor(this.next() * count));
  }
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
  /** Numbers below `count`, in a random order. */
  order(count: number): number[] {
    const out = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [out[i], out[j]] = [out[j], out[i]];
    }
    return out;
  }
}

const leaf = (draws: Draws, known: readonly Input[]): Node =>
  draws.next() < 0.1 ? { is: "size" } : input(draws.of(known));

/** Up to `most` operations on a value. */
function chain(draws: Draws, from: Node, most: number): Node {
  let node = from;
  for (let i = draws.below(most + 1); i > 0; i--) node = unary(draws.of(UNARY_NAMES), node);
  return node;
}

/** A formula of one of the paper's three shapes: a sequence, a tree of two branches, or a graph in which a branch is used again. */
export function drawProxy(draws: Draws, known: readonly Input[]): ProxyFormula {
  const branch = () => chain(draws, leaf(draws, known), 2);
  const shape = draws.below(3);
  let formula: Node;
  if (shape === 0) {
    formula = chain(draws, unary(draws.of(UNARY_NAMES), leaf(draws, known)), 3);
  } else {
    const a = branch();
    formula = chain(draws, binary(draws.of(BINARY_NAMES), a, branch()), 1);
    if (shape === 2) formula = chain(draws, binary(draws.of(BINARY_NAMES), formula, chain(draws, a, 1)), 1);
  }
  return { weighing: draws.of(WEIGHINGS), formula };
}

/** Every part of a formula, itself first. */
const partsOf = (node: Node): Node[] => [
  node,
  ...(node.is === "unary" ? partsOf(node.of) : node.is === "binary" ? node.of.flatMap(partsOf) : []),
];

/** The formula with one part, by its number among `partsOf`, made another. */
function withPart(node: Node, number: number, make: (part: Node) => Node): Node {
  let at = 0;
  const walk = (one: Node): Node => {
    if (at++ === number) {
      at += nodesOf(one) - 1;
      return make(one);
    }
    if (one.is === "unary") return { ...one, of: walk(one.of) };
    if (one.is === "binary") {
      const a = walk(one.of[0]);
      return { ...one, of: [a, walk(one.of[1])] };
    }
    return one;
  };
  return walk(node);
}

const fits = (formula: Node, otherwise: ProxyFormula, weighing = otherwise.weighing): ProxyFormula =>
  nodesOf(formula) <= MAX_NODES ? { weighing, formula } : otherwise;

/** One change: another operation or input, an operation more or less, another branch, or another weighing. */
export function mutate(proxy: ProxyFormula, draws: Draws, known: readonly Input[]): ProxyFormula {
  const { formula } = proxy;
  if (draws.next() < 0.1) return { weighing: proxy.weighing === "bits" ? "noise" : "bits", formula };
  const number = draws.below(nodesOf(formula));
  const kind = draws.below(4);
  return fits(
    withPart(formula, number, (part) => {
      if (kind === 0) return unary(draws.of(UNARY_NAMES), part);
      if (kind === 1) return binary(draws.of(BINARY_NAMES), part, chain(draws, leaf(draws, known), 2));
      if (kind === 2 && part.is === "unary") return part.of;
      if (kind === 2 && part.is === "binary") return draws.of(part.of);
      if (part.is === "unary") {
        // One that reduces becomes more often another one that does: else most of what comes out is no formula for layers of any size.
        const alike = UNARY_NAMES.filter((name) => UNARY[name].reduces === UNARY[part.name].reduces);
        return unary(draws.of(draws.next() < 0.7 ? alike : UNARY_NAMES), part.of);
      }
      if (part.is === "binary") return binary(draws.of(BINARY_NAMES), ...part.of);
      return leaf(draws, known);
    }),
    proxy,
  );
}

/** A part of one formula in the place of a part of another. */
export function cross(a: ProxyFormula, b: ProxyFormula, draws: Draws): ProxyFormula {
  const given = draws.of(partsOf(b.formula));
  const formula = withPart(a.formula, draws.below(nodesOf(a.formula)), () => given);
  return fits(formula, a, draws.of([a.weighing, b.weighing]));
}
