/** Whether the chosen mix is worth having: measured against the best uniform recipe that takes no more room. */
import type { Estimate } from "../../../../../workers/lm/figures/index.ts";
import { writeEstimate, writtenText } from "../../estimates.ts";
import { bestUniform, type MeasuredPoint, measuredKl, nextUniform } from "./points.ts";

export type Standing = "worse" | "unclear" | "better" | "unknown";

export interface Verdict {
  standing: Standing;
  /** A sentence; what it says of a mix that is worse comes before everything else on the panel. */
  words: string;
}

/** So many standard errors apart are told apart, as for A and B. */
const TOLD_APART = 2;

export interface Compared {
  mix: MeasuredPoint | null;
  points: readonly MeasuredPoint[];
  /** KL of the mix less that of a uniform recipe, paired by window; null where both were not run on the same windows. */
  paired(uniform: MeasuredPoint): Estimate | null;
  /** KL below which there is none; null where that was not measured. */
  noise: number | null;
}

/** Of two independent means; without both standard errors it has none. */
function apart(x: Estimate, y: Estimate): Estimate {
  const value = x.value! - y.value!;
  const stderr = x.stderr === null || y.stderr === null ? null : Math.hypot(x.stderr, y.stderr);
  return { value, stderr };
}

const bitsWords = (bits: number | null): string => (bits === null ? "an unknown size" : `${bits.toFixed(3)} bits`);

/** What measuring says of the mix beside uniform recipes, and whether another mix of no more bits is better. */
export function verdictOf(compared: Compared): Verdict {
  const { standing, words } = besideUniform(compared);
  const other = betterOther(compared);
  return { standing, words: other === null ? words : `${words} ${other}` };
}

/** The best of llama.cpp's mixes and files' assignments that are no larger than the mix and told apart from it; null for none. */
function betterOther({ mix, points, paired }: Compared): string | null {
  if (!mix?.measured || mix.bits === null || measuredKl(mix) === null) return null;
  let best: { point: MeasuredPoint; by: Estimate } | null = null;
  for (const point of points) {
    const other = (point.kind === "named" || point.kind === "file") && point.bits !== null && point.bits <= mix.bits;
    if (!other || measuredKl(point) === null) continue;
    const by = paired(point) ?? apart(mix.measured, point.measured!);
    if (by.value === null || by.stderr === null || by.value < TOLD_APART * by.stderr || by.value <= 0) continue;
    if (!best || by.value > best.by.value!) best = { point, by };
  }
  if (!best) return null;
  return `${best.point.label} is better than the mix by ${writtenText(writeEstimate(best.by))} nats at ${bitsWords(best.point.bits)}.`;
}

/** What measuring says of the mix; a mix that was not measured, or has no uniform recipe beside it, is told as that. */
function besideUniform({ mix, points, paired, noise }: Compared): Verdict {
  if (!mix?.measured)
    return { standing: "unknown", words: "The chosen mix is not measured: what stands here is a prediction." };
  const kl = measuredKl(mix);
  if (kl === null)
    return {
      standing: "worse",
      words: "The chosen mix breaks the model: some of its logits are not finite, so that it has no mean KL.",
    };
  if (mix.bits === null) return { standing: "unknown", words: "The size of the chosen mix is not known." };
  const uniform = bestUniform(points, mix.bits);
  if (!uniform)
    return {
      standing: "unknown",
      words: `No uniform recipe of at most ${bitsWords(mix.bits)} was measured: whether the mix is worth having is not known.`,
    };
  if (noise !== null && kl < noise && measuredKl(uniform)! < noise)
    return {
      standing: "unclear",
      words: `Neither the mix nor ${uniform.label} changes what the model says beyond the noise of its sums.`,
    };
  const pairedDifference = paired(uniform);
  const difference = pairedDifference ?? apart(mix.measured, uniform.measured!);
  const how = pairedDifference ? "paired by window" : "not paired: their errors are added in squares";
  const sizes = `${bitsWords(mix.bits)} against ${bitsWords(uniform.bits)}`;
  const amount = writtenText(writeEstimate({ value: Math.abs(difference.value!), stderr: difference.stderr }));
  if (difference.stderr === null)
    return {
      standing: difference.value! > 0 ? "worse" : "unclear",
      words: `KL of the mix is ${difference.value! > 0 ? "above" : "below"} that of ${uniform.label} by ${amount} nats (${sizes}), measured without an error to judge that by.`,
    };
  if (Math.abs(difference.value!) < TOLD_APART * difference.stderr || difference.value === 0)
    return {
      standing: "unclear",
      words: `The mix and ${uniform.label} cannot be told apart: ${amount} nats between them (${sizes}; ${how}).`,
    };
  if (difference.value! > 0)
    return {
      standing: "worse",
      words: `The mix is worse than ${uniform.label}: its KL is higher by ${amount} nats (${sizes}; ${how}). Take the uniform recipe, or another signal.`,
    };
  const better = `The mix is better than ${uniform.label}, the best uniform recipe of at most its size: its KL is lower by ${amount} nats (${sizes}; ${how}).`;
  const next = nextUniform(points, mix.bits);
  const line = next && uniform.bits !== null ? lineOf({ mix, below: uniform, above: next, paired }) : null;
  if (!line || line.stderr === null) return { standing: "better", words: better };
  const off = writtenText(writeEstimate({ value: Math.abs(line.value!), stderr: line.stderr }));
  if (line.value! > TOLD_APART * line.stderr)
    return {
      standing: "worse",
      words: `The mix is worse than chance: its KL is ${off} nats above the line between ${uniform.label} and ${next!.label}, on which tensors picked blindly would lie at ${bitsWords(mix.bits)} (${how}). Choose by another signal.`,
    };
  return line.value! < -TOLD_APART * line.stderr
    ? { standing: "better", words: `${better} It lies ${off} nats below the line to ${next!.label}.` }
    : {
        standing: "unclear",
        words: `${better} But it cannot be told apart from the line to ${next!.label}, on which tensors picked blindly would lie (${off} nats from it).`,
      };
}

/**
 * KL of the mix less that of the line between two uniform recipes at its size. Where losses add up, giving the larger recipe to tensors
 * that are picked blindly comes out on that line. Its standard error is at most the sum of the two differences', which share windows.
 */
function lineOf(of: {
  mix: MeasuredPoint;
  below: MeasuredPoint;
  above: MeasuredPoint;
  paired: Compared["paired"];
}): Estimate {
  const { mix, below, above, paired } = of;
  const share = (mix.bits! - below.bits!) / (above.bits! - below.bits!);
  const [low, high] = [below, above].map((point) => paired(point) ?? apart(mix.measured!, point.measured!));
  const value = (1 - share) * low.value! + share * high.value!;
  const stderr = low.stderr === null || high.stderr === null ? null : (1 - share) * low.stderr + share * high.stderr;
  return { value, stderr };
}
