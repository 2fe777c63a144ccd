import { uniformDraw } from "../../random/normal.ts";
import type { Groups } from "../groups.ts";
import { leastBits, mostBits } from "../groups.ts";
import { shrink } from "./greedy.ts";
import type { Solver } from "./types.ts";

const STEPS = 2500;
/** Allocations drawn a step, whose mean reward is what each is compared with; of very many groups fewer. */
const [DRAWS, LEAST_DRAWS] = [64, 4];
const LEAST_STEPS = 20;
/** Of more groups one allocation takes long to draw. */
const MANY = 500;
/** Choices drawn in all: some seconds. */
const MOST_DRAWN = 2e7;
/** How much more the distance from the target weighs than what bits gain in quality; weight of entropy at first. */
const [BETA, ENTROPY] = [1.6, 0.1];
/** Of a group alone: rewards are of all together, and tell of each the less the more there are. */
const RATE = 0.12;
/** Of the moving baseline. */
const BASELINE = 0.9;

/**
 * A policy over choices for every group, learned by REINFORCE: reward is the quality -ln(loss) less beta |bits / target - 1|, and entropy is
 * rewarded beside it, less and less on a cosine. The best drawn allocation within the budget counts.
 */
export const fliqs: Solver = {
  name: "fliqs",
  title: "FLIQS' policy",
  says: "draws allocations from a policy that learns by their rewards (REINFORCE), with entropy that fades on a cosine and bits drawn to the budget",
  paper: {
    title: "FLIQS: one-shot mixed-precision floating-point and integer quantization search",
    where: "arXiv 2308.03290",
  },
  counts: "allocations",
  drawn: true,
  upTo: 2 ** 13,
  async solve(groups, budgetBits, control, { seed }) {
    const target = Math.min(budgetBits - groups.fixedBits, mostBits(groups));
    if (leastBits(groups) > budgetBits - groups.fixedBits) return null;
    const policy = new Policy(groups, seed);
    const quality = qualityOf(groups);
    const beta = BETA * slopeOf(groups, quality) * target;
    const affordable = MOST_DRAWN / Math.max(1, groups.count);
    const draws = Math.max(LEAST_DRAWS, Math.min(DRAWS, Math.floor(affordable / LEAST_STEPS)));
    const steps = Math.max(LEAST_STEPS, Math.min(STEPS, Math.floor(affordable / draws)));
    const columns = {
      entropy: new Float64Array(steps),
      bits: new Float64Array(steps),
      reward: new Float64Array(steps),
    };
    let best: { at: Uint32Array; loss: number } | null = null;
    const keep = (at: Uint32Array, loss: number, bits: number) => {
      if (bits <= budgetBits - groups.fixedBits && (!best || loss < best.loss)) best = { at: at.slice(), loss };
    };
    let baseline = Number.NaN;
    for (let step = 0; step < steps; step++) {
      await control.checkpoint(step, steps, "policy");
      const drawn: ReturnType<Policy["draw"]>[] = [];
      for (let k = 0; k < draws; k++) {
        if (groups.count > MANY) await control.checkpoint(step, steps, "policy");
        drawn.push(policy.draw());
      }
      const rewards = drawn.map(
        ({ loss, bits }) => quality(loss) - beta * Math.abs(target > 0 ? bits / target - 1 : 0),
      );
      for (const { at, loss, bits } of drawn) keep(at, loss, bits);
      const mean = rewards.reduce((a, b) => a + b, 0) / draws;
      baseline = Number.isNaN(baseline) ? mean : BASELINE * baseline + (1 - BASELINE) * mean;
      const spread = Math.sqrt(rewards.reduce((sum, r) => sum + (r - mean) ** 2, 0) / draws) || 1;
      const entropy = ENTROPY * 0.5 * (1 + Math.cos((Math.PI * step) / steps));
      policy.learn(
        drawn.map(({ at }) => at),
        rewards.map((r) => (r - baseline) / spread),
        entropy,
      );
      columns.entropy[step] = policy.entropy();
      columns.bits[step] = drawn.reduce((sum, { bits }) => sum + bits, groups.fixedBits * draws) / draws;
      columns.reward[step] = mean;
    }
    const likeliest = policy.likeliest();
    shrink(groups, likeliest, budgetBits);
    const sums = sumsOf(groups, likeliest);
    keep(likeliest, sums.loss, sums.bits);
    return {
      at: best!.at,
      work: steps * draws,
      bound: null,
      trace: {
        columns,
        about: "mean entropy of the policy in nats, mean bits and mean reward of what was drawn, by step",
      },
    };
  },
};

function sumsOf({ bits, loss }: Groups, at: Uint32Array) {
  const sums = { bits: 0, loss: 0 };
  for (const place of at) {
    sums.bits += bits[place];
    sums.loss += loss[place];
  }
  return sums;
}

/** -ln(loss); losses that may be 0 or less are counted from below the least there is. */
function qualityOf({ count, starts, loss }: Groups): (loss: number) => number {
  let [least, most] = [0, 0];
  for (let g = 0; g < count; g++) {
    least += loss[starts[g + 1] - 1];
    most += loss[starts[g]];
  }
  const range = most - least || 1;
  const from = least > 0 && least > 1e-6 * range ? 0 : least - 1e-4 * range;
  return (lost) => -Math.log(Math.max(Number.MIN_VALUE, (lost - from) / range));
}

/** What a bit gains in quality, on average from the cheapest allocation to the dearest. */
function slopeOf({ count, starts, loss, ...groups }: Groups, quality: (loss: number) => number): number {
  let [least, most] = [0, 0];
  for (let g = 0; g < count; g++) {
    most += loss[starts[g]];
    least += loss[starts[g + 1] - 1];
  }
  const range = mostBits({ count, starts, bits: groups.bits }) - leastBits({ count, starts, loss, ...groups });
  return range > 0 ? (quality(least) - quality(most)) / range : 1;
}

/** Logits by choice, in the groups' own order. */
class Policy {
  readonly #groups: Groups;
  readonly #seed: number;
  readonly #logits: Float64Array;
  readonly #shares: Float64Array;
  readonly #slope: Float64Array;
  #drawn = 0;

  constructor(groups: Groups, seed: number) {
    this.#groups = groups;
    this.#seed = seed;
    this.#logits = new Float64Array(groups.bits.length);
    this.#shares = new Float64Array(groups.bits.length);
    this.#slope = new Float64Array(groups.bits.length);
    this.#share();
  }

  #share(): void {
    const { count, starts } = this.#groups;
    for (let g = 0; g < count; g++) {
      const own = this.#logits.subarray(starts[g], starts[g + 1]);
      const most = own.reduce((a, b) => Math.max(a, b));
      let sum = 0;
      for (let k = starts[g]; k < starts[g + 1]; k++) sum += this.#shares[k] = Math.exp(this.#logits[k] - most);
      for (let k = starts[g]; k < starts[g + 1]; k++) this.#shares[k] /= sum;
    }
  }

  draw(): { at: Uint32Array; loss: number; bits: number } {
    const { count, starts } = this.#groups;
    const at = new Uint32Array(count);
    for (let g = 0; g < count; g++) {
      let left = uniformDraw(this.#seed, 0, this.#drawn++);
      let k = starts[g];
      while (k < starts[g + 1] - 1 && left >= this.#shares[k]) left -= this.#shares[k++];
      at[g] = k;
    }
    return { at, ...sumsOf(this.#groups, at) };
  }

  learn(drawn: readonly Uint32Array[], advantages: readonly number[], entropy: number): void {
    const { count, starts } = this.#groups;
    const slope = this.#slope.fill(0);
    const rate = RATE * Math.sqrt(count);
    const all = advantages.reduce((a, b) => a + b, 0);
    for (const [i, at] of drawn.entries()) for (const place of at) slope[place] += advantages[i];
    for (let g = 0; g < count; g++) {
      const own = this.#entropyOf(g);
      for (let k = starts[g]; k < starts[g + 1]; k++) {
        const p = this.#shares[k];
        const spread = p > 0 ? -p * (Math.log(p) + own) : 0;
        this.#logits[k] += rate * ((slope[k] - p * all) / drawn.length + entropy * spread);
      }
    }
    this.#share();
  }

  #entropyOf(g: number): number {
    const { starts } = this.#groups;
    let sum = 0;
    for (let k = starts[g]; k < starts[g + 1]; k++) {
      const p = this.#shares[k];
      if (p > 0) sum -= p * Math.log(p);
    }
    return sum;
  }

  /** Mean over groups, in nats. */
  entropy(): number {
    let sum = 0;
    for (let g = 0; g < this.#groups.count; g++) sum += this.#entropyOf(g);
    return this.#groups.count === 0 ? 0 : sum / this.#groups.count;
  }

  likeliest(): Uint32Array {
    const { count, starts } = this.#groups;
    return Uint32Array.from({ length: count }, (_, g) => {
      let best = starts[g];
      for (let k = best + 1; k < starts[g + 1]; k++) if (this.#shares[k] > this.#shares[best]) best = k;
      return best;
    });
  }
}
