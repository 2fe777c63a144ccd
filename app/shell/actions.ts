/** Everything the page can be told to do, once: buttons, menus, shortcuts and the list of shortcuts are made from this. */
import type { Action } from "../actions/action.ts";
import { pickFiles } from "../files/files.ts";
import { type View, viewOf, withView } from "../page/view.ts";
import { collectKeys } from "../palette/typedAhead.ts";
import { track } from "../state/busy.ts";
import { withRecipe } from "../state/experiment.ts";
import { sides } from "../state/runs.ts";
import { toggleTheme } from "../state/theme.ts";
import { showDialog } from "../state/ui.ts";
import type { Workbench } from "../state/workbench.ts";
import { startAfresh } from "../welcome/startAfresh.ts";
import { showWelcome } from "../welcome/store.ts";

/** What of a result can be had as NumPy's arrays. */
const arrays = [
  { what: "dequantized", label: (side: string) => `Tensor dequantized by ${side}` },
  { what: "codes", label: (side: string) => `Codes of ${side}` },
  { what: "scales", label: (side: string) => `Scales and zero points of ${side}` },
] as const;

function focus(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.focus();
}

/** The actions on one page's state. Tabs, and what can be done in a view, follow from the list of views. */
export function createActions(w: Workbench, views: readonly View[]): Action[] {
  const { timeline, runs, highlight } = w;
  const files = () => viewOf(views, timeline.getState().experiment).files ?? {};
  const exports = () => track(import("../export/exports.ts"));
  const hasResults = () => sides.some((side) => runs.store.getState()[side].shown !== null);
  // The same files of whatever is on the screen.
  const hasFigures = () => files().hasFigures?.(w) ?? hasResults();
  const hasCharts = () => files().hasCharts?.(w) ?? hasResults();
  const figures = (kind: "csv" | "json") => async () => {
    const { saveFigures } = files();
    if (saveFigures) return saveFigures(w, kind);
    (await exports()).exportMetrics(w, kind);
  };
  const charts = (kind: "svg" | "png") => async () => {
    const own = files();
    if (own.saveCharts) return own.saveCharts(w, kind);
    const { captionOf, exportCharts } = await exports();
    await exportCharts(w, captionOf(w, own), kind);
  };
  const open = (folder: boolean) => async () => w.source.openFiles(await pickFiles(folder));

  return [
    { id: "open-files", label: "Open files…", group: "Source", icon: "file", keys: ["o"], run: open(false) },
    { id: "open-folder", label: "Open folder…", group: "Source", icon: "folder", keys: ["shift+o"], run: open(true) },
    {
      id: "compare",
      label: "Compare with another checkpoint…",
      group: "Source",
      icon: "swap",
      keys: ["shift+c"],
      enabled: () => w.source.store.getState().info !== null,
      run: async () => w.others.openFiles(await pickFiles(false)),
    },
    {
      id: "address",
      label: "Open an address…",
      group: "Source",
      icon: "link",
      keys: ["u"],
      run: () => showDialog("address"),
    },
    {
      id: "numbers",
      label: "Type or paste numbers…",
      group: "Source",
      icon: "table",
      keys: ["n"],
      run: () => showDialog("numbers"),
    },
    {
      id: "generator",
      label: "Generate numbers…",
      group: "Source",
      icon: "wave",
      keys: ["g"],
      run: () => showDialog("generator"),
    },
    {
      id: "filter",
      label: "Find a tensor",
      group: "Source",
      icon: "search",
      keys: ["/"],
      run: () => focus("#tensor-filter"),
    },
    {
      id: "afresh",
      label: "Start afresh",
      group: "Source",
      icon: "again",
      run: () => startAfresh(w),
    },
    {
      id: "undo",
      label: "Undo",
      group: "Recipes",
      icon: "undo",
      keys: ["mod+z"],
      enabled: () => timeline.getState().past.length > 0,
      run: () => timeline.undo(),
    },
    {
      id: "redo",
      label: "Redo",
      group: "Recipes",
      icon: "redo",
      keys: ["mod+shift+z", "mod+y"],
      enabled: () => timeline.getState().future.length > 0,
      run: () => timeline.redo(),
    },
    { id: "edit-a", label: "Edit recipe A", group: "Recipes", keys: ["a"], run: () => focus("#recipe-a, #rules-a") },
    { id: "edit-b", label: "Edit recipe B", group: "Recipes", keys: ["b"], run: () => focus("#recipe-b, #rules-b") },
    {
      id: "swap",
      label: "Swap A and B",
      group: "Recipes",
      icon: "swap",
      keys: ["x"],
      run: () => timeline.change((e) => ({ ...e, a: e.b, b: e.a })),
    },
    {
      id: "copy",
      label: "Copy A to B",
      group: "Recipes",
      icon: "copy",
      keys: ["c"],
      enabled: () => timeline.getState().experiment.a !== timeline.getState().experiment.b,
      run: () => timeline.change((e) => withRecipe(e, "b", e.a)),
    },
    {
      id: "definitions",
      label: "Named codebooks…",
      group: "Recipes",
      icon: "table",
      keys: ["d"],
      run: () => showDialog("definitions"),
    },
    {
      id: "cancel",
      label: "Cancel what runs, or release the marked element",
      group: "Recipes",
      icon: "stop",
      keys: ["escape"],
      run: () => {
        const running = runs.running;
        runs.cancel();
        const stopped = views.map((view) => view.cancel?.(w) ?? false);
        if (!running && !stopped.includes(true)) highlight.getState().release();
      },
    },
    {
      id: "again",
      label: "Run what was cancelled",
      group: "Recipes",
      icon: "again",
      keys: ["r"],
      run: () => runs.again(),
    },
    ...views.map(
      (view, i): Action => ({
        id: `tab-${view.id}`,
        label: `Show ${view.label}`,
        group: "View",
        opens: true,
        keys: [String(i + 1)],
        run: () => timeline.change((e) => withView(e, views, view)),
      }),
    ),
    { id: "theme", label: "Switch between light and dark", group: "View", keys: ["t"], run: toggleTheme },
    ...views.flatMap((view) => view.actions?.(w) ?? []),
    {
      id: "share",
      label: "Copy a link to this experiment",
      group: "Export",
      icon: "link",
      keys: ["s"],
      run: () => showDialog("share"),
    },
    {
      id: "file",
      label: "Experiment as a file",
      group: "Export",
      icon: "file",
      run: async () => (await exports()).experimentFile(w),
    },
    {
      id: "csv",
      label: "Metrics as CSV",
      group: "Export",
      keys: ["e"],
      enabled: hasFigures,
      run: figures("csv"),
    },
    { id: "json", label: "Metrics as JSON", group: "Export", enabled: hasFigures, run: figures("json") },
    { id: "svg", label: "Charts as SVG", group: "Export", enabled: hasCharts, run: charts("svg") },
    { id: "png", label: "Charts as PNG", group: "Export", enabled: hasCharts, run: charts("png") },
    {
      id: "export",
      label: "Tensor or checkpoint as a file…",
      group: "Export",
      keys: ["shift+e"],
      enabled: () => w.source.store.getState().status === "open",
      run: () => showDialog("export"),
    },
    {
      id: "code",
      label: "Recipes as code…",
      group: "Export",
      keys: ["p"],
      run: () => showDialog("code"),
    },
    ...sides.flatMap((side) =>
      arrays.map(
        ({ what, label }): Action => ({
          id: `${what}-${side}`,
          label: `${label(side.toUpperCase())} as npy`,
          group: "Export",
          enabled: () => runs.store.getState()[side].shown !== null,
          run: async () => (await exports()).exportTensor(w, side, what),
        }),
      ),
    ),
    {
      id: "palette",
      label: "Find an action, a view or a tensor…",
      group: "Help",
      icon: "search",
      keys: ["mod+k"],
      run: () => {
        collectKeys();
        showDialog("palette");
      },
    },
    {
      id: "welcome",
      label: "Where to start",
      group: "Help",
      run: () => {
        showWelcome(true);
        timeline.change((e) => withView(e, views, views[0]));
      },
    },
    {
      id: "help",
      label: "Help: keys and gestures",
      group: "Help",
      icon: "help",
      keys: ["?"],
      run: () => showDialog("shortcuts"),
    },
  ];
}
