/** What looks at windows while they pass a layer. */
import type { Site, Taps } from "../../kernels/network/index.ts";
import type { CapturedAttention } from "./capture.ts";
import type { InputSums } from "./sums.ts";

const sumOf = (sums: readonly InputSums[], site: Site): InputSums | undefined =>
  sums.find(({ input }) => input.sites.some(({ name }) => name === site.name));

/** Keeps the inputs of the model as it is, for the cross moment; those of experts have no partners. */
export function rememberTaps(sums: readonly InputSums[], into: Map<string, Float32Array>, signal: AbortSignal): Taps {
  return {
    wants: (site) => site.kind === "input" && site.expert === undefined && sumOf(sums, site) !== undefined,
    async at(site, values) {
      signal.throwIfAborted();
      into.set(site.name, values);
      return undefined;
    },
  };
}

const KEPT: readonly Site["kind"][] = ["queries", "keys", "values"];

/** Adds inputs to their sums, with what they were before where that is known; `attention` takes queries, keys and values. */
export function sumTaps(
  sums: readonly InputSums[],
  before: ReadonlyMap<string, Float32Array>,
  attention: CapturedAttention[] | null,
  signal: AbortSignal,
): Taps {
  return {
    wants: (site) =>
      site.kind === "input" ? sumOf(sums, site) !== undefined : attention !== null && KEPT.includes(site.kind),
    async at(site, values, rows) {
      signal.throwIfAborted();
      if (site.kind === "input") await sumOf(sums, site)!.add(site, values, before.get(site.name));
      else attention!.push({ site, rows, values });
      return undefined;
    },
  };
}
