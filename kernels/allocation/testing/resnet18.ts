/**
 * ResNet18's 19 convolutions with 4 or 8 bits each under published costs (HAWQ-V3, arXiv 2011.10680, tables of its program): parameters,
 * multiplications and milliseconds on a T4. A shortcut gets the bits of the layer that it passes by.
 */
import { RESNET18 } from "../../signals/trace/resnet18.ts";
import { frontier } from "../frontier.ts";
import { within } from "../types.ts";
import { free, still, tableOf } from "./tables.ts";

const { meanTraces, squaredChanges } = RESNET18;
const TIES = [
  [4, 6],
  [9, 11],
  [14, 16],
];

const PARAMETERS = [
  ...[36864, 36864, 36864, 36864, 73728, 147456, 8192, 147456, 147456, 294912],
  ...[589824, 32768, 589824, 589824, 1179648, 2359296, 131072, 2359296, 2359296],
];
/** Full stages, a halving convolution and its shortcut. */
const [FULL, HALF, SHORT] = [115605504, 57802752, 6422528];
const MULTIPLICATIONS = [
  ...[FULL, FULL, FULL, FULL, HALF, FULL, SHORT, FULL, FULL],
  ...[HALF, FULL, SHORT, FULL, FULL, HALF, FULL, SHORT, FULL, FULL],
];
/** In units of 1e-8 ms. */
const LATENCY = {
  4: [
    ...[21094404, 21092674, 21104113, 21086851, 13642465, 19167506, 2532183, 19148203, 19142914, 11395316],
    ...[20556011, 1917474, 20566918, 20566509, 13185102, 22287786, 1790088, 22304611, 22286099],
  ],
  8: [
    ...[36189111, 36211718, 31141909, 30454471, 19184896, 38948934, 3341690, 38904905, 38928590, 19134735],
    ...[34307431, 2802354, 34313329, 34310756, 21117103, 37376585, 2896843, 37398187, 37405185],
  ],
};

/** The exact allocation half-way between the costs of 4 and of 8 bits everywhere: bits by layer, and Omega. */
async function solved(cost: (layer: number, bits: 4 | 8) => number): Promise<{ bits: string; omega: number }> {
  const rows = meanTraces.map((trace, i) => ({
    loss: [trace * squaredChanges[4][i], trace * squaredChanges[8][i]],
    bits: [cost(i, 4), cost(i, 8)],
    of: { tie: TIES.find((pair) => pair.includes(i))?.join() ?? null },
  }));
  const all = await frontier(tableOf(rows, ["4", "8"]), free, still);
  const sumOf = (choice: number) => rows.reduce((sum, { bits }) => sum + bits[choice], 0);
  const { choice, loss } = all.at(within(all, sumOf(0) + (sumOf(1) - sumOf(0)) / 2));
  return { bits: all.gap === 0 ? [...choice].map((c) => "48"[c]).join("") : "", omega: loss };
}

const size = () => solved((i, bits) => PARAMETERS[i] * bits);
// Both factors of a product have so many bits.
const operations = () => solved((i, bits) => MULTIPLICATIONS[i] * bits * bits);
const latency = () => solved((i, bits) => LATENCY[bits][i]);

/** Layers whose bits are others than published. */
const others = ({ bits }: { bits: string }, published: string): number =>
  [...published].filter((own, i) => own !== bits[i]).length;

export const othersBySize = async (): Promise<number> => others(await size(), "8888888888888884844");
export const othersByOperations = async (): Promise<number> => others(await operations(), "8884888848884444444");
export const othersByLatency = async (): Promise<number> => others(await latency(), "8888848848884484844");
export const omegaBySize = async (): Promise<number> => (await size()).omega;
export const omegaByOperations = async (): Promise<number> => (await operations()).omega;
export const omegaByLatency = async (): Promise<number> => (await latency()).omega;
