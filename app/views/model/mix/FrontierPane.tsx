/** The budget: the frontier with the slider under it, what the assignment there comes to, and what cannot be had. */
import { useMemo, useState } from "react";
import { lossError } from "../../../../kernels/allocation/marginal.ts";
import { within } from "../../../../kernels/allocation/types.ts";
import { KEEP } from "../../../../kernels/notation/index.ts";
import { sharesItsSample, signalNamed } from "../../../../kernels/signals/index.ts";
import { formatBytes } from "../../../../workers/bytes/format-bytes.ts";
import { noSum } from "../../../../workers/scores/table.ts";
import { ChartFrame, Nothing } from "../../../charts/ChartFrame.tsx";
import { Button, Choice } from "../../../charts/Controls.tsx";
import { formatCount, formatNumber } from "../../../charts/numbers.ts";
import type { Stale } from "../../../charts/types.ts";
import { useSize } from "../../../charts/useSize.ts";
import { BudgetField } from "./BudgetField.tsx";
import { budgetOfBits, budgetWords, type WholeSize } from "./budget.ts";
import { FreshLine } from "./FreshLine.tsx";
import { FrontierChart } from "./FrontierChart.tsx";
import { MARGIN } from "./frontierAxes.ts";
import type { MixInView } from "./panel.ts";
import { aboveWords, type MixPoint, thinned, usefulRange } from "./points.ts";
import type { PlannedScores } from "./scoring.ts";
import type { MixState } from "./state.ts";

interface Props {
  mix: MixInView;
  /** Bits that the budget allows. */
  budgetBits: number | null;
  /** One recipe for all tensors. */
  uniform: readonly MixPoint[];
  others: readonly MixPoint[];
  /** What scores are asked with. */
  planned: PlannedScores | null;
  comparing: boolean;
  /** Asks other solvers at this budget; null while there is nothing to ask about. */
  onCompare: (() => void) | null;
  stale: Stale | null;
  /** Said where there is no frontier. */
  nothing: string;
  onChange(some: Partial<MixState>, merge?: string): void;
}

/** Rounded up, so that what was pointed at is within the budget. */
const short = (value: number): number => {
  const step = 10 ** (Math.floor(Math.log10(Math.abs(value) || 1)) - 5);
  return Number((Math.ceil(value / step - 1e-9) * step).toPrecision(7));
};

export function FrontierPane({
  mix,
  budgetBits,
  uniform,
  others,
  planned,
  comparing,
  onCompare,
  stale,
  nothing,
  onChange,
}: Props) {
  const { state, frontier, size, table, tensors, point } = mix;
  const [ref, box] = useSize({ width: 520, height: 240 });
  const [read, setRead] = useState<MixPoint | null>(null);
  const points = useMemo(
    () => (table && tensors && size ? [...uniform, ...others] : []),
    [table, tensors, size, uniform, others],
  );
  const loss = lossTitle(state.signal);
  const unsound = mix.scores && noSum(state.signal, mix.scores);
  const setBudget = (value: number) => onChange({ budget: short(Math.max(0, value)) }, "mix budget");
  const unitName = state.unit === "b" ? "b" : "GB";
  const range = useMemo(
    () => (frontier && budgetBits !== null ? usefulRange(frontier.bits, points, KEEP, budgetBits) : null),
    [frontier, points, budgetBits],
  );
  const ends = frontier && size ? [frontier.bits[0], frontier.bits[frontier.bits.length - 1]] : null;
  const changeUnit = (unit: MixState["unit"]) => {
    const budget =
      size && budgetBits !== null && state.budget !== null ? short(budgetOfBits(budgetBits, unit, size)) : null;
    onChange({ unit, budget });
  };
  return (
    <ChartFrame
      chart="mix-frontier"
      title="Frontier"
      description={`The least ${loss} for each size of the whole file, and one recipe for all tensors beside it.`}
      stale={stale}
      minHeight={150}
      controls={
        <>
          <Button
            label="What other ways of choosing come to at this budget"
            disabled={onCompare === null || comparing}
            onClick={() => onCompare?.()}
          >
            {comparing ? "comparing…" : "other solvers"}
          </Button>
          {size && budgetBits !== null && (
            <BudgetField
              unit={unitName}
              value={state.budget ?? short(budgetOfBits(budgetBits, state.unit, size))}
              onCommit={(budget) => onChange({ budget })}
            />
          )}
          <Choice
            label="Unit of the budget"
            value={state.unit}
            options={[
              { value: "b", label: "b", name: "bits a weight of the whole file" },
              { value: "gb", label: "GB", name: "GB of the file and the KV cache" },
            ]}
            onChange={changeUnit}
          />
        </>
      }
      table={() => ({
        caption: "Points of the frontier and beside it",
        columns: ["allocation", "bits a weight", "GB", loss, "above the least, at most"],
        rows:
          frontier && size
            ? [
                ...thinned(frontier.bits, 400).map((p) => [
                  ...[
                    `point ${p + 1}`,
                    budgetOfBits(frontier.bits[p], "b", size),
                    budgetOfBits(frontier.bits[p], "gb", size),
                  ],
                  ...[frontier.loss[p], frontier.gaps[p]],
                ]),
                ...points.map((one) => [
                  ...[one.name, budgetOfBits(one.bits, "b", size), budgetOfBits(one.bits, "gb", size)],
                  ...[one.loss, one.gap],
                ]),
              ]
            : [],
      })}
      footer={
        frontier && size && ends && budgetBits !== null ? (
          <div className="flex flex-col gap-0.5">
            <input
              type="range"
              aria-label="Budget"
              aria-valuetext={`${budgetWords(budgetBits, state.unit, size)}${point >= 0 ? `, ${loss} ${formatNumber(frontier.loss[point], 3)}` : ", below the least"}`}
              className="h-[22px] cursor-pointer accent-(--mark) pointer-coarse:h-11"
              style={{ marginLeft: MARGIN.left - 8, marginRight: MARGIN.right - 6 }}
              min={budgetOfBits(ends[0], state.unit, size)}
              max={budgetOfBits(range?.[1] ?? ends[1], state.unit, size)}
              step="any"
              value={budgetOfBits(budgetBits, state.unit, size)}
              onChange={(event) => setBudget(event.currentTarget.valueAsNumber)}
              onKeyDown={(event) => {
                // A step of the browser's own is a hundredth of all there is: arrows go from point to point.
                const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
                if (by === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
                event.preventDefault();
                const far = (event.shiftKey ? 10 : 1) * Math.max(1, Math.round(frontier.bits.length / 500));
                const to = Math.min(frontier.bits.length - 1, Math.max(0, point + by * far));
                setBudget(budgetOfBits(frontier.bits[to], state.unit, size));
              }}
            />
            <BudgetWords
              mix={mix}
              size={size}
              budgetBits={budgetBits}
              ends={ends}
              read={read}
              loss={loss}
              onBudget={setBudget}
            />
            {unsound !== null && <p className="m-0 text-warn text-xs leading-[15px]">{unsound}</p>}
            {point >= 0 && <FreshLine mix={mix} planned={planned} />}
            {others.length > 0 && <Compared others={others} />}
          </div>
        ) : null
      }
    >
      <div ref={ref} className="absolute inset-0">
        {frontier && size && range && budgetBits !== null ? (
          <FrontierChart
            {...{ frontier, point, points, range, size, box, loss, unit: state.unit, budget: budgetBits }}
            onBudget={setBudget}
            onRead={setRead}
          />
        ) : (
          <Nothing>{nothing}</Nothing>
        )}
      </div>
    </ChartFrame>
  );
}

/** What the sum of a signal is called. */
export const lossTitle = (signal: string): string =>
  signal === "nmse" ? "NMSE of the model" : `sum of ${inSentence(signalNamed(signal)?.title ?? signal)}`;

/** Without its capital, unless it is an abbreviation. */
const inSentence = (title: string): string =>
  /^[A-Z][a-z]/.test(title) ? title[0].toLowerCase() + title.slice(1) : title;

interface WordsProps {
  mix: MixInView;
  size: WholeSize;
  budgetBits: number;
  ends: readonly number[];
  read: MixPoint | null;
  loss: string;
  onBudget(value: number): void;
}

/** What the assignment comes to, or why there is none. */
function BudgetWords({ mix, size, budgetBits, ends, read, loss, onBudget }: WordsProps) {
  const { state, frontier, point } = mix;
  const words = (bits: number) => budgetWords(bits, state.unit, size);
  if (!frontier) return null;
  if (read) {
    return (
      <p className="m-0 min-h-[30px] text-xs leading-[15px]" role="status">
        <code className="font-mono">{read.name}</code> {read.kind === "uniform" ? "for all, whatever the limits" : ""}:{" "}
        {words(read.bits)}, {loss} {formatNumber(read.loss, 3)}
        {read.kind === "solver" &&
          read.gap !== null &&
          (read.gap <= Math.abs(read.loss) * 1e-12
            ? ", as little as can be had"
            : `, ${aboveWords(read.gap, read.loss - read.gap)} above the frontier's`)}
        {read.without > 0 && `; ${formatCount(read.without)} tensors cannot take it and stay as they are`}
        {read.kind === "uniform" && gapWords(read, frontier)}
      </p>
    );
  }
  if (point < 0) {
    return (
      <p className="m-0 min-h-[30px] text-bad text-xs leading-[15px]" role="alert">
        {words(budgetBits)} is below the least that these recipes allow, {words(ends[0])}.{" "}
        <button
          type="button"
          className="cursor-pointer underline"
          onClick={() => onBudget(budgetOfBits(ends[0], state.unit, size))}
        >
          Take the least
        </button>
      </p>
    );
  }
  const bits = frontier.bits[point];
  const scored = mix.tensors ? (bits - size.fixedBits - size.cacheBits) / mix.tensors.totalElements : null;
  const spread = spreadOf(mix);
  const over = budgetBits > ends[1] * (1 + 1e-9);
  return (
    <p className="m-0 min-h-[30px] text-xs leading-[15px]" role="status" data-mix-budget>
      <strong className="font-semibold">{words(bits)}</strong>
      {state.unit === "b" ? ` · ${formatBytes(bits / 8)}` : ` · ${budgetOfBits(bits, "b", size).toFixed(3)} b a weight`}
      {scored !== null && ` · ${scored.toFixed(3)} b in what is chosen for`} · {loss}{" "}
      {formatNumber(frontier.loss[point], 3)}
      {spread !== null && ` ± ${formatNumber(spread, 2)}`}
      <span className="text-muted">
        {" · "}
        {certainty(mix)}
        {over && `; nothing takes more than ${words(ends[1])}: the rest of the budget stays unused`}
      </span>
    </p>
  );
}

/** Half of the 95 % interval of the sum, where rows were sampled or a text was; null where all of it is exact or unknown. */
function spreadOf({ table, assigned, state: { signal } }: MixInView): number | null {
  const error = table && assigned ? lossError(table, assigned, sharesItsSample(signal)) : null;
  return error ? 1.96 * error : null;
}

/** Which other solver comes how near. */
function Compared({ others }: { others: readonly MixPoint[] }) {
  const above = ({ gap, loss }: MixPoint) =>
    gap === null || gap <= Math.abs(loss) * 1e-12 ? "0" : aboveWords(gap, loss - gap);
  return (
    <p className="m-0 line-clamp-2 text-muted text-xs leading-[15px]" data-mix-solvers>
      Above the frontier: {others.map((one) => `${one.name} ${above(one)}`).join(", ")}
    </p>
  );
}

/** How far a loss is above the frontier's at as many bits. */
function gapWords({ bits, loss }: MixPoint, frontier: NonNullable<MixInView["frontier"]>): string {
  const at = within(frontier, bits);
  if (at < 0 || !(frontier.loss[at] < loss)) return "";
  return `; the mix of that size has ${aboveWords(loss - frontier.loss[at], loss)} less`;
}

/** Whether it is the best there is, and how far from it at most. */
function certainty({ frontier, point, size }: MixInView): string {
  if (!frontier || !size) return "";
  const points = `point ${formatCount(point + 1)} of ${formatCount(frontier.bits.length)}`;
  if (frontier.gap === 0) return `${points}, exact`;
  const gap = frontier.gaps[point];
  const share = aboveWords(gap, frontier.loss[point]);
  const step = Number.isFinite(frontier.resolution)
    ? `steps of ${formatBytes(frontier.resolution / 8)}`
    : "corners of the convex hull and what was found between them";
  return `${points}, ${gap === 0 ? "exact here" : `at most ${share} above the least`}, ${step}`;
}
