import { afterAll, beforeAll, describe, expect, it } from "vitest";
import golden from "./figures.golden.json" with { type: "json" };
import { openSample, runLm, setupOf, weights } from "./open-for-test.ts";

/** Every row on all windows takes a minute: `LM=all npx vitest run workers/lm`. Else two rows, and single matrices on two windows. */
const everything = process.env.LM === "all";

let setup: ReturnType<typeof setupOf>;
beforeAll(async () => {
  setup = setupOf(await openSample());
});
afterAll(async () => {
  await setup.machines.end();
  setup.model.source.close();
});

/** Figures of PyTorch in float32 (`figures.golden.json`); 1 percent is the stated tolerance, of shares as of divergences. */
const near = (found: number | null, wanted: number) => expect(Math.abs(found! / wanted - 1)).toBeLessThan(0.01);

describe("the sample model on its 17 windows is what it is in PyTorch", () => {
  const rows = golden.rows.filter(({ recipe }) => everything || recipe === "int4/128" || recipe === "int3/128");
  const pairs = rows.flatMap((a, i) => (i % 2 === 0 ? [{ a, b: rows.at(i + 1) }] : []));
  it.for(pairs)("under $a.recipe (and $b.recipe) of all 42 linear layers", { timeout: 300_000 }, async ({ a, b }) => {
    const side = (row: typeof a | undefined) => (row ? weights(`*proj*=${row.recipe}`) : null);
    const { figures, answer } = await runLm(setup, { a: side(a), b: side(b), most: null });
    expect(figures).toMatchObject({ windows: 17, predictions: 8704 });
    near(figures.base.nll.value, golden.nll);
    for (const [row, own] of [
      [a, figures.a],
      [b, figures.b],
    ] as const) {
      if (!row) continue;
      near(own!.nll.value, row.nll);
      near(own!.kl.value, row.kl);
      near(own!.topOne.value, row.topOne);
      expect(own!.none).toBe(false);
    }
    expect(answer.a?.touched).toBe(42);
  });

  it.runIf(everything).for(golden.one)(
    "under int2/128 of $tensor alone",
    { timeout: 300_000 },
    async ({ tensor, kl }) => {
      const { figures } = await runLm(setup, { a: weights(`${tensor}=int2/128`), most: null });
      near(figures.a!.kl.value, kl);
    },
  );
});
