import { expect } from "vitest";
import { openBytes } from "./open-for-test.ts";

/**
 * For fuzz tests. Whatever the bytes: a source whose tensors are read or have a problem, or a UserError. Nothing else, and
 * no hang.
 */
export async function survives(files: Record<string, Uint8Array>): Promise<void> {
  try {
    const { info, matrix } = await openBytes(files);
    for (const t of info.tensors) {
      if (t.problem || t.elements === 0) continue;
      const { rows, cols, read } = matrix(t.name);
      expect(await read(0, rows)).toHaveLength(rows * cols);
    }
  } catch (error) {
    if ((error as Error).name !== "UserError") throw error;
    expect((error as Error).message).toMatch(/\S.*\.$/s);
  }
}
