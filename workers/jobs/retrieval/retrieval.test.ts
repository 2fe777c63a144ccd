/** The job on a workbench: of the result at hand, or of fewer components, and equal to what the command says. */
import { beforeAll, expect, it } from "vitest";
import { standardBackends } from "../../backends/standard.ts";
import { embeddings } from "../../embeddings/embeddings.ts";
import type { Progress } from "../../pace/progress.ts";
import type { Target } from "../../runs/target.ts";
import { Workbench } from "../../workbench/workbench.ts";
import { type RetrievalRequest, retrieval } from "./index.ts";

const workbench = new Workbench({ backends: standardBackends(null) });
let target: Target;
const signal = new AbortController().signal;
const control = (told: Progress[] = []) => ({
  signal,
  progress: (one: Progress) => void told.push(one),
  give: () => {},
});
const request = (recipe: string, some: Partial<RetrievalRequest> = {}): RetrievalRequest => ({
  ...{ target, recipe, definitions: [], by: "cosine", k: [1, 10], queries: 50, keep: null, quantizedQueries: true },
  ...some,
});

beforeAll(async () => {
  const spec = { kind: "generator", generator: { name: "normal", rows: 300, cols: 32, seed: 3, params: {} } } as const;
  const info = await workbench.open(spec, "s1", signal);
  target = { source: "s1", tensor: info.tensors[0].name, view: info.tensors[0].view };
});

it("searches the result that the bench shows, as the command searches its own", async () => {
  const told: Progress[] = [];
  const { recipe, ...wanted } = await embeddings(
    await workbench.matrix(target),
    { ...request("int4/row"), seed: 0, codes: false },
    workbench.backends,
    control(),
  );
  expect(recipe).toBe("int4/row");
  expect(await retrieval.work(request("int4/row"), workbench, control(told))).toEqual(wanted);
  expect(told.at(-1)).toEqual({ done: 50, total: 50, unit: "queries", phase: "search" });
});

it("keeps components, where the recipe stands for what has as many columns", async () => {
  const half = await retrieval.work(request("int8/row", { keep: 16 }), workbench, control());
  expect(half.variance).toBeGreaterThan(0.5);
  expect(half.variance).toBeLessThan(0.8);
  expect(half.bitsPerVector).toBe(16 * 10);
});

it("says what cannot be searched", async () => {
  await expect(retrieval.work(request("int4/row", { keep: 33 }), workbench, control())).rejects.toThrow(
    "33 of 32 components cannot be kept.",
  );
  await expect(retrieval.work(request("given(1)", { keep: 4 }), workbench, control())).rejects.toThrow(
    "What another checkpoint holds has all components",
  );
  const end = new AbortController();
  end.abort();
  await expect(
    retrieval.work(request("int2/row"), workbench, { ...control(), signal: end.signal }),
  ).rejects.toMatchObject({ name: "AbortError" });
});
