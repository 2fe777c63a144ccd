/** What has to be done when the process is told to end before it is through: files under other names and locks go, programs are ended. */
import { rmSync } from "node:fs";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const STOPPED = "Stopped: what was written of the file was removed.\n";

const leftovers = new Set<string>();
const running = new Set<() => void>();

/** Handlers are there only while something is: a process that writes and runs nothing ends as it always does. */
function listen(): void {
  if (leftovers.size + running.size === 1) for (const signal of SIGNALS) process.on(signal, end);
}

function unlisten(): void {
  if (leftovers.size + running.size === 0) for (const signal of SIGNALS) process.off(signal, end);
}

function end(): void {
  for (const stop of running) stop();
  for (const path of leftovers) {
    try {
      rmSync(path, { force: true, recursive: true });
    } catch {
      // The others are removed all the same.
    }
  }
  process.stderr.write((process.stderr.isTTY ? "\r\u001b[K" : "") + STOPPED, () => process.exit(1));
  // Nobody may be left to read it.
  setTimeout(() => process.exit(1), 200);
}

/** Removes the file or folder at `path` when the process is stopped, from now until `forgetLeftover`. */
export function removeWhenStopped(path: string): void {
  if (leftovers.has(path)) return;
  leftovers.add(path);
  listen();
}

export function forgetLeftover(path: string): void {
  if (leftovers.delete(path)) unlisten();
}

/** Calls `stop`, which must not throw, when the process is stopped; gives what takes that back. */
export function stopAlong(stop: () => void): () => void {
  running.add(stop);
  listen();
  return () => {
    if (running.delete(stop)) unlisten();
  };
}
