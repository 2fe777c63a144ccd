/**
 * One process at a time writes a file of a name: a lock is a file beside it that only one can create. It says who holds it, so that
 * one left by a process that was killed is told from one in use.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { link, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { UserError } from "../errors/user-error.ts";
import { forgetLeftover, removeWhenStopped } from "./leftovers.ts";

interface Holder {
  pid: number;
  host: string;
  /** Tells a process from a later one that was given the same number; null where the system does not say. */
  born: string | null;
  /** The file under another name that it writes, in the same folder. */
  part: string;
}

/** Names of most systems have 255 bytes at most; this many of a longer one are kept, beside a hash of all of it. */
const LONGEST = 150;
/** A lock that says nothing was left half written, unless somebody is about to write it. */
const EMPTY_MS = 10_000;
/** Locks in use by this process: its own number alone would not tell them from those of a process before it. */
const held = new Set<string>();

/** A name beside `path` with `ending`, never too long for the file system. */
export function besideName(path: string, ending: string): string {
  const name = basename(path);
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 16);
  const short = Buffer.byteLength(name) <= LONGEST ? name : `${[...name].slice(0, 30).join("")}.${hash}`;
  return join(dirname(path), `.${short}.${ending}`);
}

/** Takes the lock of a file; gives what gives it back. Rejects with UserError where another process writes it. */
export async function lock(path: string, part: string): Promise<() => Promise<void>> {
  const at = besideName(path, "lock");
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), born: birthOf(process.pid), part: basename(part) });
  for (let tries = 0; ; tries++) {
    if (await create(at, mine, part)) break;
    const text = await readFile(at, "utf8").catch(() => null);
    // It was given back in between.
    if (text === null && tries < 5) continue;
    const holder = text === null ? null : readHolder(text);
    if (tries < 5 && (await isStale(at, holder))) {
      await removeStale(at, text!, holder);
      continue;
    }
    const who = holder ? ` (process ${holder.pid}${holder.host === hostname() ? "" : ` on ${holder.host}`})` : "";
    throw new UserError(
      `${path} is being written by another command${who}. Wait for it, or write to another name; if there is none, remove ${at}.`,
    );
  }
  held.add(at);
  removeWhenStopped(at);
  return async () => {
    await rm(at, { force: true });
    held.delete(at);
    forgetLeftover(at);
  };
}

/** Makes the lock with its text at once, or says that there is one. */
async function create(at: string, text: string, part: string): Promise<boolean> {
  const own = `${part}.lock`;
  try {
    await writeFile(own, text, { flag: "wx" });
    removeWhenStopped(own);
    try {
      await link(own, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") throw error;
      // File systems without links.
      await writeFile(at, text, { flag: "wx" });
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(own, { force: true });
    forgetLeftover(own);
  }
}

function readHolder(text: string): Holder | null {
  try {
    const { pid, host, born, part } = JSON.parse(text);
    const known = Number.isInteger(pid) && typeof host === "string" && typeof part === "string";
    return known ? { pid, host, born: typeof born === "string" ? born : null, part } : null;
  } catch {
    return null;
  }
}

async function isStale(at: string, holder: Holder | null): Promise<boolean> {
  if (held.has(at)) return false;
  if (!holder) {
    const found = await stat(at).catch(() => null);
    return found !== null && Date.now() - found.mtimeMs > EMPTY_MS;
  }
  // Whether a process of another machine lives cannot be told.
  if (holder.host !== hostname()) return false;
  // Not held by this one: a process before it had the same number, as the first one of a container always has.
  if (holder.pid === process.pid) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  const born = birthOf(holder.pid);
  return holder.born !== null && born !== null && born !== holder.born;
}

/** Removes a lock that nobody holds, and what its process left of the file. Another process may be about to do the same. */
async function removeStale(at: string, text: string, holder: Holder | null): Promise<void> {
  const aside = `${at}.${process.pid}`;
  try {
    await rename(at, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  const taken = await readFile(aside, "utf8");
  // In between another had removed it and taken the lock: it is given back.
  if (taken !== text) await link(aside, at).catch(() => {});
  else if (holder && basename(holder.part) === holder.part && holder.part.endsWith(".part"))
    await rm(join(dirname(at), holder.part), { force: true });
  await rm(aside, { force: true });
}

/** When a process began, as the system counts it. */
function birthOf(pid: number): string | null {
  try {
    // The second field is a name, which may hold spaces and brackets.
    const line = readFileSync(`/proc/${pid}/stat`, "utf8");
    return line.slice(line.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}
