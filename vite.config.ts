import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { offline } from "./app/offline/plugin.ts";
import { securityPolicy } from "./app/offline/policy.ts";

/**
 * What the first figures need, with what that imports, in one piece for the page and one for the workers. Left to itself
 * the bundler makes a piece of every few modules that two views share: sixty of them, which compress by a tenth worse.
 */
const first = (test: RegExp) => ({ output: { codeSplitting: { groups: [{ name: "first", test }] } } });

/** The Bench, but for what is not seen at once. */
const bench =
  /app\/(charts\/|tensors\/(?!SourceAsked)|views\/bench\/(?!exports|offstage|seededRecipes)|panels\/(codes|inspector|map|metrics|profiles|values)\/(?!Arithmetic|Bits|NeighbourLine|Spelled|picture|words)|controls\/RecipePane\.)/;
/** Not what is imported when it is asked for: what only a GPU, layers, inputs or sweeps take. */
const worker =
  /kernels\/((engine|measure|notation|plan|prepare|report|scales|backends\/reference)\/(?!activations|at-once|best|candidates|compare|entering|fit|gather|layers|metrics|output|quantize-layers|rest|search\.|steps|sweep|trials)|backends\/wasm\/(backend|machine|report)\.)|workers\/(workbench\/workbench|serve\/serve)\./;

export default defineConfig({
  // Relative addresses, so that the build works under any sub-path of any static host.
  base: "./",
  plugins: [react(), tailwindcss(), securityPolicy(), offline()],
  worker: { format: "es", rolldownOptions: first(worker) },
  build: { target: "es2022", sourcemap: true, rolldownOptions: first(bench) },
});
