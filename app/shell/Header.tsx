/** Name, source, views, and what can be done with the whole experiment. On a phone the views and actions sit at the bottom. */

import { type Action, actionOf } from "../actions/action.ts";
import { entryOf } from "../actions/menu.ts";
import { useView, useViews, withView } from "../page/view.ts";
import { isDark, themeStore } from "../state/theme.ts";
import { useStoreOf, useWorkbench } from "../state/workbench.ts";
import { Icon } from "../widgets/icons.tsx";
import { LazyMenu } from "../widgets/LazyMenu.tsx";
import { menuHome } from "../widgets/menuHome.ts";
import { useNarrow } from "../widgets/useMedia.ts";
import { ActionButton } from "./ActionButton.tsx";
import { SourceMenu } from "./SourceMenu.tsx";

interface Props {
  actions: readonly Action[];
}

export function Header({ actions }: Props) {
  const narrow = useNarrow();
  return (
    <header className="flex h-11 shrink-0 items-center gap-2 px-2.5 pointer-coarse:h-14 max-[999px]:gap-1">
      <h1 className="m-0 flex items-center gap-2 font-semibold text-[15px]">
        <Logo />
        <span className="max-[999px]:sr-only">Quantscope</span>
      </h1>
      <SourceMenu actions={actions} />
      <span className="flex-1" />
      {!narrow && <Views />}
      {!narrow && <span className="flex-1" />}
      <ActionButton action={actionOf(actions, "palette")} />
      {!narrow && <ActionButton action={actionOf(actions, "undo")} />}
      {!narrow && <ActionButton action={actionOf(actions, "redo")} />}
      <ExportMenu actions={actions} />
      <ThemeButton action={actionOf(actions, "theme")} />
      <ActionButton action={actionOf(actions, "help")} />
      {!narrow && <ActionButton action={actionOf(actions, "share")} text="Share" className="btn-main" />}
      <div ref={menuHome} />
    </header>
  );
}

/** The bar within reach of the thumb. Views that do not fit are a swipe away. */
export function BottomBar({ actions }: Props) {
  return (
    <footer className="flex shrink-0 items-center justify-between gap-1 border-line border-t bg-panel px-2 pt-1 pb-[max(4px,env(safe-area-inset-bottom))]">
      <Views />
      <span className="flex">
        {["undo", "redo", "share"].map((id) => (
          <ActionButton key={id} action={actionOf(actions, id)} />
        ))}
      </span>
    </footer>
  );
}

function Views() {
  const { timeline } = useWorkbench();
  const views = useViews();
  const shown = useView();
  return (
    <nav aria-label="Views" className="flex min-w-0 gap-0.5 overflow-x-auto [scrollbar-width:none]">
      {views.map((view) => (
        <button
          key={view.id}
          type="button"
          aria-current={shown === view ? "page" : undefined}
          className={`btn btn-quiet shrink-0 rounded-none max-[430px]:px-1.5 border-0 border-b-2 ${shown === view ? "border-accent font-semibold text-ink" : "border-transparent"}`}
          onClick={() => timeline.change((e) => withView(e, views, view))}
        >
          {view.label}
        </button>
      ))}
    </nav>
  );
}

function ExportMenu({ actions }: Props) {
  return (
    <LazyMenu
      label="Export"
      className="btn-quiet"
      align="end"
      sections={() => [
        {
          label: null,
          entries: actions.filter((a) => a.group === "Export" && a.id !== "share").map((a) => entryOf(a)),
        },
      ]}
      trigger={
        <>
          <Icon name="download" />
          <span className="max-[999px]:hidden">Export</span>
        </>
      }
    />
  );
}

function ThemeButton({ action }: { action: Action }) {
  const dark = isDark(useStoreOf(themeStore, (s) => s.choice));
  return <ActionButton action={action} icon={dark ? "sun" : "moon"} />;
}

/** A wave and the steps that stand for it. */
export function Logo() {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" fill="none" strokeWidth="1.8">
      <path d="M1 10c3-9 6-9 9 0s6 9 9 0" stroke="var(--a)" />
      <path d="M1 8h2.5V4H8v6h4v6h4.500v-4H19" stroke="var(--b)" />
    </svg>
  );
}
