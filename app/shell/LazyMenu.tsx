/** A menu behind a button. The button is there at once; the machinery of the menu is loaded when it is first asked for. */
import { type ReactNode, Suspense, useState } from "react";
import type { Action } from "./actions.ts";
import type { IconName } from "./icons.tsx";
import { lazyPart } from "./lazyPart.ts";

export interface MenuEntry {
  id: string;
  label: string;
  icon?: IconName;
  /** Further lines under the label. */
  lines?: readonly string[];
  /** As people read it. */
  shortcut?: string;
  chosen?: boolean;
  enabled: boolean;
  run: () => void;
}

export interface MenuSection {
  label: string | null;
  entries: readonly MenuEntry[];
}

export interface MenuProps {
  label: string;
  trigger: ReactNode;
  className?: string;
  align?: "start" | "end";
  /** Asked for when the menu is open. */
  sections: () => readonly MenuSection[];
}

const OpenMenu = lazyPart(async () => (await import("./OpenMenu.tsx")).OpenMenu);

export function LazyMenu(props: MenuProps) {
  const [wanted, setWanted] = useState(false);
  const button = (
    <button
      type="button"
      className={`btn ${props.className ?? ""}`}
      aria-label={props.label}
      title={props.label}
      aria-haspopup="menu"
      aria-expanded={wanted}
      onClick={() => setWanted(true)}
      onKeyDown={(event) => event.key === "ArrowDown" && setWanted(true)}
    >
      {props.trigger}
    </button>
  );
  if (!wanted) return button;
  return (
    <Suspense fallback={button}>
      <OpenMenu {...props} />
    </Suspense>
  );
}

export const entryOf = (action: Action, keyLabel: (keys: string) => string): MenuEntry => ({
  id: action.id,
  label: action.label,
  icon: action.icon,
  shortcut: action.keys?.[0] && keyLabel(action.keys[0]),
  enabled: action.enabled?.() !== false,
  run: action.run,
});
