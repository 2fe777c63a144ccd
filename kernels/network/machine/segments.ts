/** Runs of steps, compiled once for all layers that are made alike. */
import { jit } from "@jax-js/jax";
import type { LayerDesign, Linear } from "../types.ts";
import { type Asked, type Backward, backwardOf, type Traced } from "./gradients.ts";
import type { Make, Tensor } from "./math.ts";
import { layerSteps, type State, type Step, type Weights } from "./steps.ts";

/** A layer as a chain of steps, with what is alive between them. */
export interface Chain {
  steps: Step[];
  /** Names of the values before each step, and at last behind all. */
  alive: string[][];
  /** Alike for layers that differ in their names alone. */
  kind: string;
  /** The linears that its steps apply. */
  linears: Linear[];
}

export function chainOf(design: LayerDesign, make: Make): Chain {
  const steps = layerSteps(design, make);
  const finals = "experts" in design.feed ? ["h", "x"] : ["h"];
  return { steps, alive: aliveBetween(steps, finals), kind: kindOf(design), linears: linearsOf(design) };
}

function linearsOf({ attention: { projections, output }, feed }: LayerDesign): Linear[] {
  const first = "fused" in projections ? [projections.fused] : [projections.query, projections.key, projections.value];
  const rest = "experts" in feed ? [] : [...(feed.gate ? [feed.gate] : []), feed.up, feed.down];
  return [...first, output, ...rest];
}

function aliveBetween(steps: Step[], finals: string[]): string[][] {
  const alive = [finals];
  for (const { reads, gives } of [...steps].reverse()) {
    const after = alive[0].filter((name) => !gives.includes(name));
    alive.unshift([...new Set([...after, ...reads])].sort());
  }
  return alive;
}

/** A design without the names of its layer, and without what is handed over as tables. */
function kindOf(design: LayerDesign): string {
  const { name, rotation } = design.attention;
  const prefix = name.slice(0, name.lastIndexOf(".") + 1);
  const table = rotation && { size: rotation.size };
  return JSON.stringify({ ...design, attention: { ...design.attention, rotation: table } }).replaceAll(prefix, "");
}

/** Applies steps `from` to `to`, whose state comes in the order of `alive`. Traced by jax-js. */
export function applySteps(
  { steps, alive }: Chain,
  from: number,
  to: number,
  values: Tensor[],
  weight: Weights,
  tables: Tensor[],
): Tensor[] {
  let state: State = Object.fromEntries(alive[from].map((name, i) => [name, values[i]]));
  for (let i = from; i < to; i++) {
    const { reads, gives, turns, run } = steps[i];
    const kept = alive[i + 1].filter((name) => !gives.includes(name));
    const own = Object.fromEntries(reads.map((name) => [name, kept.includes(name) ? state[name].ref : state[name]]));
    const rest = Object.fromEntries(kept.map((name) => [name, state[name]]));
    state = { ...rest, ...run(own, weight, turns ? { cos: tables[0], sin: tables[1] } : null) };
  }
  return alive[to].map((name) => state[name]);
}

/** Parts that steps `from` to `to` use, each once. */
export const usesOf = (steps: Step[], from: number, to: number): string[] =>
  steps.slice(from, to).flatMap(({ uses }) => uses);

/** Whether steps `from` to `to` need the tables of rotations. */
export const turnsIn = (steps: Step[], from: number, to: number): boolean =>
  steps.slice(from, to).some(({ turns }) => turns);

export type Segment = (values: Tensor[], weights: Tensor[], tables: Tensor[]) => Tensor[];

/** Compiles segments when they are first asked for. */
export class Segments {
  readonly #compiled = new Map<string, Segment & { dispose(): void }>();
  readonly #backward = new Map<string, Backward & { dispose(): void }>();

  of(chain: Chain, from: number, to: number): Segment {
    const key = `${from}-${to} ${chain.kind}`;
    let segment = this.#compiled.get(key);
    if (!segment) {
      const uses = usesOf(chain.steps, from, to);
      segment = jit((values: Tensor[], weights: Tensor[], tables: Tensor[]) =>
        applySteps(chain, from, to, values, (name) => weights[uses.indexOf(name)], tables),
      ) as unknown as Segment & { dispose(): void };
      this.#compiled.set(key, segment);
    }
    return segment;
  }

  /** The backward pass of a function, by what it is, what it uses and what is asked for. */
  backward(key: string, f: Traced, uses: string[], asked: Asked): Backward {
    const places = [
      asked.outputs.map((one) => uses.indexOf(one.weight)),
      asked.weights.map((one) => uses.indexOf(one)),
    ];
    const whole = `${JSON.stringify(places)} ${key}`;
    let known = this.#backward.get(whole);
    if (!known) {
      known = backwardOf(f, uses, asked);
      this.#backward.set(whole, known);
    }
    return known;
  }

  dispose(): void {
    for (const one of this.#backward.values()) one.dispose();
    this.#backward.clear();
    for (const one of this.#compiled.values()) one.dispose();
    this.#compiled.clear();
  }
}
