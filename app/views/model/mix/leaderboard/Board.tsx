/** Signals by how they order tensors against measured KL, on the measurement that chose and on the one that judges. */
import { signalNamed } from "../../../../../kernels/signals/index.ts";
import { TOP_SHARES } from "../../../../../kernels/signals/rank.ts";
import type { Ranked, Standing } from "./standings.ts";

const SHARES = TOP_SHARES.map((share) => `${Math.round(100 * share)} %`);

export const titleOf = (name: string): string => signalNamed(name)?.title ?? name;

const written = (x: number): string =>
  x
    .toFixed(2)
    .replace(/^-(?=0\.00$)/, "")
    .replace("-", "−");

interface Props {
  board: readonly Ranked[];
  /** Words for the two measurements. */
  chosenOn: string;
  judgedOn: string;
  /** The signal whose scatter is shown. */
  signal: string | null;
  onSignal(name: string): void;
}

export function Board({ board, chosenOn, judgedOn, signal, onSignal }: Props) {
  return (
    <table className="w-full border-collapse text-xs" data-leaderboard>
      <caption className="sr-only">
        Spearman's rank correlation of signals with measured KL, over the tensors that each signal puts on top
      </caption>
      <thead className="text-muted">
        <tr>
          <th scope="col" rowSpan={2} className="px-1 text-left align-bottom font-normal">
            signal
          </th>
          <th scope="colgroup" colSpan={SHARES.length + 1} className="border-grid border-l px-1 text-left font-normal">
            chosen on {chosenOn}
          </th>
          <th scope="colgroup" colSpan={SHARES.length + 1} className="border-grid border-l px-1 text-left font-normal">
            judged on {judgedOn}
          </th>
        </tr>
        <tr className="text-right">
          {["chosen", "judged"].map((which) =>
            [...SHARES.map((share) => `ρ at ${share}`), "pairs"].map((label, i) => (
              <th
                key={`${which} ${label}`}
                scope="col"
                className={`px-1 font-normal ${i === 0 ? "border-grid border-l" : ""}`}
              >
                {label}
              </th>
            )),
          )}
        </tr>
      </thead>
      <tbody>
        {board.map(({ name, chosen, judged }, i) => (
          <tr key={name} className="border-grid border-t text-right" data-signal={name}>
            <th scope="row" className="px-1 text-left font-normal">
              <button
                type="button"
                className={`chip ${i === 0 ? "font-semibold" : ""}`}
                aria-pressed={name === signal}
                title={signalNamed(name)?.says}
                onClick={() => onSignal(name)}
              >
                {titleOf(name)}
              </button>
            </th>
            <Cells of={chosen} />
            <Cells of={judged} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cells({ of }: { of: Standing }) {
  return (
    <>
      {of.at.map((one, i) => (
        <td
          key={SHARES[i]}
          className={`whitespace-nowrap px-1 ${i === 0 ? "border-grid border-l" : ""}`}
          title={one.why ?? `over ${one.over} tensors`}
        >
          {one.value === null ? "–" : written(one.value)}
          {i === of.at.length - 1 && of.interval && (
            <span className="text-muted"> ({of.interval.map(written).join(" to ")})</span>
          )}
        </td>
      ))}
      <td
        className="whitespace-nowrap px-1"
        title={of.leftOut > 0 ? `${of.leftOut} tensors have no figure` : undefined}
      >
        {of.pairs}
        {of.leftOut > 0 && <span className="text-warn"> −{of.leftOut}</span>}
      </td>
    </>
  );
}

/** What the board says in sentences: the best signal, and what became of it on the other measurement. */
export function boardWords(board: readonly Ranked[], chosenOn: string, judgedOn: string): string {
  const [best] = board;
  const over = (of: Standing) => of.at[of.at.length - 1];
  const chosen = best && over(best.chosen);
  if (!best || !chosen || chosen.value === null)
    return "No signal has a rank correlation with the KL that was measured.";
  const judged = over(best.judged);
  const rest =
    judged.value === null
      ? `On ${judgedOn} it has none: ${judged.why}.`
      : `Judged on ${judgedOn}: ${written(judged.value)} over ${best.judged.pairs} tensors.`;
  const field = board.length === 1 ? "the only signal" : `the best of ${board.length} signals`;
  return `${titleOf(best.name)} is ${field} on ${chosenOn}: ρ ${written(chosen.value)} over ${best.chosen.pairs} tensors. ${rest}`;
}
