/** What this page is, in a sentence, and three experiments to start from. One line on a desk, until it is put away. */

import { same } from "../state/experiment.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../state/workbench.ts";
import { Icon } from "../widgets/icons.tsx";
import { starts } from "./experiments.ts";
import { showWelcome, welcomeStore } from "./store.ts";

export function Welcome() {
  const { timeline } = useWorkbench();
  const shown = useStoreOf(welcomeStore, (s) => s.shown);
  const experiment = useExperiment((e) => e);
  if (!shown) return null;
  return (
    <section
      aria-label="Where to start"
      className="relative flex shrink-0 flex-wrap items-center gap-x-2 gap-y-1 px-3 pb-1.5 pr-9 max-[859px]:px-1 max-[859px]:pr-12"
    >
      <p className="m-0 mr-1 text-muted">
        See what a number format does to a tensor: recipe A beside B, computed on your machine. Try
      </p>
      {/* On a phone one row that scrolls sideways: the figures below stay in sight. */}
      <div className="flex min-w-0 flex-wrap gap-x-2 gap-y-1 max-[859px]:-mr-10 max-[859px]:w-[calc(100%+40px)] max-[859px]:flex-nowrap max-[859px]:overflow-x-auto [scrollbar-width:none]">
        {starts.map(({ id, label, describe, experiment: start }) => {
          const here = isShown(experiment, start);
          return (
            <button
              key={id}
              type="button"
              title={describe}
              aria-current={here || undefined}
              className={`btn min-h-[22px] shrink-0 rounded-full px-2.5 text-xs pointer-coarse:min-h-11 ${here ? "border-accent text-accent" : ""}`}
              onClick={() => timeline.change(() => start)}
            >
              {label}
            </button>
          );
        })}
      </div>
      <button
        type="button"
        className="btn btn-quiet absolute top-0 right-1.5 min-h-[22px] px-1 pointer-coarse:min-h-11 pointer-coarse:min-w-11"
        aria-label="Put away where to start"
        title="Put away; Help brings it back"
        onClick={() => showWelcome(false)}
      >
        <Icon name="close" />
      </button>
    </section>
  );
}

type Experiment = (typeof starts)[number]["experiment"];

/** The same values under the same recipes; which tensor opened, and how one looks at it, does not matter. */
const isShown = (now: Experiment, start: Experiment): boolean =>
  now.a === start.a && now.b === start.b && same(now.source, start.source);
