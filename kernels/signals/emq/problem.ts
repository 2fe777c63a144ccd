/** What proxies are judged by: layers with what is known of them, and bit configurations with what they truly cost. */
import { type Agreement, spearmanAt, TOP_SHARES } from "../rank.ts";
import { inputsOf, type Node, type ProxyFormula, type Weighing } from "./expression.ts";
import { BINARY, type Input, UNARY } from "./operations.ts";

/** A layer, or a tensor of one. */
export interface ProxyLayer {
  name: string;
  /** Of the whole tensor. */
  elements: number;
  /** All of one length: the same elements (all or a sample) of each; `A` has the RMS of the channel that an element meets. */
  inputs: Partial<Record<Input, Float64Array>>;
}

/** Bit configurations of the layers with their true losses (KL, output error): less is better. */
export interface Configurations {
  /** Configurations x layers. */
  bits: Float64Array;
  loss: Float64Array;
}

export interface ProxyProblem {
  layers: readonly ProxyLayer[];
  configurations: Configurations;
}

/** What the layers have in common: only formulas over these have values. */
export const knownOf = (layers: readonly ProxyLayer[]): Input[] =>
  (["W", "A", "G", "H"] as const).filter((name) => layers.every(({ inputs }) => inputs[name] !== undefined));

/** A formula's value for a layer, a mean over the elements where it is not one number. NaN where an input is missing. */
export function layerValue(formula: Node, layer: ProxyLayer): number {
  for (const name of inputsOf(formula)) if (!layer.inputs[name]) return Number.NaN;
  const values = arrayOf(formula, layer);
  return values.length === 1 ? values[0] : values.reduce((a, b) => a + b, 0) / values.length;
}

function arrayOf(node: Node, layer: ProxyLayer): Float64Array {
  switch (node.is) {
    case "input":
      return layer.inputs[node.name]!;
    case "size":
      return Float64Array.of(layer.elements);
    case "unary":
      return UNARY[node.name].of(arrayOf(node.of, layer));
    case "binary": {
      const { of } = BINARY[node.name];
      const [a, b] = node.of.map((one) => arrayOf(one, layer));
      if (a.length === b.length) return a.map((x, i) => of(x, b[i]));
      return a.length === 1 ? b.map((y) => of(a[0], y)) : a.map((x) => of(x, b[0]));
    }
  }
}

const weight: Record<Weighing, (bits: number) => number> = {
  bits: (bits) => bits,
  noise: (bits) => -(4 ** -bits),
};

/** A configuration's score, larger for better: the layers' values weighed by their bits and added up. */
export function scoresOf(weighing: Weighing, values: Float64Array, { bits, loss }: Configurations): Float64Array {
  const scores = new Float64Array(loss.length);
  for (let c = 0; c < loss.length; c++) {
    for (let l = 0; l < values.length; l++) scores[c] += weight[weighing](bits[c * values.length + l]) * values[l];
  }
  return scores;
}

/** What a layer's value adds to a configuration's loss at so many bits: its score with the other sign. */
export const tensorLoss = (weighing: Weighing, value: number, bits: number): number => -weight[weighing](bits) * value;

/** How well a proxy orders configurations. */
export interface Fitness {
  /** Spearman@k for each of `TOP_SHARES`, of scores and losses turned round. */
  at: Agreement[];
  /** Their mean, which evolution goes by; null where one of them is missing. */
  mean: number | null;
}

export function fitnessOf(scores: Float64Array, loss: Float64Array): Fitness {
  const truth = loss.map((x) => -x);
  const at = TOP_SHARES.map((share) => spearmanAt(scores, truth, share));
  const known = at.flatMap(({ value }) => (value === null ? [] : [value]));
  return { at, mean: known.length === at.length ? known.reduce((a, b) => a + b, 0) / at.length : null };
}

/** A proxy's fitness on configurations; a value that is not finite leaves none. */
export function judge({ weighing, formula }: ProxyFormula, { layers, configurations }: ProxyProblem): Fitness {
  const values = Float64Array.from(layers, (layer) => layerValue(formula, layer));
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return fitnessOf(scoresOf(weighing, values, configurations), configurations.loss);
  const why = `the formula has no finite value for ${layers[bad].name}`;
  return { at: TOP_SHARES.map(() => ({ value: null, over: configurations.loss.length, why })), mean: null };
}

/** Those of these numbers. */
export function chosen({ bits, loss }: Configurations, numbers: readonly number[]): Configurations {
  const layers = loss.length === 0 ? 0 : bits.length / loss.length;
  return {
    bits: Float64Array.from(numbers.flatMap((c) => [...bits.subarray(c * layers, (c + 1) * layers)])),
    loss: Float64Array.from(numbers, (c) => loss[c]),
  };
}
