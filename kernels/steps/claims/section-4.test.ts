/** Claims of the catalogue's fourth section, transforms, beside those of `claims.test.ts`. */
import { describe, expect, it } from "vitest";
import { near } from "../../testing/claims.ts";
import { normalValues } from "../../testing/matrix.ts";
import { calibrationOf, solve } from "../solving/recipes-for-test.ts";

describe("4.2 MR-GPTQ: NVFP4 on inputs whose neighbours correlate by 0.9, with log-normal gains (sigma 0.6)", () => {
  const [rows, cols, tokens] = [32, 256, 768];
  const z = normalValues(tokens * cols, 7);
  const gains = normalValues(cols, 9).map((g) => Math.exp(0.6 * g));
  const x = new Float32Array(z.length);
  let chain = 0;
  z.forEach((v, i) => {
    chain = i % cols === 0 ? v : 0.9 * chain + Math.sqrt(1 - 0.81) * v;
    x[i] = chain * gains[i % cols];
  });
  const w = normalValues(rows * cols, 3);

  it("GPTQ takes most of the outputs' error, the Gram matrix's order more, and the weight's error rises", async () => {
    const known = calibrationOf(x, cols);
    const [plain, solved, ordered] = await Promise.all(
      ["nvfp4", "gptq+nvfp4", "gptq(order=gram)+nvfp4"].map(
        async (recipe) => (await solve(recipe, w, cols, known)).report.metrics,
      ),
    );
    near(plain.outputNmse!, 9.0e-3, 0.15, "nearest");
    expect(solved.outputNmse!).toBeLessThan(2.7e-3);
    expect(ordered.outputNmse!).toBeLessThan(1.6e-3);
    expect(ordered.outputNmse!).toBeLessThan(solved.outputNmse!);
    near(ordered.nmse!, 2.3e-2, 0.2, "the weight's error");
  });
});
