/** `--other FILE`: checkpoints that `given`, `given(2)` ... take their results from, paired by name with the first. */

import { UserError } from "../errors/user-error.ts";
import { pairTensors } from "../pairing/pair.ts";
import { openGiven } from "../runs/given.ts";
import type { RunOrder } from "../runs/runs.ts";
import type { Target } from "../runs/target.ts";
import type { OpenSource } from "../sources/open.ts";
import type { TensorInfo } from "../tensors/info.ts";
import { openArgument } from "./source.ts";

export interface Others {
  /** What stands beside a tensor. */
  beside(tensor: TensorInfo): NonNullable<RunOrder["given"]>;
  close(): void;
}

/** Opens the checkpoints beside `source`. Rejects with UserError. */
export async function openOthers(source: OpenSource, files: readonly string[]): Promise<Others> {
  const opened: OpenSource[] = [];
  const close = () => {
    for (const other of opened) other.close();
  };
  try {
    for (const file of files) opened.push(await openArgument(file));
  } catch (error) {
    close();
    throw error;
  }
  // Two files may have the same label, and a generator no other name than its text.
  const ids = opened.map((_, i) => `other ${i + 1}`);
  const pairings = opened.map(({ info }, i) => pairTensors(source.info, { ...info, id: ids[i] }));
  return {
    beside(tensor) {
      const given = pairings.map((pairing) => pairing.partner(tensor)?.given ?? null);
      const target = { source: source.info.id, tensor: tensor.name, view: tensor.view, given };
      const matrix = async (of: Target) => opened[ids.indexOf(of.source)].matrix(of.tensor, of.view);
      const open = async () => {
        if (opened.length === 0)
          throw new UserError("given needs another checkpoint to take results from: name it with --other.");
        return openGiven(target, matrix);
      };
      return { key: JSON.stringify(given), open };
    },
    close,
  };
}
