/** What the mix comes to on rows that did not choose it, asked for by a click: it reads as much again. */

import { formatCount, formatNumber } from "../../../charts/numbers.ts";
import { useStoreOf, useWorkbench } from "../../../state/workbench.ts";
import { freshKey, isSampled, measureFresh } from "./fresh.ts";
import type { MixInView } from "./panel.ts";
import type { PlannedScores } from "./scoring.ts";
import { mixStoreOf } from "./store.ts";

export function FreshLine({ mix, planned }: { mix: MixInView; planned: PlannedScores | null }) {
  const w = useWorkbench();
  const { fresh, refreshing, version, frontier: found } = useStoreOf(mixStoreOf(w), (s) => s);
  const { scores, assigned, state, point } = mix;
  if (!scores || !assigned || !planned || state.signal !== "nmse" || !isSampled(scores)) return null;
  const key = freshKey(version, found?.key ?? null, point);
  const known = fresh?.key === key ? fresh.loss : null;
  const figure = (value: number, error: number) => `${formatNumber(value, 3)} ± ${formatNumber(1.96 * error, 2)}`;
  return (
    <p className="m-0 text-xs leading-[15px]" data-mix-fresh>
      {known ? (
        <>
          On fresh rows {figure(known.fresh, known.freshError)}, on those that chose it{" "}
          {figure(known.chosen, known.chosenError)}
          <span className="text-muted">
            {" "}
            (95 %; {formatCount(known.tensors)} tensors
            {known.whole > 0 && `, ${formatCount(known.whole)} were read whole`})
          </span>
        </>
      ) : refreshing ? (
        <button type="button" className="cursor-pointer underline" onClick={() => refreshing.abort()}>
          Stop measuring on fresh rows
        </button>
      ) : (
        <button
          type="button"
          className="cursor-pointer underline"
          title="Rows that did not choose the mix judge it without favour. It reads as much again."
          onClick={() => void measureFresh(w, key, scores, planned.request, assigned.choice)}
        >
          Measure it on fresh rows
        </button>
      )}
    </p>
  );
}
