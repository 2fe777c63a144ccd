/** The bench: a tensor, two recipes, and everything that is known about their error. */
import { type ReactNode, Suspense } from "react";
import { useCharts } from "../../charts/useCharts.ts";
import { RecipePane } from "../../controls/RecipePane.tsx";
import type { Place } from "../../page/panel.ts";
import { useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { SourceProblem } from "../../tensors/SourceProblem.tsx";
import { TensorHead } from "../../tensors/TensorHead.tsx";
import { TensorPane } from "../../tensors/TensorPane.tsx";
import { Welcome } from "../../welcome/Welcome.tsx";
import { Icon } from "../../widgets/icons.tsx";
import { Split } from "../../widgets/Split.tsx";
import { useMedium, useNarrow } from "../../widgets/useMedia.ts";
import { Pane, PlacePane } from "./Panes.tsx";
import { useSeeds } from "./seeds.ts";
import { panelsIn, usePanels, useTall } from "./usePanels.ts";
import { VerdictLine } from "./VerdictLine.tsx";

export function Bench() {
  const { source } = useWorkbench();
  const info = useStoreOf(source.store, (s) => s.info);
  const charts = useCharts();
  const panels = usePanels(charts);
  const tall = useTall();
  const narrow = useNarrow();
  const medium = useMedium();
  useSeeds();
  const marked = charts.highlight?.pinned ?? false;
  const tensors = info ? <TensorPane key={info.id} info={info} /> : <SourceProblem />;
  const recipes = (
    <>
      <RecipePane side="a" />
      <RecipePane side="b" />
    </>
  );

  if (narrow) {
    const ofMark = marked ? panels.filter((panel) => panel.ofMark) : [];
    return (
      <div className="flex flex-col gap-2 p-2">
        <Welcome />
        <details className="pane" open={!info}>
          <summary className="flex min-h-11 cursor-pointer items-center gap-2 px-3 font-semibold">
            <Icon name="chevron" className="text-muted" />
            {info ? `Tensors of ${info.label}` : "Source"}
          </summary>
          <div className={info ? "h-80" : ""}>{tensors}</div>
        </details>
        <TensorHead />
        {recipes}
        <VerdictLine charts={charts} />
        {panels
          .filter((panel) => !ofMark.includes(panel))
          .map((panel) => (
            <Pane key={panel.id} height={panel.phone}>
              <panel.View charts={charts} />
            </Pane>
          ))}
        {ofMark.length > 0 && (
          // Over the charts, within reach of the thumb, for as long as an element is marked.
          <div className="sticky bottom-0 z-30 -mx-2 max-h-[44dvh] overflow-auto rounded-t-lg border-line border-t bg-raised p-2 shadow-[0_-6px_20px_rgb(0_0_0/0.18)]">
            <Suspense fallback={null}>
              {ofMark.map((panel) => (
                <panel.View key={panel.id} charts={charts} />
              ))}
            </Suspense>
          </div>
        )}
      </div>
    );
  }
  const place = (name: Place) => <PlacePane panels={panelsIn(panels, name)} charts={charts} />;
  const besideTensors = (first: number, content: ReactNode) => (
    <div className="flex h-full min-h-0 flex-col">
      <Welcome />
      <Split
        direction="row"
        className="min-h-0 flex-1 px-1.5 pb-1.5"
        initial={first}
        least={[150, 480]}
        first={<div className="pane h-full overflow-hidden">{tensors}</div>}
        second={
          // Where a window is too low for what must be readable, this column scrolls.
          <div className="relative flex h-full min-h-0 flex-col gap-1.5 overflow-x-hidden overflow-y-auto">
            <TensorHead />
            <div className="grid shrink-0 grid-cols-2 gap-1.5">{recipes}</div>
            <VerdictLine charts={charts} />
            {content}
          </div>
        }
      />
    </div>
  );
  if (medium) {
    return besideTensors(
      208,
      <div className="grid shrink-0 grid-cols-2 gap-1.5">
        <Cell height={330}>{place("top left")}</Cell>
        <Cell height={330}>{place("top right")}</Cell>
        <Cell height={336}>{place("side top")}</Cell>
        <Cell height={336}>{place("side bottom")}</Cell>
        <Cell height={280} wide>
          {place("bottom left")}
        </Cell>
        <Cell height={340} wide>
          {place("bottom right")}
        </Cell>
      </div>,
    );
  }
  return besideTensors(
    216,
    <div className="grid min-h-[560px] flex-1">
      <Split
        direction="row"
        sized="second"
        initial={348}
        least={[320, 280]}
        first={
          <Split
            key={tall ? "tall" : "even"}
            direction="column"
            initial={tall ? "64%" : "47%"}
            least={[140, 120]}
            first={<Beside left={place("top left")} right={place("top right")} share="50%" />}
            second={<Beside left={place("bottom left")} right={place("bottom right")} share="42%" />}
          />
        }
        second={
          <Split
            direction="column"
            initial="54%"
            least={[80, 80]}
            first={place("side top")}
            second={place("side bottom")}
          />
        }
      />
    </div>,
  );
}

/** A place of its own height in the column of a small window; wide ones take both columns. */
function Cell({ height, wide = false, children }: { height: number; wide?: boolean; children: ReactNode }) {
  return (
    <div className={`min-w-0 ${wide ? "col-span-2" : ""}`} style={{ height }}>
      {children}
    </div>
  );
}

function Beside({ left, right, share }: { left: ReactNode; right: ReactNode; share: `${number}%` }) {
  return <Split direction="row" initial={share} least={[160, 160]} first={left} second={right} />;
}
