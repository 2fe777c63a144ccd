// NumPy for the tests of "copy as Python". They skip, and say so, where there is none.
import { spawnSync } from "node:child_process";

const hasNumpy = () => spawnSync("python3", ["-c", "import numpy"], { stdio: "ignore" }).status === 0;

/** Installs Debian's NumPy where python3 has none: some 20 s. Does without where that fails. */
export function installNumpy() {
  if (hasNumpy()) return;
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo"];
  for (const args of [
    ["update", "-qq"],
    ["install", "-y", "-qq", "python3-numpy"],
  ]) {
    const [command, ...rest] = [...asRoot, "apt-get", ...args];
    if (spawnSync(command, rest, { stdio: "inherit" }).status !== 0) break;
  }
  console.log(hasNumpy() ? "NumPy installed" : "no NumPy: the tests that run Python skip");
}
