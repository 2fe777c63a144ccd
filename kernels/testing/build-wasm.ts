import { execFileSync } from "node:child_process";

/** Rebuilds wasm modules whose sources changed before any test runs: stale ones give wrong figures without a word. */
export default function setup(): void {
  execFileSync("npm", ["run", "-s", "wasm"], { stdio: "inherit" });
}
