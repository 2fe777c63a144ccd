import { type ChildProcess, spawn } from "node:child_process";
import { cpus } from "node:os";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { TimeLimitError, unlessBusy, watchLoad, within } from "./busy.ts";

const late = () => within(1200, 1000, "the answer");
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it("a limit says what took how long", () => {
  within(999, 1000, "the answer");
  expect(late).toThrow(new TimeLimitError("the answer took 1200 ms, and 1000 are allowed"));
});

describe("on a machine that has other work", () => {
  // Processes of nobody's: children of this one would count as its own, so that a shell starts them and ends.
  let pids: number[] = [];
  beforeAll(async () => {
    const script = "const from = Date.now(); while (Date.now() - from < 20000);";
    const count = 3 * cpus().length;
    const shell: ChildProcess = spawn("sh", [
      "-c",
      `for i in $(seq ${count}); do "$0" -e '${script}' >/dev/null 2>&1 & echo $!; done`,
      process.execPath,
    ]);
    let text = "";
    shell.stdout!.on("data", (data) => {
      text += data;
    });
    await new Promise((resolve) => shell.on("close", resolve));
    pids = text.trim().split("\n").map(Number);
    await pause(500);
  });
  afterAll(() => {
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself.
      }
    }
  });

  it("a test about time is skipped, loudly, and any other failure is one", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const skip = vi.fn();
    await unlessBusy(skip, async () => {
      await pause(600);
      late();
    });
    expect(skip).toHaveBeenCalledWith(
      expect.stringMatching(/^machine too busy: the answer took 1200 ms, .*had to wait for \d+ % of its time/),
    );
    expect(warn).toHaveBeenCalledWith(expect.stringMatching(/^SKIPPED, machine too busy/));
    warn.mockRestore();
    await expect(unlessBusy(skip, () => expect(1).toBe(2))).rejects.toThrow("expected 1 to be 2");
    expect(skip).toHaveBeenCalledTimes(1);
  });
});

it("a machine without other work is no excuse", async ({ skip }) => {
  const load = watchLoad();
  await pause(300);
  const busy = load.end();
  if (busy !== null) return skip(`the machine is busy with other work: ${busy}`);
  await expect(unlessBusy(skip, late)).rejects.toThrow(TimeLimitError);
});
