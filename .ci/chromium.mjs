// Finds the Chromium that the end-to-end tests and the WebGPU tests use, and installs Debian's where there is none.
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";

const places = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

function runs(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Path of a Chromium or Chrome with WebGPU, or null. CHROMIUM in the environment wins. */
export function findChromium() {
  return places.find((path) => path && runs(path)) ?? null;
}

/** Installs Debian's Chromium with apt-get, as root or through sudo. Returns its path or throws with what to do instead. */
export function installChromium() {
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo"];
  const apt = (...args) => {
    const [command, ...rest] = [...asRoot, "apt-get", ...args];
    return spawnSync(command, rest, { stdio: "inherit" }).status === 0;
  };
  if (apt("update", "-qq") && apt("install", "-y", "-qq", "chromium")) {
    const path = findChromium();
    if (path) return path;
  }
  throw new Error(
    "no Chromium found and none could be installed: install Chromium or Chrome and set CHROMIUM to its path",
  );
}
