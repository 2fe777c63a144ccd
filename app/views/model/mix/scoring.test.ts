import "../../../../kernels/notation/all.ts";
import { expect, it } from "vitest";
import { asked, scored, scoredRows, sourceOf } from "../../../../workers/scores/for-test.ts";
import { planOf } from "../../../../workers/scores/plan.ts";
import type { ScoresRequest, TensorScores } from "../../../../workers/scores/types.ts";
import type { Workbench } from "../../../state/workbench.ts";
import { openScores, scoresBlob, startScores } from "./scoring.ts";
import { mixStoreOf } from "./store.ts";

it("what a run of the model measured stands beside scores that are made again, though they come one by one", async () => {
  const source = sourceOf(["layers.0.wq.weight", "layers.1.wq.weight"].map((name) => ({ name, shape: [8, 64] })));
  const before = await scored(source, asked("int4/32"));
  const kl = { values: [[1], [2]], about: "KL on a text" };
  const request = asked("int4/32", { seed: 9 });
  const rows = await scoredRows(source, request);
  const seen: number[] = [];
  // The worker, as slow as one on a large model.
  const w = {
    client: {
      async scores(_: unknown, __: unknown, { onTensor }: { onTensor(row: TensorScores): void }) {
        for (const row of rows) {
          onTensor(row);
          await new Promise((resolve) => setTimeout(resolve, 250));
          seen.push(mixStoreOf(w).getState().scores?.tensors.length ?? 0);
        }
      },
    },
  } as unknown as Workbench;
  mixStoreOf(w).setState({ scores: { ...before, signals: { ...before.signals, kl } } });
  const plan = await planOf(source.info, request);
  await startScores(w, { key: "k", request }, plan, { label: "made", calibration: null });
  expect(seen).toEqual([1, 2]);
  const { scores } = mixStoreOf(w).getState();
  expect(scores?.seed).toBe(9);
  expect(scores?.signals.kl).toEqual(kl);
});

it("a file of scores of another checkpoint is refused before anything was planned, too", async () => {
  const [source, other] = [64, 32].map((cols) => sourceOf([{ name: "layers.0.wq.weight", shape: [8, cols] }]));
  const w = {
    client: { call: async (_: string, request: ScoresRequest) => planOf(source.info, request) },
  } as unknown as Workbench;
  const file = async (of: typeof source) => new File([scoresBlob(await scored(of, asked("int4/32")))], "scores.json");
  mixStoreOf(w).setState({ source: "test", plan: { key: "k", plan: null, problem: "The grid cannot be read." } });
  await expect(openScores(w, await file(other))).rejects.toThrow(/These are scores of another checkpoint/);
  expect(mixStoreOf(w).getState().scores).toBeNull();
  await openScores(w, await file(source));
  expect(mixStoreOf(w).getState().scores?.tensors).toHaveLength(1);
});
