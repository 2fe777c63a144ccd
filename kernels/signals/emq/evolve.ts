/** Evolution of proxies (EMQ, arXiv 2307.10554, section 3.3), on configurations of which some are held out to judge by. */
import { spearman } from "../rank.ts";
import { builtIns } from "./built-in.ts";
import { cross, Draws, drawProxy, mutate } from "./draw.ts";
import { canonical, inputsOf, nodesOf, type ProxyFormula, printProxy } from "./expression.ts";
import type { Input } from "./operations.ts";
import {
  type Configurations,
  chosen,
  type Fitness,
  fitnessOf,
  judge,
  knownOf,
  layerValue,
  type ProxyProblem,
  scoresOf,
} from "./problem.ts";

export interface EvolveOptions {
  seed: number;
  /** Children made. The paper has 1000. */
  generations?: number;
  population?: number;
  /** Share of the configurations that evolution does not see. */
  heldOut?: number;
  /** Called between children with how many were made; may reject, which ends it. */
  pace?(done: number, total: number): Promise<void>;
}

/** A proxy with its fitness where it was chosen, and where it was not seen. */
export interface Judged {
  name: string;
  text: string;
  /** On the configurations that evolution saw. */
  trained: Fitness;
  heldOut: Fitness;
}

export interface Evolved {
  best: Judged;
  /** Built-in proxies whose inputs are known; the best of them comes first, by the configurations that were seen. */
  builtIn: Judged[];
  /** Built-in proxies that need what is not known here. */
  missing: { name: string; needs: Input[] }[];
  /** What became of the children. */
  counts: { made: number; notFinite: number; equivalent: number; early: number; worse: number; taken: number };
  /** Best fitness after each generation. */
  history: number[];
  seen: number[];
  unseen: number[];
}

interface Member {
  proxy: ProxyFormula;
  fitness: number;
  scores: Float64Array;
}

export const USUAL_GENERATIONS = 1000;
export const USUAL_POPULATION = 20;
/** Of which a parent is the best. */
const TOURNAMENT = 5;
/** A child whose order of a few configurations is so much worse than the worst member's is not looked at further. */
const EARLY_MARGIN = 0.25;
/** A simpler proxy is taken where it is worse by no more than this. */
const SIMPLER = 0.002;

/**
 * Starts from the built-in proxies and random ones. A child is a cross of two parents, or a change of one: the first parent is the
 * fittest of a few, the second the one of another few that orders configurations least like the first, so that the population does not
 * become one formula. A child without finite values, one that gives the order of a formula that was there before, and one that
 * orders a third of the configurations badly are dropped before the rest is computed. The worst member makes room. Built-in proxies
 * are all among the first, so the result is at least as fit as they are on what was seen; whether it is on what was not, `heldOut`
 * says. Throws RangeError for fewer than 20 configurations or no layers; rejects with what `pace` rejects with.
 */
export async function evolve(problem: ProxyProblem, options: EvolveOptions): Promise<Evolved> {
  const { seed, generations = USUAL_GENERATIONS, heldOut = 0.4, pace } = options;
  const { layers, configurations } = problem;
  const count = configurations.loss.length;
  const known = knownOf(layers);
  if (count < 20) throw new RangeError(`${count} configurations are too few to evolve on some and judge on others`);
  if (layers.length < 2 || known.length === 0) throw new RangeError("there are no layers of which enough is known");
  const draws = new Draws(seed);
  const order = draws.order(count);
  const unseen = order.slice(0, Math.floor(count * heldOut)).sort((a, b) => a - b);
  const seen = order.slice(unseen.length).sort((a, b) => a - b);
  const [seenOnes, judging] = [chosen(configurations, seen), chosen(configurations, unseen)];
  // Every third one that is seen only has a say in the choice at the end: what fits the others by chance does not fit it.
  const training = chosen(
    configurations,
    seen.filter((_, i) => i % 3 !== 2),
  );
  const judged = (name: string, proxy: ProxyFormula): Judged => ({
    name,
    text: printProxy(proxy),
    trained: judge(proxy, { layers, configurations: seenOnes }),
    heldOut: judge(proxy, { layers, configurations: judging }),
  });

  const needs = builtIns.map(({ name, proxy }) => ({
    name,
    proxy,
    needs: [...inputsOf(proxy.formula)].filter((one) => !known.includes(one)),
  }));
  const builtIn = needs
    .filter((one) => one.needs.length === 0)
    .map(({ name, proxy }) => judged(name, proxy))
    .sort((a, b) => (b.trained.mean ?? -2) - (a.trained.mean ?? -2));

  const nursery = new Nursery(problem, training);
  const first = needs.filter((one) => one.needs.length === 0).map(({ proxy }) => proxy);
  for (const proxy of first) nursery.add(proxy, Number.POSITIVE_INFINITY);
  const size = Math.max(options.population ?? USUAL_POPULATION, nursery.members.length);
  for (let tries = 0; nursery.members.length < size && tries < 50 * size; tries++) {
    nursery.add(drawProxy(draws, known), size);
    await pace?.(0, generations);
  }
  if (nursery.members.length < 2) throw new RangeError("no two formulas order these configurations");
  nursery.forget();

  const history: number[] = [];
  for (let g = 0; g < generations; g++) {
    const { members } = nursery;
    const mother = fittest(members, draws);
    const father = leastLike(mother, members, draws);
    const crossed = draws.next() < 0.5 ? cross(mother.proxy, father.proxy, draws) : mother.proxy;
    nursery.add(mutate(crossed, draws, known), size);
    history.push(members.reduce((a, b) => Math.max(a, b.fitness), -1));
    await pace?.(g + 1, generations);
  }
  const finalists = [...nursery.members.map(({ proxy }) => proxy), ...first].map((proxy) => ({
    proxy,
    fitness: judge(proxy, { layers, configurations: seenOnes }).mean ?? -2,
  }));
  const top = finalists.reduce((a, b) => Math.max(a, b.fitness), -2);
  const [simplest] = finalists
    .filter(({ fitness }) => fitness >= top - SIMPLER)
    .sort((a, b) => nodesOf(a.proxy.formula) - nodesOf(b.proxy.formula) || b.fitness - a.fitness);
  return {
    best: judged("evolved", simplest.proxy),
    builtIn,
    missing: needs.flatMap(({ name, needs }) => (needs.length > 0 ? [{ name, needs }] : [])),
    counts: nursery.counts,
    history,
    seen,
    unseen,
  };
}

/** The population, and what keeps others out of it. */
class Nursery {
  members: Member[] = [];
  counts = { made: 0, notFinite: 0, equivalent: 0, early: 0, worse: 0, taken: 0 };
  readonly #problem: ProxyProblem;
  readonly #training: Configurations;
  readonly #few: Configurations;
  readonly #texts = new Set<string>();
  readonly #orders = new Set<string>();

  constructor(problem: ProxyProblem, training: Configurations) {
    this.#problem = problem;
    this.#training = training;
    this.#few = chosen(
      training,
      [...training.loss.keys()].filter((i) => i % 3 === 0),
    );
  }

  /** What was made so far was not made by generations. */
  forget(): void {
    this.counts = { made: 0, notFinite: 0, equivalent: 0, early: 0, worse: 0, taken: 0 };
  }

  add({ weighing, formula }: ProxyFormula, size: number): void {
    const { counts, members } = this;
    counts.made++;
    const proxy = { weighing, formula: canonical(formula) };
    const text = printProxy(proxy);
    if (this.#texts.has(text)) {
      counts.equivalent++;
      return;
    }
    this.#texts.add(text);
    const values = this.#values(proxy);
    if (!values) {
      counts.notFinite++;
      return;
    }
    const worst = members.reduce((a, b) => Math.min(a, b.fitness), 1);
    if (members.length >= size) {
      const few = spearman(scoresOf(weighing, values, this.#few), this.#few.loss).value;
      if (few === null || -few < worst - EARLY_MARGIN) {
        counts.early++;
        return;
      }
    }
    const scores = scoresOf(weighing, values, this.#training);
    const sorted = [...scores.keys()].sort((a, b) => scores[a] - scores[b] || a - b).join();
    if (this.#orders.has(sorted)) {
      counts.equivalent++;
      return;
    }
    this.#orders.add(sorted);
    const fitness = scores.every(Number.isFinite) ? fitnessOf(scores, this.#training.loss).mean : null;
    if (fitness === null) {
      counts.notFinite++;
      return;
    }
    if (members.length >= size) {
      if (fitness <= worst) {
        counts.worse++;
        return;
      }
      members.splice(
        members.findIndex((one) => one.fitness === worst),
        1,
      );
    }
    counts.taken++;
    members.push({ proxy, fitness, scores });
  }

  /** Values by layer, or null as soon as one is not finite. */
  #values({ formula }: ProxyFormula): Float64Array | null {
    const { layers } = this.#problem;
    const values = new Float64Array(layers.length);
    for (const [i, layer] of layers.entries()) {
      values[i] = layerValue(formula, layer);
      if (!Number.isFinite(values[i])) return null;
    }
    return values;
  }
}

const few = (members: readonly Member[], draws: Draws): Member[] =>
  Array.from({ length: TOURNAMENT }, () => draws.of(members));

const fittest = (members: readonly Member[], draws: Draws): Member =>
  few(members, draws).reduce((a, b) => (b.fitness > a.fitness ? b : a));

function leastLike(mother: Member, members: readonly Member[], draws: Draws): Member {
  const likeness = (one: Member) => Math.abs(spearman(one.scores, mother.scores).value ?? 1);
  return few(members, draws)
    .map((one) => ({ one, like: likeness(one) }))
    .reduce((a, b) => (b.like < a.like ? b : a)).one;
}
