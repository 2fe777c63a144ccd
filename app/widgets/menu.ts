/** What a menu is made of. */
import type { ReactNode } from "react";
import type { IconName } from "./icons.tsx";

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
  /** Open from the beginning: whoever put it there was asked for it. */
  atOnce?: boolean;
  /** Asked for when the menu is open. */
  sections: () => readonly MenuSection[];
}
