import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { AllocationTable } from "../../kernels/allocation/types.ts";
import { startDawn } from "../../kernels/backends/webgpu/device/dawn.ts";
import {
  agrees,
  codeAt,
  columnsAGroup,
  drawPacked,
  drawToken,
  hasScales,
  multiplyPacked,
  WIDTHS,
  widthOf,
} from "../../kernels/signals/latency/packed.ts";
import { loadProduct } from "../../kernels/signals/latency/wasm.ts";
import type { ScoredTensor, ScoreFile } from "../scores/types.ts";
import { gpuMachine } from "./gpu.ts";
import type { LatencyMachine } from "./machine.ts";
import { latencyMachine, probeLatency } from "./probe.ts";
import { processor } from "./processor.ts";
import { keptLatency, latencyCost, latencyScores, wantedFor, weighedScores } from "./scores.ts";
import type { LatencyAnswer } from "./types.ts";

const control = (signal = new AbortController().signal) => ({ signal, progress() {} });

describe("packed codes", () => {
  test("are multiplied as their values are", () => {
    const packed = { ...drawPacked(2, 40, 3, 5), scales: Float32Array.of(2, 4) };
    const token = drawToken(40, 3, 5);
    const wanted = [0, 1].map((row) =>
      token.reduce((sum, x, col) => sum + packed.scales[row] * codeAt(packed, row, col) * x, 0),
    );
    const got = multiplyPacked(packed, token);
    for (const row of [0, 1]) expect(got[row]).toBeCloseTo(wanted[row], 9);
    // Of four words, the second column is the first code of the second word.
    expect(codeAt(packed, 0, 1)).toBe((packed.words[1] & 7) - 4);
    expect(codeAt(packed, 0, 4)).toBe(((packed.words[0] >>> 3) & 7) - 4);
  });

  test("take the bits that they say, the last group whole", () => {
    for (const width of WIDTHS) {
      const { words, scales, groups } = drawPacked(3, 100, width, 1);
      expect(groups).toBe(Math.ceil(100 / columnsAGroup(width)));
      expect(words.length).toBe(12 * groups);
      expect(scales.length).toBe(hasScales(width) ? 3 * groups : 0);
    }
  });

  test("a recipe is timed as the largest width that is not more than its bits", () => {
    expect([0.9, 1, 1.58, 4, 4.25, 6.5625, 8.5, 12, 16, 32].map(widthOf)).toEqual([1, 1, 1, 4, 4, 6, 8, 8, 16, 32]);
  });
});

test("wasm multiplies as the definition does", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...WIDTHS),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 300 }),
      fc.nat(1000),
      async (width, rows, cols, seed) => {
        const [packed, token] = [drawPacked(rows, cols, width, seed), drawToken(cols, width, seed)];
        const loaded = await loadProduct(packed, token);
        loaded.multiply(2);
        expect(agrees(packed, token, loaded.product())).toBe(true);
        expect(
          agrees(
            packed,
            token,
            loaded.product().map((x) => 1.01 * x + 0.01),
          ),
        ).toBe(false);
      },
    ),
    { numRuns: 60 },
  );
});

const machines: Record<string, () => Promise<LatencyMachine>> = {
  processor: async () => processor(),
  "GPU in software": async () => {
    const adapter = await (await startDawn({ software: true })).requestAdapter();
    return gpuMachine(adapter!);
  },
};

describe.each(Object.entries(machines))("the %s", (_, open) => {
  let machine: LatencyMachine;
  beforeAll(async () => {
    machine = await open();
  });

  test("multiplies right at every width, and each shape is timed once", async () => {
    const widths = [...WIDTHS];
    const { timings, failed, about } = await probeLatency(
      machine,
      {
        shapes: [
          [9, 100],
          [9, 100],
        ],
        widths,
        machine: null,
        runs: 2,
      },
      control(),
    );
    expect(failed).toEqual([]);
    expect(timings.map(({ rows, width }) => `${rows} ${width}`)).toEqual(widths.map((width) => `9 ${width}`));
    for (const { lower, median, upper, products } of timings) {
      expect(lower).toBeGreaterThan(0);
      expect(lower).toBeLessThanOrEqual(median);
      expect(median).toBeLessThanOrEqual(upper);
      expect(products).toBeGreaterThanOrEqual(1);
    }
    expect(about).toContain("not a server's");
  });

  test("times a part of what does not fit, in proportion", async () => {
    const small = { ...machine, load: machine.load.bind(machine), close() {}, limit: 16 * 20 * 2 };
    const { timings, failed } = await probeLatency(
      small,
      {
        shapes: [
          [32, 128],
          [32, 4096],
        ],
        widths: [4, 32],
        machine: null,
        runs: 2,
      },
      control(),
    );
    expect(timings).toMatchObject([
      { rows: 32, cols: 128, width: 4, rowsTimed: 8 },
      { rows: 32, cols: 128, width: 32, rowsTimed: 1 },
    ]);
    expect(failed.map(({ cols, why }) => [cols, why])).toEqual([
      [4096, "not one row of it fits the memory that may be used"],
      [4096, "not one row of it fits the memory that may be used"],
    ]);
  });
});

test("a machine that multiplies wrongly is not timed, and one left stops", async () => {
  const wrong: LatencyMachine = {
    ...processor(),
    load: async (packed) => ({
      time: async () => 3,
      product: async () => new Float32Array(packed.rows),
      close() {},
    }),
  };
  const asked = { shapes: [[8, 64]] as [number, number][], widths: [4 as const], machine: null };
  const { failed } = await probeLatency(wrong, asked, control());
  expect(failed[0].why).toBe("its product is not the one that it should be");
  await expect(probeLatency(processor(), asked, control(AbortSignal.abort()))).rejects.toThrow("abort");
  await expect(probeLatency(processor(), { ...asked, shapes: [[0, 3]] }, control())).rejects.toThrow(
    "0 x 3 is no matrix",
  );
  expect((await latencyMachine(null, null)).name).toBe("wasm");
  await expect(latencyMachine(null, "webgpu")).rejects.toThrow("There is no GPU here");
});

test("scores take the time of their recipe's width, and null where nothing was timed", () => {
  const tensor = (name: string, shape: number[], bits: (number | null)[]): ScoredTensor => {
    const elements = shape.reduce((a, b) => a * b);
    const rest = { layer: 0, role: "q_proj", expert: null, rows: 2, rowsRead: 2, energy: 1 };
    const each = { refused: bits.map(() => null), exact: bits.map(() => true) };
    return {
      name,
      shape,
      elements,
      storedBits: 16 * elements,
      bits: bits.map((b) => b && b * elements),
      ...rest,
      ...each,
    };
  };
  const tensors = [
    tensor("a", [4, 64], [4.25, 8, null]),
    tensor("b", [2, 3, 4], [4, 4, 4]),
    tensor("c", [4, 64], [6, 3, 2]),
  ];
  expect(wantedFor({ tensors } as ScoreFile)).toEqual({ shapes: [[4, 64]], widths: [2, 3, 4, 6, 8, 16] });
  const timing = (width: 4 | 8 | 16, median: number) => ({
    rows: 4,
    cols: 64,
    width,
    median,
    lower: 0,
    upper: 9,
    products: 2,
    rowsTimed: 4,
  });
  const answer = { timings: [timing(4, 1), timing(8, 2), timing(16, 3)], about: "here." } as LatencyAnswer;
  expect(latencyScores({ tensors }, answer)).toEqual({
    values: [
      [1, 2, null],
      [null, null, null],
      [null, null, null],
    ],
    about: "here. A recipe is timed as plain codes of the largest width that is not more than its bits a weight.",
  });
  expect(keptLatency({ tensors }, answer)).toEqual([3, null, 3]);
  const scores = { tensors, recipes: ["x", "y", "z"] } as ScoreFile;
  const items = ["c", "a", "other"].map((name) => ({ name, elements: 256, layer: 0, role: "q_proj", tie: null }));
  const table = { items, choices: ["y", "x", "keep"] } as unknown as AllocationTable;
  expect([...latencyCost(table, scores, answer)]).toEqual([NaN, NaN, 3, 2, 1, 3, NaN, NaN, NaN]);
});

test("loss and time in one signal: to keep a tensor counts as 0, and what has no time has no figure", () => {
  const each = { refused: [null, null], exact: [true, true], energy: 1, rows: 4, rowsRead: 4 };
  const tensor = (name: string, shape: number[]): ScoredTensor => {
    const elements = shape.reduce((a, b) => a * b);
    const rest = { layer: 0, role: "q_proj", expert: null, ...each };
    return { name, shape, elements, storedBits: 16 * elements, bits: [4 * elements, 8 * elements], ...rest };
  };
  const tensors = [tensor("a", [4, 64]), tensor("b", [8, 64])];
  const kl = {
    values: [
      [0.3, 0.1],
      [1, 0.5],
    ],
    about: "",
  };
  const scores = { tensors, recipes: ["x", "y"], signals: { kl } } as unknown as ScoreFile;
  const timing = (rows: number, width: 4 | 8 | 16, median: number) => ({ rows, cols: 64, width, median });
  const timings = [timing(4, 4, 1), timing(4, 8, 2), timing(4, 16, 4)];
  const answer = { timings, about: "", device: "here" } as unknown as LatencyAnswer;
  const { values, about } = weighedScores(scores, "kl", answer, 0.5);
  // Losses are over 1.3, times over 4.
  expect(values[0][0]).toBeCloseTo((0.5 * 0.3) / 1.3 - (0.5 * 3) / 4, 12);
  expect(values[0][1]).toBeCloseTo((0.5 * 0.1) / 1.3 - (0.5 * 2) / 4, 12);
  expect(values[1]).toEqual([null, null]);
  expect(about).toContain("50 % of kl and 50 % of the time on this device (here)");
  expect(weighedScores(scores, "kl", answer, 1).values[0][0]).toBeCloseTo(0.3 / 1.3, 12);
});
