/** Charts that a low pane has no room for, drawn beside the screen for as long as they are exported. */
import { createRoot } from "react-dom/client";
import { type Workbench, WorkbenchContext } from "../state/workbench.ts";
import { CodesPanel } from "../views/bench/Panels.tsx";
import { useCharts } from "../views/bench/useCharts.ts";

/** The charts of which a pane shows two at a time. */
const PAIRED: readonly string[] = ["scales", "codes", "errors", "concentration"];
/** Room for all four, as large as on a large screen. */
const [WIDTH, HEIGHT] = [960, 760];
const LONGEST_MS = 10_000;

const nameOf = (figure: HTMLElement): string => figure.dataset.chart ?? "";

function Offstage() {
  return <CodesPanel charts={useCharts()} />;
}

/**
 * Gives `use` the figures on the screen and after them those of the bench that are not. They are gone when it is done.
 */
export async function withAllCharts<T>(w: Workbench, use: (figures: HTMLElement[]) => Promise<T>): Promise<T> {
  const shown = [...document.querySelectorAll<HTMLElement>("figure[data-chart]")];
  const missing = PAIRED.filter((name) => !shown.some((figure) => nameOf(figure) === name));
  if (w.timeline.getState().experiment.look.tab !== "bench" || missing.length === 0) return use(shown);
  const place = document.createElement("div");
  place.inert = true;
  place.style.cssText = `position: fixed; left: -10000px; top: 0; width: ${WIDTH}px; height: ${HEIGHT}px`;
  document.body.append(place);
  const root = createRoot(place);
  root.render(
    <WorkbenchContext.Provider value={w}>
      <Offstage />
    </WorkbenchContext.Provider>,
  );
  try {
    return await use([...shown, ...(await drawn(place, missing))]);
  } finally {
    root.unmount();
    place.remove();
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
