/** One recipe: as text, as controls, and what came of it in three figures. */

import { Suspense } from "react";
import type { Recipe } from "../../kernels/grammar/ast.ts";
import { printRecipe } from "../../kernels/notation/index.ts";
import type { Side } from "../charts/types.ts";
import { EXACT, metricSpecs, metricText } from "../metrics/metrics.ts";
import { withRecipe } from "../state/experiment.ts";
import { givenOf } from "../state/others.ts";
import { CANCELLED, isStale, type SideResult } from "../state/results.ts";
import { standingOf } from "../state/standing.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../state/workbench.ts";
import { Icon } from "../widgets/icons.tsx";
import { LazyMenu } from "../widgets/LazyMenu.tsx";
import { lazyPart } from "../widgets/lazyPart.ts";
import { SideBadge } from "../widgets/SideBadge.tsx";
import { useNarrow } from "../widgets/useMedia.ts";
import { readDefinitions } from "./definitions.ts";
import { examples } from "./examples.ts";
import { OptionsButton } from "./OptionsButton.tsx";
import { parse } from "./parsed.ts";
import { RecipeControls } from "./RecipeControls.tsx";
import { RecipeText } from "./RecipeText.tsx";
import { RecipeWords } from "./RecipeWords.tsx";
import { recipeWords } from "./recipeWords.ts";
import { useDraft } from "./useDraft.ts";

// Few people compare checkpoints in their first minute.
const GivenControls = lazyPart(async () => (await import("./GivenControls.tsx")).GivenControls);

export function RecipePane({ side }: { side: Side }) {
  const { timeline, runs } = useWorkbench();
  const { definitions } = readDefinitions(useExperiment((e) => e.definitions));
  const committed = useExperiment((e) => e[side]);
  const result = useStoreOf(runs.store, (s) => s[side]);
  const draft = useDraft(side, definitions);
  const options = { definitions };
  // Controls show the last recipe that could be read, and edit that.
  const { recipe } = parse(committed, definitions);
  const name = side.toUpperCase();
  const narrow = useNarrow();
  const set = (text: string) => timeline.change((e) => withRecipe(e, side, text));
  const edit = (next: Recipe) => set(printRecipe(next, options));
  const from = givenOf(committed);
  const more = recipe && from === null && (
    <OptionsButton
      name={name}
      q={recipe.quantizer}
      options={options}
      onChange={(quantizer) => edit({ ...recipe, quantizer })}
    />
  );
  const controls =
    from !== null ? (
      <Suspense fallback={null}>
        <GivenControls name={name} index={from} />
      </Suspense>
    ) : (
      recipe && (
        <RecipeControls name={name} recipe={recipe} options={options} onChange={edit}>
          {narrow && more}
        </RecipeControls>
      )
    );
  return (
    <section aria-label={`Recipe ${name}`} className="pane flex min-w-0 flex-col gap-1 px-1.5 py-2">
      <div className="flex items-start gap-2 max-[1199px]:flex-wrap max-[1199px]:items-center">
        <SideBadge side={side} />
        <RecipeText
          side={side}
          draft={draft}
          definitions={definitions}
          problem={result.problem === CANCELLED ? null : result.problem}
          remedies={result.remedies}
          onRemedy={set}
          onAgain={result.again ? () => runs.again() : null}
          state={<RunState side={side} result={result} words={recipe ? recipeWords(recipe, options) : ""} />}
        />
        <span className="flex shrink-0 max-[1199px]:mr-auto">
          <Examples name={name} chosen={committed} onChoose={set} />
          {!narrow && more}
        </span>
        <Figures name={name} result={result} />
      </div>
      {narrow && from === null ? (
        <details>
          <summary className="flex min-h-11 cursor-pointer items-center gap-1.5 text-muted">
            <Icon name="options" />
            Controls of {name}
          </summary>
          {controls}
        </details>
      ) : (
        controls
      )}
    </section>
  );
}

/** Recipes to begin with, for who has not learned the notation yet. */
function Examples(props: { name: string; chosen: string; onChoose: (recipe: string) => void }) {
  return (
    <LazyMenu
      label={`Try an example as ${props.name}`}
      className="btn-quiet px-1.5 text-xs"
      align="end"
      trigger={
        <>
          try
          <Icon name="chevron" className="size-3" />
        </>
      }
      sections={() => [
        {
          label: `Examples for ${props.name}`,
          entries: examples.map(({ recipe, describe }) => ({
            id: recipe,
            label: recipe,
            lines: [describe],
            chosen: recipe === props.chosen,
            enabled: true,
            run: () => props.onChoose(recipe),
          })),
        },
      ]}
    />
  );
}

const [sqnr, bits] = metricSpecs;

function Figures({ name, result }: { name: string; result: SideResult }) {
  const { shown } = result;
  const metrics = shown?.report.metrics;
  const stale = isStale(result);
  const value = (spec: typeof sqnr) => (metrics ? metricText(spec, metrics) : "–");
  const broken = metrics?.broken ?? 0;
  return (
    <p
      className={`relative m-0 flex shrink-0 gap-3 pt-0.5 ${stale ? "text-faint" : ""}`}
      title={stale && shown ? `Of ${shown.report.recipe} on ${shown.report.tensor}` : undefined}
      data-stale={stale}
      data-testid={`figures-${name.toLowerCase()}`}
    >
      {stale && (
        // In a row that is full already it stands above the figures: beside them it would push them down.
        <span className="whitespace-nowrap text-warn text-xs leading-5 min-[860px]:max-[1199px]:absolute min-[860px]:max-[1199px]:-top-2 min-[860px]:max-[1199px]:right-0 min-[860px]:max-[1199px]:text-[10px] min-[860px]:max-[1199px]:leading-[11px]">
          {standingOf(result) === "mistake" ? "last valid" : "old"}
        </span>
      )}
      <span>
        <strong className="font-semibold text-[15px]">{value(bits)}</strong>{" "}
        <span className="text-muted">{bits.unit}</span>
      </span>
      <span>
        <strong className="font-semibold text-[15px]">{value(sqnr)}</strong>{" "}
        {value(sqnr) !== EXACT && <span className="text-muted">{sqnr.unit}</span>}
        {broken > 0 && (
          <span
            className="text-warn text-xs"
            title="Results that are NaN or Inf of finite values: no figure holds them"
          >
            {" "}
            without {broken.toLocaleString("en")} broken
          </span>
        )}
      </span>
    </p>
  );
}

/** Apart from all else, so that nothing else is drawn again each time that a worker tells how far it is. */
function RunProgress({ side }: { side: Side }) {
  const progress = useStoreOf(useWorkbench().runs.progress, (all) => all[side]);
  const part = progress && progress.total > 0 ? Math.min(1, progress.done / progress.total) : null;
  return (
    <>
      <progress className="w-24" value={part ?? undefined} max={1} aria-label="Progress" />
      <span className="truncate">
        {progress?.phase ?? "starting"} {part === null ? "" : `${Math.round(part * 100)} %`}
      </span>
    </>
  );
}

/** A thin line while the workers are busy; else the recipe in words, and what computed it in what time. */
function RunState({ side, result, words }: { side: Side; result: SideResult; words: string }) {
  const { runs } = useWorkbench();
  const { running, shown } = result;
  return (
    // Below the buttons and figures there is room to be read in.
    <div className="flex min-w-0 items-center gap-2 w-[calc(100%+200px)] text-muted max-[1199px]:w-full">
      {running ? (
        <>
          <RunProgress side={side} />
          <button type="button" className="btn btn-quiet min-h-4 px-1.5 py-0 text-xs" onClick={() => runs.cancel()}>
            Cancel (Esc)
          </button>
        </>
      ) : result.problem === CANCELLED ? (
        <>
          <span>Cancelled.</span>
          <button type="button" className="btn btn-quiet min-h-4 px-1.5 py-0 text-xs" onClick={() => runs.again()}>
            <Icon name="again" className="size-3" />
            Run
          </button>
        </>
      ) : shown ? (
        <>
          <RecipeWords words={words} />
          <span className="shrink-0 text-faint">
            {shown.report.backend}, {shown.report.seconds.toFixed(shown.report.seconds < 1 ? 3 : 2)} s
          </span>
        </>
      ) : null}
    </div>
  );
}
