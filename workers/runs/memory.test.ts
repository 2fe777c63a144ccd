/** What is promised of memory, against what runs really take: counted in a process of its own after everything dropped was collected. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const recipes = ["nvfp4", "nvfp4", "int4(asym)/16:f16", "int4/2"];

it("a result takes what is said, and a run no more than is promised", { timeout: 300_000 }, async () => {
  const script = fileURLToPath(new URL("memory-for-test.ts", import.meta.url));
  const args = ["--expose-gc", "--import", "tsx", script, "512", "4096", ...recipes];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ recipe }) => recipe)).toEqual(recipes);
  // The first run makes what all of them share.
  for (const { recipe, peak, kept, promised, result } of lines.slice(1)) {
    expect(kept, `${recipe} keeps`).toBeLessThan(1.02 * result);
    expect(kept, `${recipe} keeps`).toBeGreaterThan(result / 1.6 - 2 ** 20);
    expect(peak, `${recipe} at its peak`).toBeLessThan(promised);
  }
});
