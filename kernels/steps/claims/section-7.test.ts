/** Claims of the catalogue's seventh section, calibration, beside those of the codes. */
import { expect, it } from "vitest";
import { near, nmseOf, resultOf } from "../../testing/claims.ts";
import { normalValues } from "../../testing/matrix.ts";

it("7.3 books of 256 vectors of 8 on a Gaussian: 0.327 for one, 0.108 for two, the second of what the first leaves", async () => {
  // A book fits the vectors that it is made of better than others: fewer than these would leave less.
  const x = normalValues(2 ** 20, 5);
  const first = await resultOf("vq(8,256,seed=0)", x);
  const rest = x.map((v, i) => v - first[i]);
  const power = (of: Float32Array) => of.reduce((sum, v) => sum + v * v, 0);
  const one = power(rest) / power(x);
  const two = one * (await nmseOf("vq(8,256,seed=0)", rest));
  near(one, 0.327, 0.015, "one book");
  near(two, 0.108, 0.025, "two books");
  // Below the best scalars of the same rates, above what any code of them could leave.
  expect(one).toBeLessThan(0.363);
  expect(two).toBeLessThan(0.1176);
  expect(one).toBeGreaterThan(0.25);
  expect(two).toBeGreaterThan(0.0625);
});
