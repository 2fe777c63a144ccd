/** What has to be removed when the process is told to end while it writes: files under other names, locks. */
import { rmSync } from "node:fs";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const STOPPED = "Stopped: what was written of the file was removed.\n";

const leftovers = new Set<string>();

/** Handlers are there only while something is: a process that writes nothing ends as it always does. */
function end(): void {
  for (const path of leftovers) {
    try {
      rmSync(path, { force: true });
    } catch {
      // The others are removed all the same.
    }
  }
  process.stderr.write((process.stderr.isTTY ? "\r\u001b[K" : "") + STOPPED, () => process.exit(1));
  // Nobody may be left to read it.
  setTimeout(() => process.exit(1), 200);
}

/** Removes the file at `path` when the process is stopped, from now until `forgetLeftover`. */
export function removeWhenStopped(path: string): void {
  if (leftovers.size === 0) for (const signal of SIGNALS) process.on(signal, end);
  leftovers.add(path);
}

export function forgetLeftover(path: string): void {
  if (leftovers.delete(path) && leftovers.size === 0) for (const signal of SIGNALS) process.off(signal, end);
}
