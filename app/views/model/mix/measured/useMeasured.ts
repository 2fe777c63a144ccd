/** What was measured of the mix on the screen and of others on its text: points, the verdict, and how far sums are off. */
import { useMemo } from "react";
import type { Estimate } from "../../../../../workers/lm/figures/index.ts";
import { useStoreOf, useWorkbench } from "../../../../state/workbench.ts";
import type { MixInView } from "../panel.ts";
import { type Additivity, additivityOf, additivityWords } from "./additivity.ts";
import { broughtOf, broughtTo } from "./brought.ts";
import { type MeasuredPoint, pointKinds } from "./points.ts";
import { lessMix, pointOf } from "./predicted.ts";
import { measuredOf } from "./store.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

export interface MeasuredMixes {
  /** By kind, then by size. */
  points: readonly MeasuredPoint[];
  verdict: Verdict;
  /** Over the mix and its neighbours. */
  additivity: Additivity | null;
  words: string;
  noise: number | null;
  notes: readonly string[];
  /** Whether an assignment was measured on this text. */
  has(rules: string): boolean;
  difference(point: MeasuredPoint): Estimate | null;
}

const NONE: ReadonlyMap<string, never> = new Map<string, never>();
const order = new Map(pointKinds.map(({ kind }, i) => [kind, i]));

/** @param ground the key of the text that mixes are measured on; null where the model cannot be run here */
export function useMeasured({ source, table, rules, state }: MixInView, ground: string | null): MeasuredMixes {
  const w = useWorkbench();
  const store = useStoreOf(measuredOf(w), (s) => s);
  const { logs } = broughtTo(
    useStoreOf(broughtOf(w), (s) => s),
    source,
  );
  const measured = (ground !== null && store.grounds.get(ground)) || NONE;
  const noise = (ground !== null ? store.noise.get(ground) : undefined) ?? null;
  const notes = (ground !== null ? store.notes.get(ground) : undefined) ?? [];
  return useMemo(() => {
    const own = [...measured.values()].map((one) => pointOf(one, table, rules));
    const points = [...own, ...logs].sort(
      (x, y) => order.get(x.kind)! - order.get(y.kind)! || (x.bits ?? 0) - (y.bits ?? 0),
    );
    const difference = ({ id }: MeasuredPoint) => {
      const one = measured.get(id);
      return one ? lessMix(one, rules) : null;
    };
    const paired = (uniform: MeasuredPoint): Estimate | null => {
      const less = difference(uniform);
      return less?.value == null ? null : { value: -less.value, stderr: less.stderr };
    };
    const mix = own.find(({ kind }) => kind === "mix") ?? null;
    const additivity = additivityOf(
      own.filter(({ kind }) => kind === "mix" || kind === "neighbour"),
      noise,
    );
    return {
      ...{ points, additivity, noise, notes, difference, has: (of: string) => measured.has(of) },
      verdict: verdictOf({ mix, points: own, paired, noise }),
      words: additivityWords(additivity, state.signal === "kl" ? "kl" : "other"),
    };
  }, [measured, logs, table, rules, noise, notes, state.signal]);
}
