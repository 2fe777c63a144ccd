// Everything a change must pass, from a fresh clone: installs what is missing, then lint, types, unit tests, build and
// end-to-end tests. Stops at the first step that fails.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { findChromium, installChromium } from "./chromium.mjs";
import { installNumpy } from "./numpy.mjs";

const started = Date.now();

function step(name, command, args, env = {}) {
  const from = Date.now();
  console.log(`\n== ${name}`);
  const { status } = spawnSync(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
  console.log(`== ${name}: ${status === 0 ? "passed" : "FAILED"} in ${Math.round((Date.now() - from) / 1000)} s`);
  if (status !== 0) process.exit(status ?? 1);
}

const installed = "node_modules/.package-lock.json";
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync("package-lock.json").mtimeMs) {
  // Not `npm ci`: it insists on lock entries for the optional binaries of every platform.
  step("install packages", "npm", ["install", "--no-save", "--no-audit", "--no-fund"]);
}
const CHROMIUM = findChromium() ?? installChromium();
console.log(`Chromium: ${CHROMIUM}`);
installNumpy();

step("samples", "npm", ["run", "-s", "samples"]);
step("wasm kernels", "npm", ["run", "-s", "wasm"]);
step("lint", "npx", ["biome", "check", "."]);
step("imports", "node", [".ci/one-way.mjs"]);
step("types", "npx", ["tsc", "--noEmit"]);
step("unit tests", "npx", ["vitest", "run"], { CHROMIUM });
step("build", "npx", ["vite", "build"]);
step("benchmarks run", "node", [".ci/benches.mjs"], { CHROMIUM });
step("end-to-end tests", "npx", ["playwright", "test"], { CHROMIUM });
console.log(`\nAll steps passed in ${Math.round((Date.now() - started) / 1000)} s.`);
