/** SliM-LLM's claims (arXiv 2405.14917), on a Gaussian weight whose inputs are eight times as loud in some channels. */
import { dense, gram } from "../../linalg/index.ts";
import { normalValues } from "../../testing/matrix.ts";
import {
  GROUP,
  groupSalience,
  groupWidths,
  inverseDiagonal,
  outputs,
  quantizeByGroups,
  salienceOf,
} from "../salience/salience.ts";

const [rows, cols, tokens] = [64, 1024, 512];
const GAIN = 8;

/** An eighth of the channels is loud: a group that lies together, or channels all over the row. */
async function tried(bits: number, together: boolean) {
  const loud = (c: number) => (together ? Math.floor(c / GROUP) === 2 : c % 8 === 3);
  const x = normalValues(tokens * cols, 5).map((v, i) => (loud(i % cols) ? GAIN * v : v));
  const weight = dense(
    rows,
    cols,
    Float64Array.from(normalValues(rows * cols, 6), (v) => v / Math.sqrt(cols)),
  );
  const inputs = dense(64, cols, Float64Array.from(x.subarray(0, 64 * cols)));
  const diagonal = await inverseDiagonal(await gram(x, cols), tokens);
  const chosen = groupWidths(weight, inputs, groupSalience(salienceOf(weight.values, diagonal), cols), bits);
  const uniform = quantizeByGroups(
    weight,
    chosen.bits.map(() => bits),
  );
  const mixed = quantizeByGroups(weight, chosen.bits);
  const [whole, under] = [outputs(inputs, weight), (of: typeof weight) => outputs(inputs, of)];
  return {
    meanBits: chosen.bits.reduce((sum, b) => sum + b, 0) / chosen.bits.length,
    kl: chosen.kl[chosen.pairs] / chosen.kl[0],
    output: apart(under(mixed).values, whole.values) / apart(under(uniform).values, whole.values),
    weight: apart(mixed.values, weight.values) / apart(uniform.values, weight.values),
    widths: chosen.bits,
  };
}

const apart = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0);

const known = new Map<string, ReturnType<typeof tried>>();
const of = (bits: number, together: boolean) => {
  const key = `${bits} ${together}`;
  if (!known.has(key)) known.set(key, tried(bits, together));
  return known.get(key)!;
};

export const meanBits = async () => (await of(2, true)).meanBits;
export const divergence = async () => (await of(2, true)).kl;
export const outputError = async () => (await of(2, true)).output;
export const shuffledDivergence = async () => (await of(2, false)).kl;
export const weightErrorAtThree = async () => (await of(3, true)).weight;
export const outputErrorAtThree = async () => (await of(3, true)).output;
export const shuffledAtThree = async () => (await of(3, false)).kl;
