/**
 * What language models lose by being trained in floating point, as a law fitted to trained models has it ("Scaling laws for floating point
 * quantization training", arXiv 2501.02423): its constants, and what follows of the best split and of how much data does harm.
 */

/** A float's exponent and mantissa bits, which need not be whole, and the values that share a scale. */
export interface TrainedFloat {
  exponentBits: number;
  mantissaBits: number;
  block: number;
}

const N = { factor: 69.2343, power: 0.2368 };
const D = { factor: 68973.0621, power: 0.5162 };
const LEAST = 1.9061;
const GAMMA = 11334.5197;
const EXPONENT = 3.1926;
const MANTISSA = 2.9543;

/** How fine a float is: what its own loss is divided by, over the logarithm of its block. */
const fineness = ({ exponentBits, mantissaBits, block }: TrainedFloat): number =>
  (GAMMA * (exponentBits + 0.5) ** EXPONENT * (mantissaBits + 0.5) ** MANTISSA) / Math.log2(block);

/** Loss in nats a token after `tokens` of a model of so many parameters; without a format, of one trained in full precision. */
export function trainedLoss(parameters: number, tokens: number, format?: TrainedFloat): number {
  const [model, data] = [parameters ** N.power, tokens ** D.power];
  const own = format ? data / model / fineness(format) : 0;
  return N.factor / model + D.factor / data + LEAST + own;
}

/** The exponent and mantissa bits that lose least of a width of so many bits, the sign among them: real numbers. */
export function trainedSplit(bits: number): Pick<TrainedFloat, "exponentBits" | "mantissaBits"> {
  const share = bits / (EXPONENT + MANTISSA);
  return { exponentBits: EXPONENT * share - 0.5, mantissaBits: MANTISSA * share - 0.5 };
}

/** Tokens beyond which more of them make a model worse that is trained in this format. */
export const criticalTokens = (parameters: number, format: TrainedFloat): number =>
  (D.factor * parameters ** N.power * fineness(format)) ** (1 / (2 * D.power));
