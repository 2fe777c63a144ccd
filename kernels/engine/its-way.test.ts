/** Choices among elements, rules that set codes, and rules that fit scales: what each is, said again in a few lines. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { referenceBackend } from "../backends/reference/backend.ts";
import { startReduction } from "../calibration/index.ts";
import { complete, parseDefinition, parseRecipe, printRecipe } from "../notation/index.ts";
import { matrixOf, normalValues, planOf, quantizeText } from "../testing/matrix.ts";
import { quantizeMatrix } from "./quantize.ts";

const [rows, cols] = [12, 256];
const x = normalValues(rows * cols, 3).map((v, i) => (i % 77 === 0 ? 4 * v : v));
const bitsOf = (plan: { bits: { bitsPerWeight: number }[] }) => plan.bits.reduce((sum, b) => sum + b.bitsPerWeight, 0);

/** Squared errors of each block of `n` under a recipe. */
async function errorsOf(recipe: string, n: number, values = x) {
  const { result } = await (await quantizeText(recipe, values, rows, cols)).rows(0, rows);
  return Array.from({ length: values.length / n }, (_, b) => {
    let sum = 0;
    for (let i = b * n; i < (b + 1) * n; i++) sum += Math.fround(values[i] - result[i]) ** 2;
    return { sum, result: Array.from(result.subarray(b * n, (b + 1) * n)) };
  });
}

describe("pick", () => {
  it.each(["", ":f16", "~rms", "~mse(grid=9)"])(
    "takes of each block what one of its elements alone gives, the better one%s",
    async (rest) => {
      const alone = [await errorsOf(`e2m1/16${rest}`, 16), await errorsOf(`int4/16${rest}`, 16)];
      const both = await errorsOf(`pick(e2m1,int4)/16${rest}`, 16);
      const taken = [0, 0];
      both.forEach(({ result }, b) => {
        const k = alone[1][b].sum < alone[0][b].sum ? 1 : 0;
        taken[k]++;
        expect(result).toEqual(alone[k][b].result);
      });
      expect(Math.min(...taken)).toBeGreaterThan(10);
    },
  );

  it("goes by the first of equals, and by absolute errors where it is asked to", async () => {
    const same = await quantizeText("pick(int4,int4)/16", x, rows, cols);
    expect(same.report.notes.join()).toContain(`${(rows * cols) / 16} int4, 0 int4`);
    const [mse, mae] = [await errorsOf("pick(e2m1,int4)/16", 16), await errorsOf("pick(e2m1,int4,by=mae)/16", 16)];
    const sum = (list: { sum: number }[]) => list.reduce((s, e) => s + e.sum, 0);
    expect(sum(mse)).toBeLessThan(sum(mae));
  });

  it("scales of scales hold the largest scale of any element", async () => {
    const { scales } = await quantizeText("pick(e2m1,int4)/16:e4m3/tensor", x, rows, cols);
    const amax = x.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    expect(scales[1].values[0]).toBe(Math.fround(amax / 6 / 448));
    expect(Math.max(...scales[0].values)).toBeLessThanOrEqual(448);
  });

  it("counts its selector", () => {
    expect(bitsOf(planOf("pick(e2m1,int4)/16:e4m3/tensor", 64, 256))).toBeCloseTo(
      4 + 8 / 16 + 1 / 16 + 32 / (64 * 256),
      12,
    );
    expect(bitsOf(planOf("pick(e1m2,e2m1,e3m0)/32:f16", 64, 256))).toBeCloseTo(4 + 16 / 32 + 2 / 32, 12);
    expect(bitsOf(planOf("if4/16:e4m3/tensor", 64, 256))).toBeCloseTo(4.5 + 32 / (64 * 256), 12);
    expect(bitsOf(planOf("if4/16:ue4m3", 64, 256))).toBeCloseTo(4 + 8 / 16, 12);
  });

  it("is written as it is read", () => {
    const canonical = (text: string) => printRecipe(parseRecipe(text));
    expect(canonical("pick((e2m1),(int4),by=mse)/16:e4m3")).toBe("pick(e2m1,int4)/16:e4m3");
    expect(canonical("pick(nf4,(e2m1),e3m0,by=mae)/row~rms")).toBe("pick(nf4,e2m1,e3m0,by=mae)/row~rms");
    const my = parseDefinition("my:=codebook(-1,-0.5,0,1)");
    expect(printRecipe(parseRecipe("pick(my,int2)/8", { definitions: [my] }), { definitions: [my] })).toBe(
      "pick(my,int2)/8",
    );
    const words = complete("pick(e2m1,int", 13).options.map(({ text }) => text);
    expect(words).toContain("int4");
  });

  it.each([
    ["pick(e2m1)/16", "pick chooses among 2 to 16 elements"],
    ["pick(e2m1,int8)/16", "pick takes elements of as many bits each, and int8 has 8, not 4"],
    ["pick(e2m1,f32)/16", "pick takes elements of as many bits each, and f32 has 32, not 4"],
    ["pick((e2m1/16),int4)/16", "pick takes bare elements"],
    ["pick(e2m1,if4)/16", "pick takes no if4, which chooses itself"],
    ["pick(e2m1,int4(asym))/16", "pick takes symmetric elements"],
    ["pick(int4(signmax),int4)/16", "pick takes symmetric elements"],
    ["pick(e2m1,int4)", "pick chooses an element a block: it needs one, as in /16"],
    ["babai+pick(e2m1,int4)/16", "pick finds scales and codes together"],
    ["int4/16:pick(uint8,e4m3)", "pick chooses by block, and a scale is stored in one format"],
    ["int4(asym,zp=pick(uint4,int4))/16", "pick holds no zero points"],
  ] as const)("%s is refused", (text, message) => {
    expect(() => planOf(text, 8, 64)).toThrow(message);
  });

  it("the inspector says which element a block took, and spells its arithmetic", async () => {
    const quantized = await quantizeText("pick(e2m1,int4)/16:e4m3/tensor", x, rows, cols);
    const { result, codes } = await quantized.rows(0, rows);
    for (const i of [0, 17, 300, 1000]) {
      const inspection = await quantized.inspect(Math.floor(i / cols), i % cols);
      expect(inspection.result).toBe(result[i]);
      const word = inspection.words!.at(-1)!.value;
      expect(codes![i] >= 16).toBe(word === "int4");
      expect(Math.fround(inspection.level! * inspection.scale)).toBe(inspection.quantized);
    }
  });

  it("blocks of any shape, of zeros and with NaN keep their way", async () => {
    const y = Float32Array.from(x).fill(0, 0, 64);
    y[100] = Number.NaN;
    y[200] = Infinity;
    for (const block of ["col", "tensor", "row", "4x32", "flat(100)", "7"]) {
      const { report } = await quantizeText(`pick(e2m1,int4)/${block}`, y, rows, cols);
      expect(report.metrics.nonFinite, block).toBe(2);
      const [a, b] = [
        (await quantizeText(`e2m1/${block}`, y, rows, cols)).report.metrics.mse!,
        (await quantizeText(`int4/${block}`, y, rows, cols)).report.metrics.mse!,
      ];
      expect(report.metrics.mse!, block).toBeLessThanOrEqual(Math.min(a, b));
    }
  });
});

it("IF4 takes E2M1 or integers times 6/7 under one scale, the integers for a strictly smaller error alone", async () => {
  const quantized = await quantizeText("if4/16:e4m3/tensor", x, rows, cols);
  const { result } = await quantized.rows(0, rows);
  const plain = await quantizeText("nvfp4", x, rows, cols);
  expect(quantized.scales).toEqual(plain.scales);
  const whole = plain.scales[1].values[0];
  const e2m1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6];
  let integers = 0;
  for (let b = 0; b < x.length / 16; b++) {
    const s = Math.fround(plain.scales[0].values[b] * whole);
    const values = Array.from(x.subarray(16 * b, 16 * b + 16));
    const [float, seventh] = [e2m1, Array.from({ length: 8 }, (_, k) => Math.fround((6 * k) / 7))].map((levels) => {
      const all = [...levels.map((l) => -l), ...levels];
      return values.map((v) =>
        Math.fround(all.reduce((p, q) => (Math.abs(q - v / s) < Math.abs(p - v / s) ? q : p)) * s),
      );
    });
    const error = (list: number[]) => list.reduce((sum, y, i) => sum + Math.fround(values[i] - y) ** 2, 0);
    const wanted = error(seventh) < error(float) ? seventh : float;
    if (wanted === seventh) integers++;
    expect(Math.abs(error(Array.from(result.subarray(16 * b, 16 * b + 16))) - error(wanted))).toBeLessThan(1e-9);
  }
  expect(quantized.report.notes.join()).toContain(`${integers} 6/7 int4`);
});

describe("rules that set codes", () => {
  it("TWN: zero within 0.7 of the mean magnitude, the mean of the rest beyond", async () => {
    const { result, codes } = await (await quantizeText("ternary/row~twn", x, rows, cols)).rows(0, rows);
    for (let r = 0; r < rows; r++) {
      const row = Array.from(x.subarray(r * cols, (r + 1) * cols));
      const edge = (0.7 * row.reduce((s, v) => s + Math.abs(v), 0)) / cols;
      const rest = row.filter((v) => Math.abs(v) > edge).map(Math.abs);
      const scale = Math.fround(rest.reduce((s, v) => s + v, 0) / rest.length);
      row.forEach((v, c) => {
        expect(result[r * cols + c]).toBe(v > edge ? scale : v < -edge ? -scale : 0);
        expect(codes![r * cols + c]).toBe(v > edge ? 2 : v < -edge ? 0 : 1);
      });
    }
  });

  it("BWN: signs about the mean, at the mean distance", async () => {
    const moved = x.map((v) => v + 0.7);
    const { result } = await (await quantizeText("binary/row~bwn", moved, rows, cols)).rows(0, rows);
    const row = Array.from(moved.subarray(0, cols));
    const mean = row.reduce((s, v) => s + v, 0) / cols;
    const scale = Math.fround(row.reduce((s, v) => s + Math.abs(v - mean), 0) / cols);
    expect(Array.from(result.subarray(0, cols))).toEqual(row.map((v) => (v >= mean ? scale : -scale)));
  });

  it("say for which formats they are, and who chose a code", async () => {
    expect(() => planOf("int4/row~twn", 4, 64)).toThrow("~twn sets codes of ternary, as in ternary/row~twn");
    expect(() => planOf("ternary/row~bwn", 4, 64)).toThrow("~bwn sets codes of binary");
    const quantized = await quantizeText("ternary/row~twn", x, rows, cols);
    expect((await quantized.inspect(0, 5)).chosen?.by).toBe("~twn");
  });
});

describe("rules that fit scales", () => {
  it("~fine settles on groups, and is then what is written with these", async () => {
    const spiky = x.map((v, i) => (i % 64 === 5 ? 30 * v : v));
    for (const [recipe, values] of [
      ["int4/row~fine(least=16):f16", spiky],
      ["int4(asym)/128~fine(alpha=0,least=8):f16", x],
    ] as const) {
      const fitted = await quantizeText(recipe, values, rows, cols);
      const size = /groups of (\d+)/.exec(fitted.report.notes.join());
      const block = size ? size[1] : "row";
      const plain = await quantizeText(recipe.replace(/\/(row|128)~fine\([^)]*\)/, `/${block}`), values, rows, cols);
      expect(fitted.scales).toEqual(plain.scales);
      expect(fitted.report.recipe).toBe(recipe);
      for (const of of ["mse", "bitsPerWeight"] as const)
        expect(fitted.report.metrics[of]).toBe(plain.report.metrics[of]);
      expect(fitted.report.grid).toEqual(plain.report.grid);
      expect(Array.from((await fitted.rows(0, 2)).codes!)).toEqual(Array.from((await plain.rows(0, 2)).codes!));
    }
  });

  it("~dgq keeps whole numbers times codes within INT8, near the error of float scales", async () => {
    const [fitted, plain] = [
      await quantizeText("int4(asym)/64~dgq:uint8/row:f16", x, rows, cols),
      await quantizeText("int4(asym)/64:f16", x, rows, cols),
    ];
    const { codes, result } = await fitted.rows(0, rows);
    const [group, row] = fitted.scales;
    codes!.forEach((code, i) => {
      const b = Math.floor(i / 64);
      const whole = group.values[b] * (code - fitted.zeroPoints![b]);
      expect(Math.abs(whole)).toBeLessThanOrEqual(127);
      const s = Math.fround(group.values[b] * row.values[Math.floor(i / cols)]);
      expect(result[i]).toBe(Math.fround((code - fitted.zeroPoints![b]) * s) + 0);
    });
    expect(fitted.report.metrics.mse!).toBeLessThan(1.25 * plain.report.metrics.mse!);
    expect(() => planOf("int4/64~dgq:uint8/row:f16", 4, 64)).toThrow("~dgq is for affine integers");
    await expect(quantizeText("int4(asym)/64~dgq:f16", x, rows, cols)).rejects.toThrow("~dgq has groups of a row");
  });

  it("zeros, NaN and short blocks keep their way", async () => {
    const y = Float32Array.from(x).fill(0, 0, cols);
    y[cols + 3] = Number.NaN;
    for (const recipe of [
      "int4(asym)/100~dgq:uint8/row:f16",
      "int4/row~fine:f16",
      "ternary/100~twn",
      "binary/flat(100)~bwn",
    ]) {
      const { report } = await quantizeText(recipe, y, rows, cols);
      expect([recipe, report.metrics.nonFinite, report.metrics.dead]).toEqual([recipe, 1, 0]);
    }
  });
});

it("behind a rotation and before a correction they are layers as any other", async () => {
  for (const recipe of [
    "ht(16)+pick(e2m1,int4)/16",
    "outliers(0.01)+ternary/row~twn",
    "if4/16:e4m3/tensor+lowrank(2)",
  ]) {
    const { report } = await quantizeText(recipe, x, rows, cols);
    expect(report.metrics.nmse!, recipe).toBeLessThan(0.3);
  }
});

it("any element may be picked with any other of as many bits", async () => {
  const four = fc.constantFrom(
    "e2m1",
    "int4",
    "nf4",
    "af4",
    "e1m2",
    "e3m0",
    "bipolar4",
    "int4(full)",
    "uint4",
    "binary4p2sf",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(four, { minLength: 2, maxLength: 4 }), async (elements) => {
      const recipe = `pick(${elements.join()})/32`;
      const { report } = await quantizeText(recipe, x.subarray(0, 4 * cols), 4, cols);
      for (const element of elements) {
        const alone = await quantizeText(`${element}/32`, x.subarray(0, 4 * cols), 4, cols);
        expect(report.metrics.mse!).toBeLessThanOrEqual(alone.report.metrics.mse! * (1 + 1e-12));
      }
    }),
    { numRuns: 15 },
  );
});

it("can be cancelled in every phase", async () => {
  for (const recipe of [
    "pick(e2m1,int4)/16~mse",
    "ternary/16~twn",
    "int4/row~fine:f16",
    "int4(asym)/16~dgq:uint8/row:f16",
    "hif4",
  ]) {
    const phases = new Set<string>();
    const plan = planOf(recipe, rows, cols);
    const run = (stop: string | null) =>
      quantizeMatrix(matrixOf(x, rows, cols), plan, {
        ...{ backend: referenceBackend, now: () => 0 },
        async checkpoint(_done, _total, phase) {
          phases.add(phase);
          if (phase === stop) throw new Error(`stopped in ${phase}`);
        },
      });
    await run(null);
    expect(phases.size, recipe).toBeGreaterThan(2);
    for (const phase of phases) await expect(run(phase)).rejects.toThrow(`stopped in ${phase}`);
  }
});

it("quantized inputs may choose, too", async () => {
  const reduction = await startReduction(cols);
  await reduction.add(x);
  const calibration = await reduction.finish({ kind: "activations", name: "x", digest: "" });
  const w = normalValues(8 * cols, 9);
  const joint = async (activations: string) => {
    const { report } = await quantizeMatrix(matrixOf(w, 8, cols), planOf("int8/row", 8, cols), {
      ...{ backend: referenceBackend, calibration, checkpoint: async () => {}, now: () => 0 },
      activations: { recipe: parseRecipe(activations), definitions: [], scales: "dynamic" },
    });
    return report.activations!.activationOnly!;
  };
  expect(await joint("pick(e2m1,int4)/16")).toBeLessThan(Math.max(await joint("e2m1/16"), await joint("int4/16")));
});
