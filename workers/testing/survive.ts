import { expect } from "vitest";
import { openBytes } from "./open-bytes.ts";

/** Values that a tensor of a damaged file may announce and still be read here. */
const READ_UP_TO = 2 ** 22;
/** Longest time for one small file, in milliseconds; a hundred times what the slowest takes. */
const TIME_LIMIT = 10_000;

/**
 * For fuzz tests. Whatever the bytes: a source whose tensors are read or have a problem, or a UserError. Nothing else, and
 * no hang.
 */
export async function survives(files: Record<string, Uint8Array>): Promise<void> {
  const started = performance.now();
  try {
    const { info, matrix } = await openBytes(files);
    for (const t of info.tensors) {
      if (t.problem || t.elements === 0 || t.elements > READ_UP_TO) continue;
      const { rows, cols, read } = matrix(t.name);
      expect(await read(0, rows)).toHaveLength(rows * cols);
    }
  } catch (error) {
    if ((error as Error).name !== "UserError") throw error;
    expect((error as Error).message).toMatch(/\S.*\.$/s);
  }
  expect(performance.now() - started).toBeLessThan(TIME_LIMIT);
}
