/** Synthetic activations: seeded, the same values on every engine. They show what a method does, not what it does for a model. */
import { UserError } from "../errors/user-error.ts";

export type SyntheticName = "white" | "correlated" | "outliers" | "heavy";

export interface SyntheticSpec {
  name: SyntheticName;
  tokens: number;
  seed: number;
}

export interface SyntheticInfo {
  name: SyntheticName;
  label: string;
  describe: string;
}

interface Kind extends SyntheticInfo {
  /** One of the generators of sources, and its parameters. */
  generator: string;
  params: Record<string, number>;
}

export const kinds: readonly Kind[] = [
  {
    ...{ name: "white", label: "white", generator: "normal", params: { std: 1 } },
    describe: "independent Gaussian channels of one variance: output error is then weight error",
  },
  {
    ...{ name: "correlated", label: "correlated", generator: "correlated", params: { rho: 0.9 } },
    describe: "Gaussian channels of one variance, neighbours correlated by 0.9",
  },
  {
    ...{ name: "outliers", label: "outlier channels", generator: "outliers", params: { share: 0.01, gain: 20 } },
    describe: "Gaussian channels, one in a hundred of them 20 times as large",
  },
  {
    ...{ name: "heavy", label: "heavy tails", generator: "student", params: { nu: 3 } },
    describe: "independent Student t channels with 3 degrees of freedom: few tokens are very large",
  },
];

export const syntheticInfos: readonly SyntheticInfo[] = kinds.map(({ name, label, describe }) => ({
  name,
  label,
  describe,
}));

export const DEFAULT_TOKENS = 2048;
/** More would take long, and tell nothing new. */
export const MAX_TOKENS = 65536;

/** `white(tokens=2048,seed=1)`: the text that a synthetic calibration goes by, and that names it in links and reports. */
export const syntheticText = ({ name, tokens, seed }: SyntheticSpec): string =>
  `${name}(tokens=${tokens},seed=${seed})`;

/** Reads `white`, `white(seed=2)` ... Throws UserError. */
export function parseSynthetic(text: string): SyntheticSpec {
  const usage = `write one as outliers(tokens=${DEFAULT_TOKENS},seed=1)`;
  const match = /^([a-z]+)(?:\(([^()]*)\))?$/.exec(text);
  const kind = kinds.find(({ name }) => name === match?.[1]);
  if (!kind) {
    throw new UserError(
      `There are no synthetic activations "${text}". There are ${kinds.map(({ name }) => name).join(", ")}: ${usage}.`,
    );
  }
  const spec: SyntheticSpec = { name: kind.name, tokens: DEFAULT_TOKENS, seed: 1 };
  for (const part of (match?.[2] ?? "").split(",").filter((p) => p !== "")) {
    const [, key, value] = /^\s*(tokens|seed)\s*=\s*(\d+)\s*$/.exec(part) ?? [];
    if (key !== "tokens" && key !== "seed") throw new UserError(`${kind.name}: "${part}" is no parameter: ${usage}.`);
    spec[key] = Number(value);
  }
  if (spec.tokens < 1 || spec.tokens > MAX_TOKENS) {
    throw new UserError(`${kind.name}: tokens must be a whole number from 1 to ${MAX_TOKENS}, not ${spec.tokens}.`);
  }
  if (spec.seed > 2 ** 32 - 1) {
    throw new UserError(`${kind.name}: seed must be a whole number from 0 to ${2 ** 32 - 1}, not ${spec.seed}.`);
  }
  return spec;
}
