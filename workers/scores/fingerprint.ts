/** Which checkpoint scores are of, and whether two are the same one. */

import { hex, Sha256 } from "../bytes/sha256.ts";
import { UserError } from "../errors/user-error.ts";
import { atOnce, type Steps } from "../pace/steps.ts";
import type { SourceInfo } from "../sources/info.ts";
import { storedBytes } from "../tensors/stored.ts";
import type { ScoresFingerprint } from "./types.ts";

/** Names that are taken at a time. */
const STEP = 512;

/** Hex of the first 16 bytes of the digest of lines. */
function* digestOf(lines: readonly string[]): Steps<string> {
  const digest = new Sha256();
  for (let at = 0; at < lines.length; at += STEP) {
    digest.update(new TextEncoder().encode(`${lines.slice(at, at + STEP).join("\n")}\n`));
    yield;
  }
  return hex(digest.finish().subarray(0, 16));
}

/** Of the names, types and shapes of all tensors; and of the files' own fingerprints, where they have such. */
export const fingerprintOf = (info: SourceInfo): ScoresFingerprint => atOnce(fingerprinting(info));

/** The same in steps. */
export function* fingerprinting({ tensors, fingerprints, label }: SourceInfo): Steps<ScoresFingerprint> {
  const lines = tensors.map(({ name, dtype, shape }) => JSON.stringify([name, dtype, shape])).sort();
  yield;
  const files = fingerprints.map(({ digest }) => digest).sort();
  return {
    name: label,
    size: tensors.reduce((sum, tensor) => sum + storedBytes(tensor), 0),
    digest: yield* digestOf(lines),
    content: files.length === 0 ? null : yield* digestOf(files),
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
