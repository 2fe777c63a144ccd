/** Everything the page can be told to do, once: buttons, menus, shortcuts and the list of shortcuts are made from this. */
import type { Action } from "../actions/action.ts";
import { pickFiles } from "../files/files.ts";
import { collectKeys } from "../palette/typedAhead.ts";
import { track } from "../state/busy.ts";
import { type Tab, tabs, withLook, withRecipe } from "../state/experiment.ts";
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

export const tabLabels: Record<Tab, string> = { bench: "Bench", sweep: "Sweep", formats: "Formats" };

function focus(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.focus();
}

/** The actions on one page's state. */
export function createActions(w: Workbench): Action[] {
  const { timeline, runs, highlight, sweep } = w;
  const onSweep = () => timeline.getState().experiment.look.tab === "sweep";
  const sweeps = () => track(import("../views/sweep/exports.ts"));
  const bench = () => track(import("../export/exports.ts"));
  // The same files of whatever is on the screen.
  const has = () =>
    onSweep()
      ? (sweep.getState().run?.points.length ?? 0) > 0
      : runs.store.getState().a.shown !== null || runs.store.getState().b.shown !== null;
  // Formats has charts whatever the Bench has.
  const hasCharts = () => timeline.getState().experiment.look.tab === "formats" || has();
  const metrics = (kind: "csv" | "json") => async () =>
    onSweep() ? (await sweeps()).exportPoints(w, kind) : (await bench()).exportMetrics(w, kind);
  const charts = (kind: "svg" | "png") => async () =>
    onSweep() ? (await sweeps()).exportFrontier(w, kind) : (await bench()).exportCharts(w, kind);
  const step = (dRow: number, dCol: number) => () => {
    const { a, b } = runs.store.getState();
    const matrix = (a.shown ?? b.shown)?.report.matrix;
    if (matrix) highlight.getState().step(matrix.rows, matrix.cols, dRow, dCol);
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
    { id: "edit-a", label: "Edit recipe A", group: "Recipes", keys: ["a"], run: () => focus("#recipe-a") },
    { id: "edit-b", label: "Edit recipe B", group: "Recipes", keys: ["b"], run: () => focus("#recipe-b") },
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
        const { job } = sweep.getState();
        job?.abort();
        if (runs.running) runs.cancel();
        else if (w.seeds.running) w.seeds.cancel();
        else if (!job) highlight.getState().release();
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
    ...tabs.map(
      (tab, i): Action => ({
        id: `tab-${tab}`,
        label: `Show ${tabLabels[tab]}`,
        group: "View",
        keys: [String(i + 1)],
        run: () => timeline.change((e) => withLook(e, { tab })),
      }),
    ),
    { id: "theme", label: "Switch between light and dark", group: "View", keys: ["t"], run: toggleTheme },
    { id: "left", label: "Mark the element to the left", group: "View", keys: ["alt+arrowleft"], run: step(0, -1) },
    { id: "right", label: "Mark the element to the right", group: "View", keys: ["alt+arrowright"], run: step(0, 1) },
    { id: "up", label: "Mark the element above", group: "View", keys: ["alt+arrowup"], run: step(-1, 0) },
    { id: "down", label: "Mark the element below", group: "View", keys: ["alt+arrowdown"], run: step(1, 0) },
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
      run: async () => (await bench()).experimentFile(w),
    },
    {
      id: "csv",
      label: "Metrics as CSV",
      group: "Export",
      keys: ["e"],
      enabled: has,
      run: metrics("csv"),
    },
    { id: "json", label: "Metrics as JSON", group: "Export", enabled: has, run: metrics("json") },
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
          run: async () => (await bench()).exportTensor(w, side, what),
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
        timeline.change((e) => withLook(e, { tab: "bench" }));
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
