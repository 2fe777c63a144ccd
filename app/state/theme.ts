/** Light or dark: follows the system until someone chooses, and remembers the choice. */
import { createStore } from "zustand/vanilla";
import { recall, remember } from "./storage.ts";

export type ThemeChoice = "system" | "light" | "dark";
const KEY = "quantscope.theme";
const choices: readonly ThemeChoice[] = ["system", "light", "dark"];

const stored = recall(KEY);
const first = choices.find((c) => c === stored) ?? "system";
export const themeStore = createStore<{ choice: ThemeChoice }>(() => ({ choice: first }));

const darkQuery = typeof matchMedia === "undefined" ? null : matchMedia("(prefers-color-scheme: dark)");

export function isDark(choice: ThemeChoice): boolean {
  return choice === "dark" || (choice === "system" && (darkQuery?.matches ?? false));
}

function apply(): void {
  document.documentElement.dataset.theme = isDark(themeStore.getState().choice) ? "dark" : "light";
}

/** Puts the theme on the document and keeps it there. */
export function startTheme(): void {
  apply();
  darkQuery?.addEventListener("change", apply);
  themeStore.subscribe(apply);
}

/** Switches to the other theme than the one on screen; the one that is the system's own is remembered as "system". */
export function toggleTheme(): void {
  const dark = !isDark(themeStore.getState().choice);
  const choice: ThemeChoice = dark === (darkQuery?.matches ?? false) ? "system" : dark ? "dark" : "light";
  remember(KEY, choice);
  themeStore.setState({ choice });
}
