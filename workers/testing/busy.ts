/**
 * Limits of time in tests. A machine that has other work cannot keep them, and that is no fault of what is tested: such a test says that
 * the machine was too busy, and is skipped. On an idle machine it fails as any other.
 */
import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";

/** A limit was not kept. */
export class TimeLimitError extends Error {
  override name = "TimeLimitError";
}

/** Throws TimeLimitError where something took longer than it may, in milliseconds. */
export function within(took: number, limit: number, what: string): void {
  if (took >= limit) throw new TimeLimitError(`${what} took ${took.toFixed(0)} ms, and ${limit} are allowed`);
}

/** A test's own way to say that it was skipped, with the reason: both runners end the test there. */
export type Skip = (reason: string) => void;

/** Shares of a second's work that were not to be had, above which the machine is busy. */
const WAITED = 0.2;
/** Processors that others used meanwhile. */
const OTHERS = 0.25;
const SPIN_MS = 30;
const EVERY_MS = 150;

/**
 * Runs a test about time. Where one of its limits is not kept, and meanwhile other processes took the processor from this one, the test
 * is skipped and says so. Whatever else fails is a failure.
 */
export async function unlessBusy(skip: Skip, test: () => Promise<void> | void): Promise<void> {
  const load = watchLoad();
  try {
    await test();
  } catch (error) {
    const busy = load.end();
    if (!(error instanceof TimeLimitError) || busy === null) throw error;
    const reason = `machine too busy: ${error.message}; ${busy}`;
    console.warn(`SKIPPED, ${reason}`);
    return skip(reason);
  } finally {
    load.end();
  }
}

/** Watches until `end`, which says how the machine was busy, or null where it was not. */
export function watchLoad(): { end(): string | null } {
  const shares = [missed()];
  const timer = setInterval(() => shares.push(missed()), EVERY_MS);
  const before = usage();
  const from = performance.now();
  let said: string | null | undefined;
  return {
    end() {
      if (said !== undefined) return said;
      clearInterval(timer);
      shares.push(missed());
      const worst = Math.max(...shares);
      const after = usage();
      // What the test itself set to work, a browser for one, is part of what is tested.
      const others =
        before && after
          ? (1000 * (after.all - before.all - (after.own - before.own))) / (performance.now() - from)
          : null;
      const busy = worst > WAITED && (others === null || others > OTHERS);
      const used = others === null ? "" : `, others used ${others.toFixed(1)} of ${cpus().length} processors`;
      said = busy ? `a thread had to wait for ${(100 * worst).toFixed(0)} % of its time${used}` : null;
      return said;
    },
  };
}

/** The share of a moment of work for which this thread waited for a processor. */
function missed(): number {
  const [from, cpu] = [performance.now(), process.cpuUsage()];
  while (performance.now() - from < SPIN_MS);
  const wall = performance.now() - from;
  const { user, system } = process.cpuUsage(cpu);
  return Math.max(0, 1 - (user + system) / 1000 / wall);
}

/** Seconds of work of all processes, and of this one with those that it started; null where the system does not say. */
function usage(): { all: number; own: number } | null {
  try {
    const ticks = 100;
    const [user, nice, system, , , irq, softirq] = readFileSync("/proc/stat", "utf8")
      .split("\n")[0]
      .split(/\s+/)
      .slice(1)
      .map(Number);
    const parents = new Map<number, number>();
    const spent = new Map<number, number>();
    for (const entry of readdirSync("/proc")) {
      if (!/^\d+$/.test(entry)) continue;
      try {
        const line = readFileSync(`/proc/${entry}/stat`, "utf8");
        const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
        parents.set(Number(entry), Number(fields[1]));
        // Its own, and that of its children which ended.
        spent.set(
          Number(entry),
          fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0),
        );
      } catch {
        // It ended meanwhile.
      }
    }
    let own = 0;
    for (const [pid, ticksSpent] of spent) {
      for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
        if (at !== process.pid) continue;
        own += ticksSpent;
        break;
      }
    }
    return { all: (user + nice + system + irq + softirq) / ticks, own: own / ticks };
  } catch {
    return null;
  }
}
