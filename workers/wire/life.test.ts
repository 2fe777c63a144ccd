import { expect, it, vi } from "vitest";
import { liveOn, watchLife } from "./life.ts";

/** Locks as the standard has them, which Node has not: one holder, the others wait in order. `end` lets go of what is held. */
function lockManager() {
  const queues = new Map<string, (() => void)[]>();
  const request = (name: string, ...rest: unknown[]) => {
    const callback = rest.pop() as () => unknown;
    const { signal } = (rest[0] ?? {}) as { signal?: AbortSignal };
    return new Promise<unknown>((resolve, reject) => {
      const queue = queues.get(name) ?? [];
      queues.set(name, queue);
      const grant = () => {
        const held = callback();
        if (!(held instanceof Promise)) next();
        resolve(held);
      };
      const next = () => {
        queue.shift();
        queue[0]?.();
      };
      signal?.addEventListener("abort", () => {
        const at = queue.indexOf(grant);
        if (at > 0) queue.splice(at, 1);
        reject(signal.reason);
      });
      queue.push(grant);
      if (queue.length === 1) grant();
    });
  };
  const end = () => {
    for (const queue of queues.values()) {
      queue.shift();
      queue[0]?.();
    }
  };
  return { locks: { request } as unknown as LockManager, end, waiting: () => [...queues.values()].flat().length };
}

function pair() {
  const { port1, port2 } = new MessageChannel();
  for (const port of [port1, port2]) port.start();
  return [port1, port2] as unknown as [Worker, Worker];
}

it("tells of the end of a worker, once, and of nothing before it", async () => {
  const { locks, end, waiting } = lockManager();
  const [client, worker] = pair();
  const ended = vi.fn();
  liveOn(worker, locks);
  watchLife(client, ended, locks);
  // One holds, one waits.
  await expect.poll(waiting).toBe(2);
  expect(ended).not.toHaveBeenCalled();
  end();
  await expect.poll(() => ended.mock.calls.length).toBe(1);
  expect(waiting()).toBe(0);
});

it("tells nothing of a worker that the client itself ends, and does without where there are no locks", async () => {
  const { locks, end, waiting } = lockManager();
  const [client, worker] = pair();
  const ended = vi.fn();
  liveOn(worker, locks);
  const stop = watchLife(client, ended, locks);
  await expect.poll(waiting).toBe(2);
  stop();
  end();
  const [otherClient, otherWorker] = pair();
  liveOn(otherWorker, undefined);
  watchLife(otherClient, ended, undefined);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(ended).not.toHaveBeenCalled();
});
