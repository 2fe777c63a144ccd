/** What a paper's claims need that speaks of widths by channel: 4,096 channels of log-normal variances, a mean of 4 bits. */
import { normalDraw } from "../../random/normal.ts";
import { learnGates } from "../gates.ts";
import { waterFilling } from "../water-filling.ts";

const [CHANNELS, MEAN] = [4096, 4];
const VARIANCES = Float64Array.from({ length: CHANNELS }, (_, c) => Math.exp(normalDraw(7, 0, c)));
/** Tokens of the channels that are quantized. */
const TOKENS = 64;

const decibels = (ratio: number) => 10 * Math.log10(ratio);
const meanOf = (x: Float64Array) => x.reduce((a, b) => a + b, 0) / x.length;
/** Mean of variance 4^-bits: what a quantizer of many levels leaves. */
const left = (bits: Float64Array) => meanOf(bits.map((b, c) => VARIANCES[c] * 4 ** -b));
const equal = new Float64Array(CHANNELS).fill(MEAN);

let learned: Promise<Float64Array> | null = null;
const learnedBits = (): Promise<Float64Array> => {
  learned ??= learnGates(
    {
      count: CHANNELS,
      least: new Float64Array(CHANNELS).fill(1),
      most: new Float64Array(CHANNELS).fill(8),
      target: MEAN * CHANNELS,
      slopes(bits, slope) {
        for (let c = 0; c < CHANNELS; c++) slope[c] = -2 * Math.LN2 * VARIANCES[c] * 4 ** -bits[c];
      },
    },
    async () => {},
    { steps: 600 },
  ).then(({ bits }) => bits);
  return learned;
};

/** dB of the best widths over equal ones, on these variances. */
export const waterGain = (): number => decibels(left(equal) / left(waterFilling(VARIANCES, MEAN)));

/** The same over 10 log10 of the arithmetic over the geometric mean. */
export const waterOverMeans = (): number =>
  waterGain() / decibels(meanOf(VARIANCES) / Math.exp(meanOf(VARIANCES.map(Math.log))));

/** What the learned widths leave, over the best. */
export const learnedOverWater = async (): Promise<number> =>
  left(await learnedBits()) / left(waterFilling(VARIANCES, MEAN));

/** Their mean over its target. */
export const learnedMean = async (): Promise<number> => meanOf(await learnedBits()) / MEAN;

/** dB that the learned widths, rounded, gain over 4 bits where values are quantized between each channel's least and largest. */
export async function gainOnValues(): Promise<number> {
  const bits = await learnedBits();
  const [rounded, fixed] = [bits.map(Math.round), equal].map((widths) => {
    let error = 0;
    for (let c = 0; c < CHANNELS; c++) {
      const gain = Math.sqrt(VARIANCES[c]);
      const x = Float64Array.from({ length: TOKENS }, (_, t) => gain * normalDraw(7, 1, c * TOKENS + t));
      const [low, high] = [Math.min(...x), Math.max(...x)];
      const step = (high - low) / (2 ** widths[c] - 1);
      for (const value of x) error += (low + step * Math.round((value - low) / step) - value) ** 2;
    }
    return error;
  });
  return decibels(fixed / rounded);
}
