import "../../kernels/notation/all.ts";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { type OpenSource, openUrl } from "../sources/open.ts";
import { DEEPSEEK_V3, mixture, serveModel } from "../sources/remote/giant-for-test.ts";
import { impatient } from "../sources/remote/server-for-test.ts";
import { TensorCache } from "../tensors/cache.ts";
import { asked, scoredRows } from "./for-test.ts";
import { planOf } from "./plan.ts";
import type { TensorScores } from "./types.ts";
import { scoreTensors } from "./work.ts";

// The shapes of DeepSeek-V3 with four of its layers, and files of 4 GB.
const model = mixture({ ...DEEPSEEK_V3, layers: 4, shards: 12 });
const server = await serveModel(model);
const source: OpenSource = await openUrl(server.index, "giant", {
  cache: new TensorCache(),
  network: { patience: { ...impatient, stallMs: 10_000 } },
});
afterEach(() => {
  server.before = null;
});
afterAll(async () => {
  source.close();
  await server.close();
});

const request = asked("int4/128;int3/128;nvfp4");
const expert = (n: number) => `model.layers.3.mlp.experts.${n}.down_proj.weight`;

describe("a checkpoint on a server", () => {
  it("is listed with what would be read of it, and its tensors of FP8 with their scales are weights", async () => {
    const plan = await planOf(source.info, request);
    expect(plan.tensors.length).toBe(4 * 5 + 3 * 3 + 3 + 3 * 256 + 1);
    expect(plan.share).toBe(0.02);
    expect(plan.bytesExact).toBeGreaterThan(12e9);
    expect(plan.bytesRead / plan.bytesExact).toBeGreaterThan(0.018);
    expect(plan.bytesRead / plan.bytesExact).toBeLessThan(0.025);
    expect(plan.tensors.find(({ name }) => name === expert(200))).toMatchObject({
      ...{
        layer: 3,
        role: "down_proj",
        expert: 200,
        rows: 7168,
        rowsRead: 136,
        runs: 8,
        storedBits: 8 * 7168 * 2048 + 32 * 56 * 16,
      },
    });
  });

  it("is read in a few ranges a tensor, and about as many bytes as was said", async () => {
    const names = [expert(7), expert(8)];
    const [before, sent] = [server.asked.length, server.sent];
    const rows = await scoredRows(source, request, { tensors: names });
    const planned = (await planOf(source.info, request)).tensors.filter(({ name }) => names.includes(name));
    expect(rows.map(({ tensor }) => tensor.name)).toEqual(names);
    // Eight runs of rows each, and the scales.
    expect(server.asked.length - before).toBeLessThanOrEqual(2 * 10);
    expect(server.sent - sent).toBeLessThan(1.6 * planned.reduce((sum, { bytesRead }) => sum + bytesRead, 0));
    for (const { signals } of rows) for (const value of signals.nmse.values) expect(value).toBeGreaterThan(0.001);
  });

  it("keeps what was scored when the server gives out midway, and says what became of it", async () => {
    const names = [0, 1, 2, 3, 4, 5].map(expert);
    const rows: TensorScores[] = [];
    let left = 45;
    server.before = (_, response) => {
      if (left-- > 0) return false;
      response.writeHead(503).end();
      return true;
    };
    const control = {
      signal: new AbortController().signal,
      progress() {},
      give: (row: TensorScores) => void rows.push(row),
    };
    await expect(scoreTensors(source, null, { ...request, tensors: names }, control)).rejects.toThrow(/answered 503/);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.length).toBeLessThan(6);
    server.before = null;
    // The rest is taken up again, and the whole is what it would have been.
    const rest = names.slice(rows.length);
    const both = [...rows, ...(await scoredRows(source, request, { tensors: rest }))];
    expect(both.map(({ tensor }) => tensor.name)).toEqual(names);
    const [again] = await scoredRows(source, request, { tensors: names.slice(0, 1) });
    expect(again).toEqual(rows[0]);
  });

  it("is left within 100 ms of a cancel, while reading and while computing", async () => {
    for (const wait of [0, 40, 120]) {
      const stop = new AbortController();
      const control = { signal: stop.signal, progress() {}, give() {} };
      const running = scoreTensors(
        source,
        null,
        { ...asked("int4/128;nvfp4;q4_k;int4/32~mse"), tensors: [9, 10, 11].map(expert) },
        control,
      );
      let cancelled = 0;
      setTimeout(() => {
        cancelled = performance.now();
        stop.abort();
      }, wait);
      await expect(running).rejects.toMatchObject({ name: "AbortError" });
      // A machine that is shared takes its time.
      expect(performance.now() - cancelled).toBeLessThan(300);
    }
  });
});
