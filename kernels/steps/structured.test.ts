/** Parts with a structure, and corrections by small blocks: Kronecker products, Monarch, Tucker, element-wise masks, block affine maps. */
import { describe, expect, it } from "vitest";
import { referenceBackend } from "../backends/reference/backend.ts";
import { applyTransforms } from "../backends/transforms.ts";
import { quantizeMatrix } from "../engine/quantize.ts";
import { matrixOf, normalValues, planOf, quantizeText } from "../testing/matrix.ts";
import { work as bone } from "./bone/work.ts";
import { work as hut } from "./hut/work.ts";
import type { StepJob } from "./step.ts";
import { decomposed, type Sides, tensor, whole } from "./tucker/hooi.ts";

const [rows, cols] = [32, 64];
const x = normalValues(rows * cols, 5);
const run = async (recipe: string, values = x, shape: [number, number] = [rows, cols]) => {
  const quantized = await quantizeText(recipe, values, ...shape);
  return { ...(await quantized.rows(0, shape[0])), metrics: quantized.report.metrics, notes: quantized.report.notes };
};
/** Nothing is stored of the rest. */
const ALONE = "prune(1)+f16";
const nmse = async (recipe: string, values = x, shape?: [number, number]) =>
  (await run(recipe, values, shape)).metrics.nmse!;

const job = {
  checkpoint: async () => {},
  store: async (name: string, m: object) => ({ ...m, name, recipe: "f32", bits: 0 }),
} as unknown as StepJob;

describe("kron", () => {
  const product = (noise: number) => {
    const [a, b] = [normalValues(8 * 8, 1), normalValues(4 * 8, 2)];
    const e = normalValues(rows * cols, 3);
    return x.map((_, i) => {
      const [r, c] = [Math.floor(i / cols), i % cols];
      return a[Math.floor(r / 4) * 8 + Math.floor(c / 8)] * b[(r % 4) * 8 + (c % 8)] + noise * e[i];
    });
  };

  it("finds the one product that a matrix is of", async () => {
    expect(await nmse(`kron(m=4,n=8,k=1,factors=f32)+${ALONE}`, product(0))).toBeLessThan(1e-12);
    const { notes, metrics } = await run(`kron(m=4,n=8)+${ALONE}`, product(0.01));
    expect(notes).toEqual(["kron: 1 products are kept, 100.0 % of the energy"]);
    expect(metrics.bitsPerWeight).toBeCloseTo((16 * (64 + 32)) / (rows * cols), 10);
    expect((await run(`kron(m=4,n=8,pick=elbow)+${ALONE}`, product(0.01))).notes[0]).toMatch(/^kron: 1 products/);
  });

  it("with all products is the matrix", async () => {
    expect(await nmse(`kron(m=4,n=8,k=32,factors=f32)+${ALONE}`)).toBeLessThan(1e-12);
    const { notes } = await run(`kron(m=4,n=8,k=99,factors=f32)+${ALONE}`);
    expect(notes[0]).toContain("rank 32 at most, which is kept instead of 99");
  });

  it("takes an inner factor near the roots of both sides where none is named", async () => {
    const { metrics } = await run("kron(k=1)+int4/8");
    // 32 is 4 times 8, and 64 is 8 times 8.
    expect(metrics.bitsBreakdown.map(({ what }) => what)).toContain("inner Kronecker factors, 1 x 32 (f16)");
  });

  it("refuses an inner factor that does not divide the matrix", async () => {
    await expect(run("kron(m=5,n=8)+int4/8")).rejects.toThrow("5 x 8 does not divide a matrix of 32 x 64");
  });
});

describe("monarchpart", () => {
  /** Of every (j, k) the slice over (l, i) is of rank one. */
  it("gives a Monarch matrix back, and leaves less of any other the more blocks there are", async () => {
    const [b, outer, inner] = [8, rows / 8, cols / 8];
    const [l, r] = [normalValues(8 * rows, 1), normalValues(8 * cols, 2)];
    const values = x.map((_, at) => {
      const [row, col] = [Math.floor(at / cols), at % cols];
      const [j, k] = [row % b, Math.floor(col / inner)];
      return l[(j * outer + Math.floor(row / b)) * b + k] * r[(k * b + j) * inner + (col % inner)];
    });
    expect(await nmse(`monarchpart(8,factors=f32)+${ALONE}`, values)).toBeLessThan(1e-10);
    const errors = await Promise.all([1, 4, 16].map((blocks) => nmse(`monarchpart(${blocks},factors=f32)+${ALONE}`)));
    expect(errors).toEqual(errors.toSorted((a, c) => c - a));
  });

  it("is the nearest: each slice loses what its smaller singular values hold", async () => {
    // With one block it is the best part of rank one.
    expect(
      (await nmse(`monarchpart(1,factors=f32)+${ALONE}`)) / (await nmse(`principal(1,factors=f32)+${ALONE}`)),
    ).toBeCloseTo(1, 6);
  });

  it("chooses its blocks, and refuses others with one that fits", async () => {
    expect((await run("monarchpart+int4/8")).metrics.bitsBreakdown.map(({ what }) => what)).toContain(
      "left factor, 8 blocks, 32 x 8 (f16)",
    );
    await expect(run("monarchpart(5)+int4/8")).rejects.toThrow("does not divide a matrix of 32 x 64");
  });
});

describe("monarch", () => {
  it.each(["monarch", "monarch(4,seed=3)", "monarch(32,seed=1)"])("%s comes back, and keeps lengths", (step) => {
    const plan = planOf(`${step}+f32`, rows, cols);
    const y = applyTransforms(plan, x, rows);
    const energy = (v: Float32Array) => v.reduce((sum, value) => sum + value * value, 0);
    expect(energy(y) / energy(x)).toBeCloseTo(1, 6);
    expect(y).not.toEqual(x);
    for (let at = 0; at < y.length; at += cols) plan.transforms[0].inverse(y, at, cols, 0);
    y.forEach((v, i) => {
      expect(Math.abs(v - x[i])).toBeLessThan(1e-6 * 4);
    });
  });

  it("spreads one loud column over its row", () => {
    const loud = x.map((v, i) => (i % cols === 9 ? 40 * v : v));
    const [rotation] = planOf("monarch+f32", rows, cols).transforms;
    const turned = loud.slice();
    for (let at = 0; at < turned.length; at += cols) rotation.forward(turned, at, cols, 0);
    const most = (values: Float32Array) => values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    expect(most(turned)).toBeLessThan(0.5 * most(loud));
  });

  it("takes inputs along, so that products stay", () => {
    const [{ forward, dual }] = planOf("monarch(4,seed=3)+f32", 2, cols).transforms;
    const [w, v] = [normalValues(cols, 8), Float64Array.from(normalValues(cols, 9))];
    const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => {
      let sum = 0;
      for (let c = 0; c < cols; c++) sum += a[c] * b[c];
      return sum;
    };
    const before = dot(w, v);
    forward(w, 0, cols, 0);
    if (dual?.kind !== "rows") throw new Error("a streamed transform works on rows");
    dual.apply(v, 0, cols, 0);
    expect(Math.abs(dot(w, v) - before)).toBeLessThan(1e-5);
  });

  it("refuses rows that it cannot cut", async () => {
    await expect(run("monarch(7)+int4/8")).rejects.toThrow("leaves a remainder");
    await expect(run("monarch+int4/13", normalValues(26, 1), [2, 13])).rejects.toThrow(
      "monarch cuts rows of 13 elements into 1",
    );
  });
});

describe("tucker", () => {
  const sides: Sides = [12, 10, 9];
  const planted = async (r: number, noise: number) => {
    const core = tensor([r, r, r], Float64Array.from(normalValues(r ** 3, 1)));
    const factors = sides.map((n, i) => ({ rows: n, cols: r, values: Float64Array.from(normalValues(n * r, 10 + i)) }));
    const { values } = await whole(core, factors, {});
    const e = normalValues(values.length, 77);
    return tensor(
      sides,
      values.map((v, i) => v + noise * e[i]),
    );
  };
  const missing = async (of: Awaited<ReturnType<typeof planted>>, r: number, iters: number) => {
    const { core, factors } = await decomposed(of, [r, r, r], iters, {});
    const { values } = await whole(core, factors, {});
    const energy = (v: Float64Array) => v.reduce((sum, y) => sum + y * y, 0);
    return energy(values.map((v, i) => v - of.values[i])) / energy(of.values);
  };

  it("recovers a planted tensor to round-off", async () => {
    expect(await missing(await planted(3, 0), 3, 20)).toBeLessThan(1e-24);
  });

  it("alternating least squares leave no more than singular vectors, which leave less than three times the least", async () => {
    const noisy = await planted(3, 2);
    const [hosvd, hooi] = [await missing(noisy, 2, 0), await missing(noisy, 2, 20)];
    expect(hooi).toBeLessThan(hosvd);
    expect(hosvd).toBeLessThan(3 * hooi);
  });

  it("keeps kernels and stacks, and finds ranks by energy", async () => {
    const of = Float32Array.from((await planted(2, 0)).values);
    const kernels = await run(`tucker(2,2,2,n=9,core=f32,factors=f32)+${ALONE}`, of, [12, 90]);
    expect(kernels.metrics.nmse!).toBeLessThan(1e-12);
    const stack = await run(`tucker(2,2,2,n=12,of=stack,core=f32,factors=f32)+${ALONE}`, of, [120, 9]);
    expect(stack.metrics.nmse!).toBeLessThan(1e-12);
    expect(stack.metrics.bitsPerWeight).toBeCloseTo((32 * (8 + 2 * (12 + 10 + 9))) / 1080, 10);
    const found = await run(`tucker(n=9,energy=0.999999)+${ALONE}`, of, [12, 90]);
    expect(found.notes).toEqual(["tucker: ranks 2 x 2 x 2 hold the energy asked for"]);
  });

  it("says where ranks are above the tensor's, and refuses what makes no sense", async () => {
    expect((await run(`tucker(4,99,4,n=4)+${ALONE}`)).notes[0]).toContain(
      "ranks 4 x 16 x 4 at most, which are kept instead of 4 x 99 x 4",
    );
    await expect(run("tucker(4,4,n=4)+int4/8")).rejects.toThrow("three ranks, or none");
    await expect(run("tucker(4,4,4,n=5)+int4/8")).rejects.toThrow("does not divide the 64 columns");
  });
});

describe("hut", () => {
  it("with one direction is a scale of each row times one of each column", async () => {
    const row = (i: number) => 1 + (Math.floor(i / cols) % 3) / 8;
    const col = (i: number) => 1 - ((i % cols) % 4) / 8;
    const { result } = await run("int3/16");
    const fitted = await hut.fit(
      { asked: 1, rank: 1, sweeps: 20, factors: null as never },
      { rows, cols, values: result.map((y, i) => y * (1 + (row(i) - 1) * (col(i) - 0.5))) },
      { rows, cols, values: result },
      job,
    );
    hut.correct(fitted, { row0: 0, rows, cols, values: result }).forEach((y, i) => {
      expect(Math.abs(y - result[i] * (1 + (row(i) - 1) * (col(i) - 0.5)))).toBeLessThan(1e-5);
    });
  });

  it("leaves less with every direction and sweep, and cannot mend what became zero", async () => {
    const errors = await Promise.all([1, 2, 4, 8].map((r) => nmse(`int2/16+hut(${r},factors=f32)`)));
    expect([await nmse("int2/16"), ...errors]).toEqual([await nmse("int2/16"), ...errors].toSorted((a, b) => b - a));
    const { result } = await run("int2/16");
    let lost = 0;
    let all = 0;
    x.forEach((v, i) => {
      all += v * v;
      if (result[i] === 0) lost += v * v;
    });
    // At full rank all but the zeros.
    const whole = await nmse("int2/16+hut(32,factors=f32,sweeps=3)");
    expect(whole).toBeGreaterThanOrEqual((lost / all) * (1 - 1e-6));
    expect(whole).toBeLessThan(1.01 * (lost / all) + 1e-4);
  });

  it("leaves values that are not finite, and a result of zeros, alone", async () => {
    const values = x.slice();
    values[7] = Number.NaN;
    expect((await run("int3/16+hut(2)", values)).metrics).toMatchObject({ nonFinite: 1, broken: 0 });
    expect(await nmse("prune(1)+f16+hut(2)")).toBe(1);
  });
});

describe("bone", () => {
  it.each(["bat", "bone"])("%s never leaves more than it found", async (by) => {
    for (const r of [4, 8, 32]) {
      const mended = await nmse(`int2/16+bone(${r},by=${by},values=f32)`);
      expect(mended).toBeLessThan(await nmse("int2/16"));
    }
  });

  it("can be taken off again: (tile' - B)(I + B)^-1 = tile", async () => {
    const r = 8;
    const { result } = await run("int3/16");
    const of = { rows, cols, values: result };
    const fitted = await bone.fit({ r, by: "bat", values: null as never }, { rows, cols, values: x }, of, job);
    const mended = bone.correct(fitted, { ...of, row0: 0 });
    const { side } = fitted as { side: { values: Float32Array } };
    let most = 0;
    for (let row = 0; row < rows; row++) {
      const block = (i: number, j: number) => side.values[(row - (row % r) + i) * r + j];
      for (let c = 0; c < cols; c += r) {
        // y (I + B) = tile' - B, by Gauss and Jordan on the transposed system.
        const a = Array.from({ length: r }, (_, j) => [
          ...Array.from({ length: r }, (_, i) => block(i, j) + (i === j ? 1 : 0)),
          mended[row * cols + c + j] - side.values[row * r + j],
        ]);
        for (let p = 0; p < r; p++) {
          const pivot = a
            .slice(p)
            .reduce((best, line, i) => (Math.abs(line[p]) > Math.abs(a[best][p]) ? i + p : best), p);
          [a[p], a[pivot]] = [a[pivot], a[p]];
          for (let i = 0; i < r; i++) {
            if (i === p) continue;
            const by = a[i][p] / a[p][p];
            for (let j = p; j <= r; j++) a[i][j] -= by * a[p][j];
          }
        }
        for (let j = 0; j < r; j++) most = Math.max(most, Math.abs(a[j][r] / a[j][j] - result[row * cols + c + j]));
      }
    }
    expect(most).toBeLessThan(1e-5);
  });

  it("says where a map has no inverse", async () => {
    // Every tile of the first row of tiles is to become -I, whatever it was: B = -I takes it all away and adds that.
    const values = x.map((v, i) => (i < 8 * cols ? (Math.floor(i / cols) === i % 8 ? -1 : 0) : v));
    const { notes, metrics } = await run("int4/16+bone(8,values=f32)", values);
    expect(notes.join()).not.toContain("inverse");
    expect(metrics.nmse!).toBeGreaterThan(0);
    const fitted = await bone.fit(
      { r: 8, by: "bat", values: null as never },
      { rows, cols, values },
      { rows, cols, values: x },
      job,
    );
    expect(bone.notes!(fitted)).toEqual([
      "bone: the maps of 1 rows of tiles have no inverse, the first of them 0: they cannot be taken off again",
    ]);
  });

  it("refuses tiles that do not divide the matrix, with some that do", async () => {
    await expect(run("int4/16+bone(24)")).rejects.toThrow(
      "bone(24) does not divide a matrix of 32 x 64 into tiles; 16 does",
    );
  });
});

describe("armor", () => {
  it("never leaves more than 2 of 4 alone, and says what it leaves", async () => {
    const alone = await nmse("prune(n=2,m=4)+f32");
    const errors = await Promise.all([0, 1, 4].map((rounds) => nmse(`armor(8,rounds=${rounds},wrappers=f32)+f32`)));
    expect(errors[0] / alone).toBeCloseTo(1, 10);
    expect(errors).toEqual(errors.toSorted((a, b) => b - a));
    expect((await run("armor(8,rounds=4)+f32")).notes[0]).toMatch(
      /^armor: the loss before quantizing is [\d.]+ \(0\.\d+ of what 2 of 4 alone lose\)$/,
    );
  });

  it("wraps what the quantizer made of the core, whose zeros have no codes", async () => {
    const { metrics, result } = await run("armor(8,rounds=3,wrappers=f32)+bipolar4/row");
    expect(metrics.nmse!).toBeLessThan(0.2);
    expect(metrics.bitsPerWeight).toBeCloseTo(2 + 32 / cols + 1 + (32 * 8 * (rows + cols)) / (rows * cols), 10);
    // Wrappers fill places that the core leaves empty.
    expect(result.filter((y) => y === 0).length).toBeLessThan(0.01 * rows * cols);
  });

  it("is spelled out element by element, and keeps what is not finite", async () => {
    const values = x.slice();
    values[70] = Number.NaN;
    const quantized = await quantizeText("armor(8,rounds=2)+int4/16", values, rows, cols);
    const { result } = await quantized.rows(0, rows);
    const seen = await quantized.inspect(2, 3);
    expect(seen.steps).toEqual([{ name: "armor", value: result[2 * cols + 3] }]);
    expect(quantized.report.metrics).toMatchObject({ nonFinite: 1, broken: 0 });
  });

  it("refuses blocks that do not divide the matrix, and what would fill the core", async () => {
    await expect(run("armor(24)+int4/16")).rejects.toThrow(
      "armor(24) does not divide a matrix of 32 x 64 into blocks; 16 does",
    );
    await expect(run("armor(8)+ht(8)+int4/16")).rejects.toThrow("which ht would fill");
  });
});

describe("whoever waits can cancel", () => {
  it.each([
    ["principal", "principal(4,iters=2)+int4/8"],
    ["lowrank", "int4/8+lowrank(4)"],
    ["principal", "principal(4,holes=zeros)+int4/8"],
    ["kron", "kron+int4/8"],
    ["tucker", "tucker(2,2,2,n=4)+int4/8"],
    ["monarchpart", "monarchpart+int4/8"],
    ["hut", "int4/8+hut(2)"],
    ["bone", "int4/8+bone(8)"],
    ["armor", "armor(8)+int4/8"],
    ["densesparse", "densesparse(0.1,sensitive=0,by=lowrank)+int4/8"],
    ["prune", "prune(n=2,m=4)+int4/8"],
    ["clamp", "clamp+int4/8"],
    ["columns", "columns(3,by=own)+int4/8"],
  ])("%s in %s", async (name, recipe) => {
    let looks = 0;
    const waiting = quantizeMatrix(matrixOf(x, rows, cols), planOf(recipe, rows, cols), {
      ...{ backend: referenceBackend, now: () => 0 },
      async checkpoint(_, __, phase) {
        if (phase.startsWith(name) && ++looks === 2) throw new DOMException("cancelled", "AbortError");
      },
    });
    await expect(waiting).rejects.toThrow("cancelled");
  });
});
