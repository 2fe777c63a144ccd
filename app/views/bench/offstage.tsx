/** Charts that a pane has no room for, drawn beside the screen for as long as they are exported. */
import { Suspense } from "react";
import { createRoot } from "react-dom/client";
import { useCharts } from "../../charts/useCharts.ts";
import { figuresShown } from "../../export/exports.ts";
import type { Panel } from "../../page/panel.ts";
import { type Workbench, WorkbenchContext } from "../../state/workbench.ts";
import { panelsFor } from "./usePanels.ts";

/** Room for all charts of a panel, as large as on a large screen. */
const [WIDTH, HEIGHT] = [960, 760];
const LONGEST_MS = 10_000;

const nameOf = (figure: HTMLElement): string => figure.dataset.chart ?? "";

function Offstage({ panel }: { panel: Panel }) {
  return <panel.View charts={useCharts()} />;
}

/** Gives `use` the figures on the screen and after them those of the panels that are not. They are gone when it is done. */
export async function withAllCharts<T>(w: Workbench, use: (figures: HTMLElement[]) => Promise<T>): Promise<T> {
  const shown = figuresShown();
  const missing = (panel: Panel) =>
    (panel.figures ?? []).filter((name) => !shown.some((figure) => nameOf(figure) === name));
  const hidden = panelsFor(w).filter((panel) => missing(panel).length > 0);
  if (hidden.length === 0) return use(shown);
  const stages = hidden.map((panel) => {
    const place = document.createElement("div");
    place.inert = true;
    place.style.cssText = `position: fixed; left: -10000px; top: 0; width: ${WIDTH}px; height: ${HEIGHT}px`;
    document.body.append(place);
    const root = createRoot(place);
    root.render(
      <WorkbenchContext.Provider value={w}>
        <Suspense fallback={null}>
          <Offstage panel={panel} />
        </Suspense>
      </WorkbenchContext.Provider>,
    );
    return { panel, place, root };
  });
  try {
    const drawing = stages.map(({ panel, place }) => drawn(place, missing(panel)));
    return await use([...shown, ...(await Promise.all(drawing)).flat()]);
  } finally {
    for (const { place, root } of stages) {
      root.unmount();
      place.remove();
    }
  }
}

/** Resolves with the figures of those names once each has its size and its drawing. */
async function drawn(place: HTMLElement, names: readonly string[]): Promise<HTMLElement[]> {
  const until = performance.now() + LONGEST_MS;
  for (;;) {
    const figures = [...place.querySelectorAll<HTMLElement>("figure[data-chart]")];
    const wanted = figures.filter((figure) => names.includes(nameOf(figure)));
    if (wanted.length === names.length || performance.now() > until) {
      // What was measured in this frame is drawn in the next.
      await frame();
      await frame();
      return wanted;
    }
    await frame();
  }
}

const frame = () => new Promise((next) => requestAnimationFrame(next));
