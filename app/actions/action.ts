/** What the page can be told to do. Buttons, menus, shortcuts and the list of shortcuts are made from lists of these. */
import type { IconName } from "../widgets/icons.tsx";

export interface Action {
  id: string;
  label: string;
  group: "Source" | "Recipes" | "View" | "Export" | "Help";
  icon?: IconName;
  /** It opens a view rather than does something. */
  opens?: boolean;
  /** Shortcuts such as `mod+z` (mod is Control, or Command on a Mac), `?`, `alt+arrowleft`. */
  keys?: readonly string[];
  enabled?: () => boolean;
  run: () => void;
}

/** The action of an id; the list is complete, so a missing one is a mistake of the page. */
export function actionOf(actions: readonly Action[], id: string): Action {
  const found = actions.find((action) => action.id === id);
  if (!found) throw new Error(`There is no action “${id}”.`);
  return found;
}
