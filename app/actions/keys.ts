/** Keys that do what the page can be told to do, and how they are written. */
import { uiStore } from "../state/ui.ts";
import type { Action } from "./action.ts";

const isMac = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);
const keyNames: Record<string, string> = {
  mod: isMac ? "⌘" : "Ctrl",
  shift: "Shift",
  alt: isMac ? "⌥" : "Alt",
  escape: "Esc",
  arrowleft: "←",
  arrowright: "→",
  arrowup: "↑",
  arrowdown: "↓",
};

/** `mod+shift+z` as people read it. */
export const keyLabel = (keys: string): string =>
  keys
    .split("+")
    .map((k) => keyNames[k] ?? k.toUpperCase())
    .join(" ");

function chordOf(event: KeyboardEvent): string {
  const key = event.key.toLowerCase();
  const letter = /^[a-z]$/.test(key);
  const parts = [event.ctrlKey || event.metaKey ? "mod" : "", event.altKey ? "alt" : ""];
  // Shift is part of a sign such as ? already.
  if (event.shiftKey && (letter || key.length > 1)) parts.push("shift");
  return [...parts, key].filter(Boolean).join("+");
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button])"));

/** What no field needs for itself. */
const EVERYWHERE = ["escape", "mod+k"];

/** Listens for shortcuts. Keys typed into a field stay there, these two apart. */
export function startShortcuts(actions: readonly Action[]): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || uiStore.getState().dialog) return;
    // An open menu or popover has the keyboard to itself.
    if (event.target instanceof Element && event.target.closest("[role=menu], [role=dialog]")) return;
    const chord = chordOf(event);
    if (isTyping(event.target) && !EVERYWHERE.includes(chord)) return;
    const action = actions.find((a) => a.keys?.includes(chord));
    if (!action || action.enabled?.() === false) return;
    event.preventDefault();
    action.run();
  };
  window.addEventListener("keydown", onKey);
  return () => window.removeEventListener("keydown", onKey);
}
