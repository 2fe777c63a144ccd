/** An action as an entry of a menu. */
import type { MenuEntry } from "../widgets/menu.ts";
import type { Action } from "./action.ts";
import { keyLabel } from "./keys.ts";

export const entryOf = (action: Action): MenuEntry => ({
  id: action.id,
  label: action.label,
  icon: action.icon,
  shortcut: action.keys?.[0] && keyLabel(action.keys[0]),
  enabled: action.enabled?.() !== false,
  run: action.run,
});
