/** Solvers against the same in NumPy (`oracles.py`): every code, on random cases. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { hasNumpy } from "../../python/run-for-test.ts";
import { normalValues } from "../../testing/matrix.ts";
import { calibrationOf, correlated, solve } from "./recipes-for-test.ts";

interface Case {
  solver: string;
  recipe: string;
  rows: number;
  cols: number;
  tokens: number;
  group: number;
  bits: number;
  affine: boolean;
  seed: number;
  options: Record<string, number>;
}

const recipes: [solver: string, step: string, options: Record<string, number>][] = [
  ["gptq", "gptq", { damp: 0.01 }],
  ["gptq", "gptq(0.2)", { damp: 0.2 }],
  ["gptq_order", "gptq(order=gram)", { damp: 0.01 }],
  ["ldlq", "ldlq(0.05)", { damp: 0.05 }],
  ["gptaq", "gptaq", { damp: 0.01, alpha: 0.25 }],
  ["gptaq", "gptaq(0.02,alpha=1)", { damp: 0.02, alpha: 1 }],
  ["qronos", "qronos", { damp: 1e-6 }],
  ["qronos", "qronos(0.01)", { damp: 0.01 }],
  ["hqq", "hqq", { p: 0.7, beta: 10, kappa: 1.01, iters: 20 }],
  ["hqq", "hqq(p=0.5,beta=300,kappa=1.1,iters=40)", { p: 0.5, beta: 300, kappa: 1.1, iters: 40 }],
];

const cases: Case[] = recipes.flatMap(([solver, step, options]) =>
  [1, 2, 3, 4].map((seed) => {
    const [rows, cols] = [3 + seed, [16, 37, 150, 64][seed - 1]];
    const group = [16, 8, 50, 64][seed - 1];
    const affine = solver === "hqq" || seed % 2 === 0;
    const bits = 2 + (seed % 3);
    const quantizer = affine ? `int${bits}(asym,zp=f16)/${group}` : `int${bits}/${group}`;
    return { solver, recipe: `${step}+${quantizer}`, rows, cols, tokens: 3 * cols, group, bits, affine, seed, options };
  }),
);

/** Groups that are found anew: within stretches of columns, across them, across blocks of columns. */
const dynamic: Case[] = [8, 12, 24, 40, 100, 128, 160, 300].map((group, k) => ({
  ...{ solver: "gptq", recipe: `gptq(groups=dynamic)+int4/${group}`, rows: 5, cols: 331, tokens: 400 },
  ...{ group, bits: 4, affine: false, seed: 20 + k, options: { damp: 0.01, dynamic: 1 } },
}));
cases.push(...dynamic);

const skip = hasNumpy() ? "" : " (skipped: there is no python3 with NumPy)";

const rowsOf = (values: ArrayLike<number>, width: number) =>
  Array.from({ length: values.length / width }, (_, r) =>
    Array.from({ length: width }, (__, c) => values[r * width + c]),
  );
async function runAll() {
  const runs = await Promise.all(
    cases.map(async ({ recipe, rows, cols, tokens, seed }) => {
      const w = normalValues(rows * cols + 1, 100 + seed).subarray(0, rows * cols);
      const x = correlated(tokens, cols, seed);
      // What layers upstream do: noise on every input.
      const noise = normalValues(tokens * cols + 1, 50 + seed);
      const before = x.map((v, i) => v + 0.3 * noise[i]);
      const [quantizer, solved] = [
        await solve(recipe.slice(recipe.indexOf("+") + 1), w, cols, null),
        await solve(recipe, w, cols, calibrationOf(x, cols, before)),
      ];
      return { w, x, before, quantizer, solved };
    }),
  );
  const asked = cases.map(({ options, cols, ...rest }, i) => {
    const { w, x, before, quantizer } = runs[i];
    const [level] = quantizer.quantized.scales;
    const zeros = quantizer.quantized.zeroPoints;
    return {
      ...rest,
      ...options,
      ...{ w: rowsOf(w, cols), x: rowsOf(x, cols), before: rowsOf(before, cols) },
      ...{ scales: rowsOf(level.values, level.gridCols), zeros: zeros && rowsOf(zeros, level.gridCols) },
    };
  });
  const program = fileURLToPath(new URL("oracles.py", import.meta.url));
  const answers: { codes: number[][]; result: number[][]; loss: number }[] = JSON.parse(
    execFileSync("python3", [program], { input: JSON.stringify(asked), maxBuffer: 2 ** 28, encoding: "utf8" }),
  );

  return { runs, answers };
}

describe.skipIf(skip !== "")(`solvers in NumPy${skip}`, () => {
  let all: Awaited<ReturnType<typeof runAll>>;
  beforeAll(async () => {
    all = await runAll();
  }, 180_000);

  it.each(cases.map(({ recipe, seed }, i) => [recipe, seed, i] as const))("%s, seed %i", (_, __, i) => {
    const { bits, affine } = cases[i];
    const { codes, result } = all.runs[i].solved;
    const signed = Array.from(codes, (code) => (!affine && code >= 2 ** (bits - 1) ? code - 2 ** bits : code));
    expect(signed).toEqual(all.answers[i].codes.flat());
    const apart = all.answers[i].result.flat().reduce((most, y, k) => Math.max(most, Math.abs(y - result[k])), 0);
    expect(apart).toBeLessThan(1e-6);
  });
});
