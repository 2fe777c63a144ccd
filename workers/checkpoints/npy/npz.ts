import { Latest } from "../../bytes/latest.ts";
import { UserError } from "../../errors/user-error.ts";
import type { Tensor } from "../../tensors/tensor.ts";
import { brokenTensor } from "../../tensors/tensor.ts";
import type { CheckpointContext, CheckpointKind } from "../checkpoint.ts";
import { isZip, openEntry, readDirectory } from "../zip.ts";
import { openNpy } from "./npy.ts";

/** Several arrays saved by numpy: a zip archive of .npy files. */
export const npz: CheckpointKind = {
  kind: "npz",
  describe: "archives of NumPy arrays (.npz)",
  async match({ file, head, signal }) {
    if (!isZip(head)) return false;
    try {
      return (await readDirectory(file, signal)).some(({ name }) => name.endsWith(".npy"));
    } catch {
      // Without its directory only the first entry's name tells; `open` then says what is wrong.
      return firstName(head).endsWith(".npy");
    }
  },
  open: openNpz,
};

function firstName(head: Uint8Array): string {
  return new TextDecoder().decode(head.subarray(30, 30 + (head[26] | (head[27] << 8))));
}

async function openNpz({ file, signal }: CheckpointContext) {
  const entries = await readDirectory(file, signal);
  const held = new Latest<Uint8Array>();
  const notes: string[] = [];
  const tensors = new Map<string, Tensor>();
  const others: string[] = [];
  for (const entry of entries) {
    if (entry.name.endsWith("/")) continue;
    if (!entry.name.endsWith(".npy")) {
      others.push(entry.name);
      continue;
    }
    const name = entry.name.slice(0, -".npy".length);
    if (tensors.has(name)) {
      tensors.set(name, broken(name, `${file.name}: array "${name}" is in the archive twice.`));
      continue;
    }
    try {
      tensors.set(name, await openNpy(openEntry(file, entry, held), name, notes, signal));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      tensors.set(name, broken(name, error.message));
    }
  }
  if (others.length > 0)
    notes.push(`${file.name}: left out ${others.slice(0, 5).join(", ")}${others.length > 5 ? " and more" : ""}.`);
  return { kind: "npz", tensors: [...tensors.values()], files: [file], notes, metadata: {} };
}

function broken(name: string, problem: string): Tensor {
  return brokenTensor({ name, dtype: "?", shape: [], elements: 0, view: { split: 0, transpose: false } }, problem);
}
