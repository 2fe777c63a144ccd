/** Which checkpoint scores are of, and whether two are the same one. */

import { hex, sha256 } from "../bytes/sha256.ts";
import { UserError } from "../errors/user-error.ts";
import type { SourceInfo } from "../sources/info.ts";
import { storedBytes } from "../tensors/stored.ts";
import type { ScoresFingerprint } from "./types.ts";

const digestOf = (text: string): string => hex(sha256(new TextEncoder().encode(text)).subarray(0, 16));

/** Of the names, types and shapes of all tensors; and of the files' own fingerprints, where they have such. */
export function fingerprintOf(info: SourceInfo): ScoresFingerprint {
  const { tensors, fingerprints, label } = info;
  const lines = tensors.map(({ name, dtype, shape }) => JSON.stringify([name, dtype, shape])).sort();
  const files = fingerprints.map(({ digest }) => digest).sort();
  return {
    name: label,
    size: tensors.reduce((sum, tensor) => sum + storedBytes(tensor), 0),
    digest: digestOf(lines.join("\n")),
    content: files.length === 0 ? null : digestOf(files.join("\n")),
  };
}

/** Whether scores of one are scores of the other; by what of both is known. */
export const sameCheckpoint = (a: ScoresFingerprint, b: ScoresFingerprint): boolean =>
  a.digest === b.digest && (!a.content || !b.content || a.content === b.content);

const said = ({ name, digest, content }: ScoresFingerprint): string =>
  `${name} (${digest.slice(0, 8)}${!content ? "" : `, content ${content.slice(0, 8)}`})`;

/** Throws UserError, with both named, where scores are of another checkpoint. */
export function checkSame(scores: ScoresFingerprint, open: ScoresFingerprint): void {
  if (sameCheckpoint(scores, open)) return;
  const why =
    scores.digest === open.digest ? "its tensors are called alike, and their values differ" : "its tensors differ";
  throw new UserError(`These are scores of another checkpoint: of ${said(scores)}, and ${said(open)} is open; ${why}.`);
}
