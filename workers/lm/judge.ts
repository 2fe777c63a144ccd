import type { Hidden, Network } from "../../kernels/network/index.ts";
import type { TextWindow } from "../models/text/windows.ts";
import { baseRows, lossRows, noChoices } from "./figures/distribution.ts";
import { compareRows, emptySide } from "./figures/rows.ts";
import type { WindowBase, WindowSide } from "./request.ts";
import type { Stream } from "./streams.ts";

/** Logits that are held at a time for each stream: whole ones of a large vocabulary would be gigabytes. */
const PIECE = 2 ** 21;

/** A stream with a window that has passed all its layers. */
export interface Passed {
  network: Network;
  stream: Stream;
  hidden: Hidden;
}

/** What is known of the model as it is. */
export type JudgedBase = Pick<WindowBase, "nll" | "choices">;

export interface Judged {
  base: JudgedBase;
  /** In the order of `others`. */
  sides: WindowSide[];
}

/** Compares what recipes predict with what the model as it is does, a few rows of logits at a time. */
export async function judge(
  { from, targets }: Pick<TextWindow, "from" | "targets">,
  base: Passed,
  others: readonly Passed[],
  pace: () => Promise<void>,
): Promise<Judged> {
  const { vocabulary } = base.network.architecture;
  const step = Math.max(1, Math.floor(PIECE / vocabulary));
  const nll = new Float64Array(targets.length);
  const choices = noChoices(targets.length);
  const sides = others.map(() => emptySide(targets.length));
  const logits = async ({ network, stream, hidden }: Passed, at: number, end: number) => {
    const made = await network.logits(stream.weights("ends"), hidden, from + at, from + end, stream.taps("ends"));
    await pace();
    return made;
  };
  for (let at = 0; at < targets.length; at += step) {
    const end = Math.min(targets.length, at + step);
    const own = targets.subarray(at, end);
    const rows = baseRows(await logits(base, at, end), vocabulary);
    nll.set(lossRows(rows, own, vocabulary), at);
    choices.tokens.set(rows.choices.tokens, at);
    choices.p.set(rows.choices.p, at);
    await pace();
    for (const [i, other] of others.entries()) {
      compareRows(rows, await logits(other, at, end), own, vocabulary, sides[i], at);
      await pace();
    }
  }
  return { base: { nll, choices }, sides };
}
