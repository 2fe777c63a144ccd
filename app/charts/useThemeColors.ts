import { useSyncExternalStore } from "react";

/** Colours of theme.css that canvases need as values; SVG takes the variables themselves. */
const NAMES = ["--a", "--b", "--mark", "--panel", "--surface", "--ink", "--muted", "--line", "--grid"] as const;
export type ThemeColors = Record<(typeof NAMES)[number], string>;

let cached: { key: string; colors: ThemeColors } | null = null;

function read(): ThemeColors {
  const style = getComputedStyle(document.documentElement);
  const values = NAMES.map((name) => style.getPropertyValue(name).trim());
  const key = values.join();
  if (cached?.key !== key)
    cached = { key, colors: Object.fromEntries(NAMES.map((name, i) => [name, values[i]])) as ThemeColors };
  return cached.colors;
}

function subscribe(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class", "style"] });
  return () => observer.disconnect();
}

const none = Object.fromEntries(NAMES.map((name) => [name, "#808080"])) as ThemeColors;

/** The theme's colours as they are now; changes when the theme does. */
export const useThemeColors = (): ThemeColors => useSyncExternalStore(subscribe, read, () => none);
