import { afterEach, beforeEach, expect, it, vi } from "vitest";

/** What Node has not: a document's data, the system's wish for dark, the browser's memory. */
function browser(dark: boolean, kept: Record<string, string> = {}) {
  const dataset: { theme?: string } = {};
  const query = Object.assign(new EventTarget(), { matches: dark });
  const memory = new Map(Object.entries(kept));
  vi.stubGlobal("document", { documentElement: { dataset } });
  vi.stubGlobal("matchMedia", (asked: string) => {
    expect(asked).toBe("(prefers-color-scheme: dark)");
    return query;
  });
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => memory.get(key) ?? null,
    setItem: (key: string, value: string) => memory.set(key, value),
  });
  return { dataset, query, memory };
}

beforeEach(() => vi.resetModules());
afterEach(() => vi.unstubAllGlobals());

it.each([
  [false, undefined, "light"],
  [true, undefined, "dark"],
  [true, "light", "light"],
  [false, "dark", "dark"],
  [true, "system", "dark"],
  [true, "purple", "dark"],
])("where the system's is dark: %s, and %s was chosen, the page is %s", async (dark, chosen, theme) => {
  const { dataset } = browser(dark, chosen === undefined ? {} : { "quantscope.theme": chosen });
  const { startTheme } = await import("./theme.ts");
  startTheme();
  expect(dataset.theme).toBe(theme);
});

it("follows the system until someone chooses, and the system's own choice is no choice", async () => {
  const { dataset, query, memory } = browser(false);
  const { startTheme, themeStore, toggleTheme } = await import("./theme.ts");
  startTheme();
  query.matches = true;
  query.dispatchEvent(new Event("change"));
  expect(dataset.theme).toBe("dark");
  toggleTheme();
  expect([dataset.theme, memory.get("quantscope.theme"), themeStore.getState().choice]).toEqual([
    "light",
    "light",
    "light",
  ]);
  query.matches = false;
  query.dispatchEvent(new Event("change"));
  expect(dataset.theme).toBe("light");
  toggleTheme();
  expect([dataset.theme, memory.get("quantscope.theme")]).toEqual(["dark", "dark"]);
  toggleTheme();
  expect([dataset.theme, memory.get("quantscope.theme")]).toEqual(["light", "system"]);
});

it("is light where a browser says nothing and remembers nothing", async () => {
  vi.stubGlobal("localStorage", undefined);
  const { isDark, themeStore } = await import("./theme.ts");
  const { recall, remember } = await import("./storage.ts");
  expect([themeStore.getState().choice, isDark("system"), isDark("dark"), isDark("light")]).toEqual([
    "system",
    false,
    true,
    false,
  ]);
  expect([recall("x"), remember("x", "y")]).toEqual([null, false]);
  browser(false);
  expect([remember("x", "y"), recall("x")]).toEqual([true, "y"]);
});
