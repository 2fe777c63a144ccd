/**
 * What looks at windows while they pass a layer. A network adds in another order where it is looked at in other places: so a capture
 * always looks at the same ones, whatever it keeps of them, and gives the same bytes in one pass and in several.
 */
import type { Site, Taps } from "../../kernels/network/index.ts";
import type { CapturedAttention } from "./capture.ts";
import type { InputSums } from "./sums.ts";

const KEPT: readonly Site["kind"][] = ["queries", "keys", "values"];

/** Every input, and queries, keys and values of the first window; `at` sees those that are kept. */
function tapsOf(window: number, signal: AbortSignal, at: (...seen: Parameters<Taps["at"]>) => Promise<void>): Taps {
  return {
    wants: ({ kind }) => kind === "input" || (window === 0 && KEPT.includes(kind)),
    async at(...seen) {
      signal.throwIfAborted();
      await at(...seen);
      return undefined;
    },
  };
}

const sumOf = (sums: readonly InputSums[], { name }: Site): InputSums | undefined =>
  sums.find(({ input }) => input.sites.some((site) => site.name === name));

/** Keeps nothing. */
export const lookTaps = (window: number, signal: AbortSignal): Taps => tapsOf(window, signal, async () => {});

/** Keeps the inputs of the model as it is, for the cross moment; those of experts have no partners. */
export const rememberTaps = (
  window: number,
  sums: readonly InputSums[],
  into: Map<string, Float32Array>,
  signal: AbortSignal,
): Taps =>
  tapsOf(window, signal, async (site, values) => {
    if (site.kind === "input" && site.expert === undefined && sumOf(sums, site)) into.set(site.name, values);
  });

/** Adds inputs to their sums, with what they were before where that is known; `attention` takes queries, keys and values. */
export const sumTaps = (
  window: number,
  sums: readonly InputSums[],
  before: ReadonlyMap<string, Float32Array>,
  attention: CapturedAttention[] | null,
  signal: AbortSignal,
): Taps =>
  tapsOf(window, signal, async (site, values, rows) => {
    if (site.kind === "input") await sumOf(sums, site)?.add(site, values, before.get(site.name));
    else attention?.push({ site, rows, values });
  });
