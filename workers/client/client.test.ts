import { afterEach, describe, expect, it, vi } from "vitest";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import type { Report } from "../../kernels/measure/report.ts";
import { UserError } from "../errors/user-error.ts";
import { giveTensors, TENSORS_PER_MESSAGE } from "../jobs/open/index.ts";
import type { Handlers } from "../jobs/table.ts";
import { pacer } from "../pace/pace.ts";
import type { RunRequest, Target } from "../runs/target.ts";
import type { SourceInfo } from "../sources/info.ts";
import type { TensorSummary } from "../tensors/summary.ts";
import { TimeLimitError, unlessBusy } from "../testing/busy.ts";
import { createClient, type WorkbenchClient } from "./index.ts";
import { fakeThreads } from "./testing.ts";

const target: Target = { source: "s1", tensor: "w", view: { split: 1, transpose: false } };
const request = (recipe: string, at = target): RunRequest => ({ target: at, recipe, definitions: [], backend: null });
const spec = { kind: "text", text: "1 2 3" } as const;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Deeds {
  calls: { thread: number; call: string }[];
  spins: number;
}

/**
 * Jobs whose runs do what their recipe says, to bring about what the real one does only by accident: `spin` works
 * in pieces until cancelled, `deaf` never looks, `bystander` answers in the second thread only, `slow` after 150 ms; `column`, `user`, `bug` fail.
 */
function scripted(thread: number, deeds: Deeds): Partial<Handlers> {
  const opened = new Set<string>();
  const note = (call: string) => deeds.calls.push({ thread, call });
  return {
    async open({ spec, id }, { give }) {
      note(`open ${id}`);
      opened.add(id);
      const count = spec.kind === "text" ? Number(spec.text) : 0;
      const tensors = Array.from({ length: count }, (_, i) => ({ name: `t${i}` }));
      return giveTensors({ id, label: id, tensors } as SourceInfo, give);
    },
    async close({ source }) {
      note(`close ${source}`);
      opened.delete(source);
    },
    async run({ target: at, recipe }, { signal, progress }) {
      note(`run ${recipe}`);
      if (!opened.has(at.source)) throw new UserError(`${at.source} is not open here`);
      if (recipe === "column") throw new RecipeError("no such step", 7, [{ label: "use x", recipe: "x" }]);
      if (recipe === "user") throw new UserError("the file is torn");
      if (recipe === "huge") throw new RangeError("Array buffer allocation failed");
      if (recipe === "bug") throw new TypeError("x is undefined");
      if (recipe === "deaf" || (recipe === "bystander" && thread === 0)) await new Promise(() => {});
      if (recipe === "slow") await pause(150);
      if (recipe === "spin") {
        const pace = pacer(signal);
        for (;;) {
          const until = performance.now() + 5;
          while (performance.now() < until);
          deeds.spins++;
          progress({ done: deeds.spins, total: 1000, unit: "elements", phase: "spinning" });
          await pace();
        }
      }
      return { recipe, seconds: thread } as Report;
    },
    async window({ recipe }) {
      note(`window ${recipe}`);
      const one = Float32Array.of(thread);
      return {
        ...{ row0: 0, row1: 1, col0: 0, col1: 1, outRows: 1, outCols: 1, elements: true },
        ...{ rms: [one], signed: [one], codes: [null], values: one },
      };
    },
    async summarize({ target: { tensor } }) {
      note(`summary ${tensor}`);
      await pause(20);
      return { name: tensor } as TensorSummary;
    },
  };
}

let client: WorkbenchClient;
afterEach(() => client.dispose());

function setUp(size = 2) {
  const deeds: Deeds = { calls: [], spins: 0 };
  const { spawn, threads } = fakeThreads((index) => scripted(index, deeds));
  client = createClient({ size, spawn });
  const ran = (recipe: string) => deeds.calls.filter((c) => c.call === `run ${recipe}`).map((c) => c.thread);
  return { deeds, threads, ran };
}

describe("choice of the worker", () => {
  it("runs two sides on two workers at once and keeps each side where it was", async () => {
    const { ran, threads } = setUp(4);
    await client.open(spec);
    await Promise.all([
      client.call("run", request("slow"), { side: "A" }),
      client.call("run", request("a1"), { side: "B" }),
    ]);
    await client.call("run", request("a2"), { side: "A" });
    await client.call("run", request("b2"), { side: "B" });
    expect(ran("slow")).toEqual([0]);
    expect(ran("a1")).toEqual([1]);
    expect(ran("a2")).toEqual([0]);
    expect(ran("b2")).toEqual([1]);
    expect(threads).toHaveLength(2);
  });

  it("sends sides to different workers when they come one after the other, too", async () => {
    const { ran } = setUp();
    await client.open(spec);
    await client.call("run", request("a"), { side: "A" });
    await client.call("run", request("b"), { side: "B" });
    expect([...ran("a"), ...ran("b")]).toEqual([0, 1]);
  });

  it("asks the workers that made the results for windows and merges their replies", async () => {
    setUp();
    await client.open(spec);
    await client.call("run", request("a"), { side: "A" });
    await client.call("run", request("b"), { side: "B" });
    const region = { row0: 0, row1: 1, col0: 0, col1: 1, outRows: 1, outCols: 1 };
    const reply = await client.window({ target, recipes: ["b", "a"], definitions: [], ...region });
    expect(reply.rms.map((cells) => cells[0])).toEqual([1, 0]);
    expect(reply.signed).toHaveLength(2);
    expect(reply.codes).toEqual([null, null]);
  });

  it("does not let a cancelled run push its successor elsewhere", async () => {
    const { ran } = setUp();
    await client.open(spec);
    const first = new AbortController();
    const lost = client.call("run", request("spin"), { side: "A", signal: first.signal });
    await pause(30);
    first.abort();
    await expect(lost).rejects.toMatchObject({ name: "AbortError" });
    await client.call("run", request("next"), { side: "A" });
    expect(ran("next")).toEqual([0]);
  });

  it("gives each worker one summary at a time", async () => {
    const { deeds } = setUp();
    await client.open(spec);
    const names = Array.from({ length: 6 }, (_, i) => `t${i}`);
    const all = names.map((tensor) => client.summarize({ ...target, tensor }));
    await pause(10);
    expect(deeds.calls.filter((c) => c.call.startsWith("summary"))).toHaveLength(2);
    expect((await Promise.all(all)).map((s) => s.name)).toEqual(names);
  });
});

describe("sources", () => {
  it("opens a source in a worker when that worker first needs it, once, and closes it in all", async () => {
    const { deeds } = setUp();
    const info = await client.open(spec);
    expect(info.id).toBe("s1");
    await Promise.all([
      client.call("run", request("slow"), { side: "A" }),
      client.call("run", request("b"), { side: "B" }),
    ]);
    await client.call("run", request("b2"), { side: "B" });
    await client.close("s1");
    const of = (call: string) => deeds.calls.filter((c) => c.call === call).map((c) => c.thread);
    expect(of("open s1")).toEqual([0, 1]);
    expect(of("close s1").sort()).toEqual([0, 1]);
    await expect(client.call("run", request("late"))).rejects.toThrow("s1 is not open here");
  });

  it("gives a long list of tensors whole, though it comes in pieces, and to each worker", async () => {
    setUp();
    for (const count of [0, TENSORS_PER_MESSAGE, 2 * TENSORS_PER_MESSAGE + 1]) {
      const { tensors } = await client.open({ kind: "text", text: String(count) });
      expect(tensors.map((t) => t.name)).toEqual(Array.from({ length: count }, (_, i) => `t${i}`));
    }
  });

  it("that lie on a server are read by one worker only", async () => {
    const { deeds } = setUp();
    await client.open({ kind: "url", url: "https://x.org/w.npy" });
    await Promise.all([
      client.call("run", request("slow"), { side: "A" }),
      client.call("run", request("b"), { side: "B" }),
    ]);
    expect(new Set(deeds.calls.map((c) => c.thread))).toEqual(new Set([0]));
  });
});

describe("cancelling", () => {
  it("rejects at once and stops the work within 100 ms, sparing the worker", ({ skip }) =>
    unlessBusy(skip, async () => {
      const { deeds, threads } = setUp();
      await client.open(spec);
      const controller = new AbortController();
      const progress = vi.fn();
      const run = client.call("run", request("spin"), { signal: controller.signal, onProgress: progress });
      const settled = expect(run).rejects.toMatchObject({ name: "AbortError", message: "The job was cancelled." });
      await expect.poll(() => progress.mock.calls.length, { timeout: 5000 }).toBeGreaterThan(0);
      controller.abort();
      await settled;
      await pause(100);
      const [spins, told] = [deeds.spins, progress.mock.calls.length];
      await pause(100);
      if (deeds.spins !== spins) throw new TimeLimitError("the work went on for more than 100 ms");
      expect(progress.mock.calls.length).toBe(told);
      await pause(450);
      expect(threads[0].terminated).toBe(false);
    }));

  it("does not start what was cancelled before", async () => {
    const { deeds } = setUp();
    await expect(client.open(spec, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
    expect(deeds.calls).toEqual([]);
  });

  it("replaces a worker that does not answer, and makes its other calls again", async () => {
    const { deeds, threads, ran } = setUp(1);
    await client.open(spec);
    const controller = new AbortController();
    const deaf = client.call("run", request("deaf"), { signal: controller.signal });
    const settled = expect(deaf).rejects.toMatchObject({ name: "AbortError" });
    const bystander = client.call("run", request("bystander"));
    await pause(20);
    controller.abort();
    await settled;
    expect((await bystander).recipe).toBe("bystander");
    expect(threads.map((t) => t.terminated)).toEqual([true, false]);
    expect(ran("bystander")).toEqual([0, 1]);
    expect(ran("deaf")).toEqual([0]);
    expect(deeds.calls.filter((c) => c.call === "open s1").map((c) => c.thread)).toEqual([0, 1]);
  });
});

describe("failures", () => {
  it("keeps kind, message and column of errors", async () => {
    setUp();
    await client.open(spec);
    const recipe = await client.call("run", request("column")).catch((e: unknown) => e);
    expect(recipe).toBeInstanceOf(RecipeError);
    expect(recipe).toMatchObject({
      name: "RecipeError",
      message: "no such step",
      column: 7,
      remedies: [{ label: "use x" }],
    });
    const user = await client.call("run", request("user")).catch((e: unknown) => e);
    expect(user).toBeInstanceOf(UserError);
    expect(user).toMatchObject({ message: "the file is torn" });
    await expect(client.call("run", request("huge"))).rejects.toMatchObject({
      name: "UserError",
      message:
        "There was not enough memory for this (Array buffer allocation failed). Close other tabs, or take a smaller tensor.",
    });
    await expect(client.call("run", request("bug"))).rejects.toMatchObject({
      name: "TypeError",
      message: "x is undefined",
    });
  });

  it("rejects the calls of a worker that crashed, spares the others and starts it again", async () => {
    const { threads } = setUp();
    await client.open(spec);
    const doomed = client.call("run", request("deaf"), { side: "A" });
    const settled = expect(doomed).rejects.toThrow(/worker that computed this stopped \(out of memory\)/);
    const other = client.call("run", request("slow"), { side: "B" });
    await pause(50);
    threads[0].fail("out of memory");
    await settled;
    await expect(doomed).rejects.toBeInstanceOf(UserError);
    expect((await other).seconds).toBe(1);
    expect((await client.call("run", request("again"), { side: "A" })).recipe).toBe("again");
  });

  it("ends all calls when it is disposed of, and takes no more", async () => {
    const { threads } = setUp();
    await client.open(spec);
    const run = client.call("run", request("deaf"));
    const settled = expect(run).rejects.toMatchObject({ name: "AbortError" });
    await pause(20);
    client.dispose();
    await settled;
    await expect(client.call("backends", {})).rejects.toMatchObject({ name: "AbortError" });
    expect(threads[0].terminated).toBe(true);
  });
});
