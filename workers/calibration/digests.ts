/** Digests of what was captured, in the metadata of its files. */
import { hex, sha256 } from "../bytes/sha256.ts";

const DIGEST = "digest of ";

/** The digest of one stored tensor's inputs (or of the gradients at its outputs). */
export const digestEntry = (name: string, digest: string): [string, string] => [DIGEST + name, digest];

/** The digest of a whole capture: SHA-256, in hex, of a line `NAME DIGEST` for each of its digests, in the order of their characters. */
export function captureDigest(metadata: Record<string, string>): string {
  const lines = Object.entries(metadata).filter(([key]) => key.startsWith(DIGEST));
  const text = lines.map(([key, value]) => `${key.slice(DIGEST.length)} ${value}\n`).sort();
  return hex(sha256(new TextEncoder().encode(text.join(""))));
}
