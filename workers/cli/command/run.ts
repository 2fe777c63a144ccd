import { type ChildProcess, spawn } from "node:child_process";
import { UserError } from "../../errors/user-error.ts";
import { stopAlong } from "../leftovers.ts";

/** What is kept of standard error, and how much of it a failure shows. */
const KEPT_BYTES = 2 ** 16;
const SHOWN_LINES = 3;
const SHOWN_CHARACTERS = 400;

/**
 * Runs a program to its end, at most `seconds`. Its standard output goes nowhere, since that of this process is for results. Rejects with
 * UserError where it cannot be started, does not end in time or fails, with the last lines that it wrote on standard error.
 */
export async function runProgram(words: readonly string[], more: readonly string[], seconds: number): Promise<void> {
  const [file, ...args] = words;
  const text = words.join(" ");
  // A group of its own, so that what it started ends with it. Windows has none.
  const grouped = process.platform !== "win32";
  const child = spawn(file, [...args, ...more], { detached: grouped, stdio: ["ignore", "ignore", "pipe"] });
  let tail = Buffer.alloc(0);
  child.stderr!.on("data", (bytes: Buffer) => {
    tail = Buffer.concat([tail, bytes]).subarray(-KEPT_BYTES);
  });
  const end = () => endGroup(child, grouped);
  const forget = stopAlong(end);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    end();
  }, seconds * 1000);
  try {
    const { code, signal } = await ended(child, text);
    if (late) {
      throw new UserError(
        `${text} took longer than ${seconds} ${seconds === 1 ? "second" : "seconds"} and was stopped: --quantizer-seconds gives it more.`,
      );
    }
    if (code === 0) return;
    const how = code === null ? `was ended by ${signal}` : `failed with status ${code}`;
    throw new UserError(`${text} ${how}${lastLines(tail.toString())}`);
  } finally {
    clearTimeout(timer);
    // What it left running would go on over files that are about to be removed.
    end();
    forget();
  }
}

const ended = (child: ChildProcess, text: string) =>
  new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "ENOENT" ? "there is no such program" : error.message;
      reject(new UserError(`${text} could not be started: ${why}.`));
    });
    // Its own end counts: what it left behind may hold standard error open.
    child.once("exit", (code, signal) => setImmediate(() => resolve({ code, signal })));
  });

function endGroup(child: ChildProcess, grouped: boolean): void {
  if (child.pid === undefined) return;
  try {
    if (grouped) process.kill(-child.pid, "SIGKILL");
    else child.kill("SIGKILL");
  } catch {
    // It is gone already.
  }
  child.stderr?.destroy();
}

function lastLines(text: string): string {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const shown = lines.slice(-SHOWN_LINES).join(" | ");
  return shown === "" ? " and wrote nothing on standard error." : `: ${shown.slice(-SHOWN_CHARACTERS)}`;
}
