/** Which signal to trust: chosen by measured single-tensor KL on one text and recipe, judged on another. */
import { useMemo, useState } from "react";
import { signalNamed } from "../../../../../kernels/signals/index.ts";
import type { ScoreFile } from "../../../../../workers/scores/types.ts";
import { DataTable } from "../../../../charts/DataTable.tsx";
import { useStoreOf, useWorkbench } from "../../../../state/workbench.ts";
import { NumberField } from "../../NumberField.tsx";
import type { MixInView } from "../panel.ts";
import { UnderWay } from "../UnderWay.tsx";
import { useGround } from "../useGround.ts";
import { Board, boardWords } from "./Board.tsx";
import { Scatter } from "./Scatter.tsx";
import { leaderboardOf as boardOf, isSameText, type Judge, pairsOf, scoresKl } from "./standings.ts";
import { statisticsOf } from "./statistics.ts";
import { leaderboardOf, measureAll, type Wanted } from "./store.ts";

type Part = "calibrate" | "judge" | "scores";

interface Ask {
  part: Part;
  recipe: string;
}

const partWords: Readonly<Record<Part, string>> = {
  calibrate: "calibration text",
  judge: "held-out text",
  scores: "the text of the scores",
};

/** Recipes that a low and a lower width stand for, where the grid has them. */
function usualRecipes(recipes: readonly string[]): [string, string] {
  const of = (bits: number) =>
    recipes.find((recipe) => recipe.startsWith(`int${bits}/128`)) ??
    recipes.find((recipe) => recipe.startsWith(`int${bits}`));
  const first = of(3) ?? recipes[0];
  return [first, of(2) ?? recipes.find((recipe) => recipe !== first) ?? first];
}

const falls = (signal: string): boolean => signalNamed(signal)?.tells === "fewer bits";

export function LeaderboardPanel({ mix: { scores } }: { mix: MixInView }) {
  if (!scores || scores.recipes.length === 0)
    return <p className="m-0 text-muted text-xs">There are no scores yet: signals are compared once some are there.</p>;
  return <WithScores scores={scores} />;
}

function WithScores({ scores }: { scores: ScoreFile }) {
  const w = useWorkbench();
  const { measured, progress, job, problem } = useStoreOf(leaderboardOf(w), (s) => s);
  const [usualChosen, usualJudged] = usualRecipes(scores.recipes);
  const [chosen, choose] = useState<Ask>({ part: "calibrate", recipe: usualChosen });
  const [judged, judge] = useState<Ask>({ part: "judge", recipe: usualJudged });
  const [cut, setCut] = useState({ windows: 4, length: 128 });
  const [picked, pick] = useState<string | null>(null);
  const own = useMemo(() => scoresKl(scores), [scores]);
  const statistics = useMemo(() => statisticsOf(scores), [scores]);
  const some = { ...cut, stride: 0 };
  const grounds = {
    calibrate: useGround({ ...some, text: "own:calibrate" }),
    judge: useGround({ ...some, text: "own:judge" }),
  };
  const wantedOf = ({ part, recipe }: Ask): Wanted | null => {
    if (part === "scores") return null;
    const { ground, key, words } = grounds[part];
    return ground && { id: `${key} ${recipe}`, ground: { ...ground, definitions: scores.definitions }, recipe, words };
  };
  const known = (ask: Ask): Judge | null => {
    if (ask.part === "scores") return own && { kl: own, recipe: ask.recipe };
    const wanted = wantedOf(ask);
    const kl = wanted && measured.get(wanted.id);
    return kl ? { kl, recipe: ask.recipe } : null;
  };
  const recipes = scores.recipes.includes(chosen.recipe) ? chosen.recipe : usualChosen;
  const asks = [
    { ...chosen, recipe: recipes },
    { ...judged, recipe: scores.recipes.includes(judged.recipe) ? judged.recipe : usualJudged },
  ] as const;
  const [first, second] = asks.map(known);
  const missing = asks.flatMap((ask) => {
    const wanted = wantedOf(ask);
    return known(ask) || !wanted ? [] : [wanted];
  });
  const words = asks.map(({ part, recipe }) => `${partWords[part]} at ${recipe}`);
  const board = useMemo(() => (first && second ? boardOf(scores, first, second, falls) : []), [scores, first, second]);
  const shown = board.some(({ name }) => name === picked) ? picked : (board[0]?.name ?? null);
  const same = asks[0].part === asks[1].part && asks[0].recipe === asks[1].recipe;
  const sameText = isSameText(asks[0].part, asks[1].part, own);
  const why = asks.map(({ part }) => (part === "scores" ? null : grounds[part].why)).find((one) => one != null);
  const count = scores.tensors.length;
  return (
    <div className="@container relative flex flex-col gap-2 text-xs">
      <p className="m-0 text-muted">
        Signals against the KL of the model with one tensor quantized at a time. The best signal is chosen by one
        measurement and judged by another, so that it is not judged by what chose it.
      </p>
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <AskFields name="Chosen on" ask={asks[0]} scores={scores} own={own !== null} onChange={choose} />
        <AskFields name="Judged on" ask={asks[1]} scores={scores} own={own !== null} onChange={judge} />
        <span className="flex items-center gap-1">
          <span aria-hidden="true" className="label">
            windows
          </span>
          <NumberField
            name="Windows of each measurement"
            value={cut.windows}
            least={1}
            onCommit={(windows) => setCut({ ...cut, windows })}
          />
          <span aria-hidden="true" className="label">
            of
          </span>
          <NumberField
            name="Tokens a window of each measurement"
            value={cut.length}
            least={2}
            onCommit={(length) => setCut({ ...cut, length })}
          />
          <span aria-hidden="true" className="label">
            tokens
          </span>
        </span>
        {job ? (
          <UnderWay label="Progress of measuring KL" progress={progress?.now} job={job}>
            {progress?.words}
          </UnderWay>
        ) : (
          missing.length > 0 && (
            <button type="button" className="btn" onClick={() => void measureAll(w, missing)}>
              Measure KL of {count} tensors{missing.length > 1 ? ` ${missing.length} times` : ""}
            </button>
          )
        )}
      </div>
      {why && (
        <p className="m-0 text-warn">
          {why} Single-tensor KL cannot be measured here; scores that hold it can be opened.
        </p>
      )}
      {problem && (
        <p role="status" className="m-0 text-bad">
          {problem}
        </p>
      )}
      {!same && sameText && (
        <p className="m-0 text-warn">
          Both measurements are on the same text: how a signal does on another one is not seen here.
        </p>
      )}
      {same && (
        <p className="m-0 text-warn">
          Both measurements are the same one: this says how the best signal was chosen, and nothing else.
        </p>
      )}
      {first && second ? (
        <>
          <p role="status" className="m-0 font-medium text-ink" data-board-words>
            {boardWords(board, words[0], words[1])}
          </p>
          <div className="grid gap-3 @min-[900px]:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
            <section aria-label="Leaderboard of signals" tabIndex={0} className="scroll-cue overflow-x-auto">
              <Board board={board} chosenOn={words[0]} judgedOn={words[1]} signal={shown} onSignal={pick} />
              <p className="m-0 pt-1 text-[11px] text-muted">
                ρ: Spearman's rank correlation over the tensors that the signal puts on top (20 %, 50 %, all), with its
                95 % interval (Bonett and Wright, 2000). Signals are taken as they are added up.
              </p>
            </section>
            {shown && (
              <div className="h-72">
                <Scatter
                  signal={shown}
                  series={[
                    { label: words[0], pairs: pairsOf(scores, shown, first), mark: "circle" },
                    ...(same
                      ? []
                      : [{ label: words[1], pairs: pairsOf(scores, shown, second), mark: "square" as const }]),
                  ]}
                />
              </div>
            )}
          </div>
        </>
      ) : (
        !job && (
          <p className="m-0 text-muted">
            Not measured yet:{" "}
            {asks
              .map((ask, i) => (known(ask) ? null : words[i]))
              .filter(Boolean)
              .join(", ")}
            .
          </p>
        )
      )}
      {statistics ? (
        <details>
          <summary className="cursor-pointer text-muted">{statistics.caption}</summary>
          <div className="h-64">
            <DataTable data={statistics} />
          </div>
        </details>
      ) : (
        <p className="m-0 text-[11px] text-muted">
          Energy, entropy and cosine between layers (llama-imatrix --show-statistics) stand here where they are scored:
          they need what is known of the inputs.
        </p>
      )}
    </div>
  );
}

function AskFields(props: { name: string; ask: Ask; scores: ScoreFile; own: boolean; onChange(ask: Ask): void }) {
  const { name, ask, scores, own, onChange } = props;
  const parts: Part[] = own ? ["calibrate", "judge", "scores"] : ["calibrate", "judge"];
  return (
    <span className="flex items-center gap-1">
      <span aria-hidden="true" className="label">
        {name.toLowerCase()}
      </span>
      <select
        aria-label={`${name}: text`}
        className="field text-xs"
        value={ask.part}
        onChange={(event) => onChange({ ...ask, part: event.currentTarget.value as Part })}
      >
        {parts.map((part) => (
          <option key={part} value={part}>
            {partWords[part]}
          </option>
        ))}
      </select>
      <select
        aria-label={`${name}: recipe`}
        className="field max-w-40 text-xs"
        value={ask.recipe}
        onChange={(event) => onChange({ ...ask, recipe: event.currentTarget.value })}
      >
        {scores.recipes.map((recipe) => (
          <option key={recipe} value={recipe}>
            {recipe}
          </option>
        ))}
      </select>
    </span>
  );
}
