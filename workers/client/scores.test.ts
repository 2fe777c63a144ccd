import { expect, it } from "vitest";
import { UserError } from "../errors/user-error.ts";
import { asked } from "../scores/for-test.ts";
import type { TensorScores } from "../scores/types.ts";
import type { SourceInfo } from "../sources/info.ts";
import { createClient } from "./index.ts";
import { fakeThreads } from "./testing.ts";

const names = Array.from({ length: 40 }, (_, i) => `layers.${i}.w`);
const row = (name: string) => ({ tensor: { name }, signals: {}, notes: [] }) as unknown as TensorScores;
const info = (id: string): SourceInfo => ({
  id,
  label: id,
  kind: "test",
  tensors: [],
  notes: [],
  fingerprints: [],
  metadata: {},
});

/** Two workers, which score what they are told and remember it. */
function client(before: (name: string) => Promise<void> = async () => {}) {
  const worked: string[][] = [[], []];
  const { spawn } = fakeThreads((index) => ({
    open: async ({ id }) => info(id),
    scores: async ({ tensors = [] }, { give, signal }) => {
      for (const name of tensors) {
        await before(name);
        signal.throwIfAborted();
        worked[index].push(name);
        give(row(name));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return null;
    },
  }));
  return { client: createClient({ size: 2, spawn }), worked };
}

const file = { kind: "files" as const, files: [] };

it("spreads tensors over the workers and gives each once", async () => {
  const { client: one, worked } = client();
  const { id } = await one.open(file);
  const given: string[] = [];
  const progress: number[] = [];
  await one.scores({ ...asked("int4/64"), source: id }, names, {
    onTensor: ({ tensor }) => void given.push(tensor.name),
    onProgress: ({ done, total }) => void progress.push(done / total),
  });
  expect([...given].sort()).toEqual([...names].sort());
  expect(worked.map((list) => list.length > 0)).toEqual([true, true]);
  expect(progress.at(-1)).toBe(1);
  one.dispose();
});

it("leaves what is read over the network to one worker, and stops with what was given", async () => {
  const { client: one, worked } = client(async (name) => {
    if (name === "layers.20.w") throw new UserError("model.safetensors could not be fetched: host answered 503.");
  });
  const { id } = await one.open({ kind: "url", url: "https://example.org/model.safetensors" });
  const given: string[] = [];
  const scoring = one.scores({ ...asked("int4/64"), source: id }, names, {
    onTensor: ({ tensor }) => void given.push(tensor.name),
  });
  await expect(scoring).rejects.toThrow("host answered 503");
  expect(given).toEqual(names.slice(0, 20));
  expect(worked.filter((list) => list.length > 0)).toHaveLength(1);
  one.dispose();
});

it("ends with an AbortError when it is cancelled, and gives nothing after", async () => {
  const stop = new AbortController();
  const { client: one } = client(async (name) => {
    if (name === "layers.6.w") stop.abort();
  });
  const { id } = await one.open(file);
  const given: string[] = [];
  const scoring = one.scores({ ...asked("int4/64"), source: id }, names, {
    signal: stop.signal,
    onTensor: ({ tensor }) => void given.push(tensor.name),
  });
  await expect(scoring).rejects.toMatchObject({ name: "AbortError" });
  const count = given.length;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(given).toHaveLength(count);
  one.dispose();
});
