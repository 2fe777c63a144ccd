import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { offline } from "./app/offline/plugin.ts";
import { securityPolicy } from "./app/offline/policy.ts";

/** Every file that these import, and what that imports, but for what is imported when it is asked for. */
function imported(...roots: string[]): ReadonlySet<string> {
  const files = new Set(roots.map((root) => fileURLToPath(new URL(root, import.meta.url))));
  // What is added on the way is gone through as well.
  for (const file of files) {
    for (const [, path] of readFileSync(file, "utf8").matchAll(
      /^(?:import|export)\s(?!type\b)[^;]*?from "(\.[^"]+)"/gm,
    )) {
      const other = resolve(dirname(file), path);
      if (existsSync(other)) files.add(other);
    }
  }
  return files;
}

/**
 * What the first figures need, in one piece for the page and one for the workers. Left to itself the bundler makes a piece
 * of every few modules that two views share: sixty of them, which compress by a tenth worse.
 */
const first = (...roots: string[]) => {
  const files = imported(...roots);
  return { output: { codeSplitting: { groups: [{ name: "first", test: (id: string) => files.has(id) }] } } };
};

/** The Bench, and the panels that everybody sees first. */
const page = first(
  "./app/views/bench/Bench.tsx",
  "./app/panels/codes/CodesPanel.tsx",
  "./app/panels/inspector/InspectorPanel.tsx",
  "./app/panels/map/MapPanel.tsx",
  "./app/panels/metrics/MetricsTable.tsx",
  "./app/panels/profiles/ProfilesPanel.tsx",
  "./app/panels/values/ValuesPanel.tsx",
);
const worker = first("./workers/serve/workbench.worker.ts", "./kernels/backends/wasm/backend.ts");

export default defineConfig({
  // Relative addresses, so that the build works under any sub-path of any static host.
  base: "./",
  plugins: [react(), tailwindcss(), securityPolicy(), offline()],
  worker: { format: "es", rolldownOptions: worker },
  build: { target: "es2022", sourcemap: true, rolldownOptions: page },
});
