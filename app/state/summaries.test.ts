import { expect, it } from "vitest";
import type { TensorInfo } from "../../workers/tensors/info.ts";
import type { TensorSummary } from "../../workers/tensors/summary.ts";
import { settle, started } from "../testing/workbench.ts";
import { Summaries } from "./summaries.ts";

const tensor = (name: string, part: Partial<TensorInfo> = {}): TensorInfo => ({
  ...{ name, dtype: "F32", shape: [4, 4], elements: 16, view: { split: 1, transpose: false } },
  ...part,
});

async function page() {
  const { w, client, runs } = await started();
  const asked: { tensor: string; answer(): void; fail(): void }[] = [];
  client.summarize = (target) =>
    new Promise((resolve, reject) => {
      expect(target).toMatchObject({ source: "s1", view: { split: 1, transpose: false } });
      const answer = () => resolve({ mean: target.tensor } as unknown as TensorSummary);
      asked.push({ tensor: target.tensor, answer, fail: () => reject(new Error("no")) });
    });
  const known = () => [...w.summaries.store.getState().known];
  const finish = async () => {
    for (const run of runs) run.answer();
    await settle();
  };
  return { summaries: w.summaries, asked, known, finish, names: () => asked.map((a) => a.tensor) };
}

it("pictures are made one at a time, after the real work", async () => {
  const { summaries, asked, known, finish, names } = await page();
  summaries.want("s1", [tensor("a"), tensor("b")]);
  expect(names()).toEqual([]);
  await finish();
  expect(names()).toEqual(["a"]);
  asked[0].answer();
  await settle();
  expect(names()).toEqual(["a", "b"]);
  expect(known()).toEqual([[Summaries.key("s1", "a"), { mean: "a" }]]);
  // What cannot be had is known, and not asked for again.
  asked[1].fail();
  await settle();
  expect(known()[1]).toEqual([Summaries.key("s1", "b"), null]);
  summaries.want("s1", [tensor("a"), tensor("b")]);
  expect(names()).toEqual(["a", "b"]);
});

it("rows that scrolled away are forgotten", async () => {
  const { summaries, asked, finish, names } = await page();
  await finish();
  summaries.want("s1", [tensor("a"), tensor("b"), tensor("c")]);
  summaries.want("s1", [tensor("c")]);
  asked[0].answer();
  await settle();
  expect(names()).toEqual(["a", "c"]);
});

it("there are none of what cannot be read, is empty, or too large to read for a picture", async () => {
  const { summaries, finish, names } = await page();
  await finish();
  summaries.want("s1", [
    tensor("bad", { problem: "unknown" }),
    tensor("empty", { elements: 0 }),
    tensor("large", { elements: 2 ** 22 + 1 }),
    tensor("fits", { elements: 2 ** 22 }),
  ]);
  expect(names()).toEqual(["fits"]);
});
