import type { ByteSource } from "../bytes/byte-source.ts";
import { baseName } from "../bytes/paths.ts";
import { hex, sha256 } from "../bytes/sha256.ts";
import type { Fingerprint } from "./info.ts";

const HEAD = 64 * 1024;
const SLICE = 4096;

/**
 * Identifies a file by at most 76 kB of it: SHA-256 over its size (decimal, then a line feed), its first 64 kB and three
 * slices of 4 kB that begin at 1/4 and 1/2 of the file and end at its end. Hex of the first 16 bytes.
 */
export async function fingerprint(source: ByteSource, signal?: AbortSignal): Promise<Fingerprint> {
  const { name, size } = source;
  const slice = (begin: number, length: number) => source.slice(begin, Math.min(begin + length, size), signal);
  const parts = [
    new TextEncoder().encode(`${size}\n`),
    await slice(0, HEAD),
    await slice(Math.floor(size / 4), SLICE),
    await slice(Math.floor(size / 2), SLICE),
    await slice(Math.max(0, size - SLICE), SLICE),
  ];
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { name: baseName(name), size, digest: hex(sha256(bytes).subarray(0, 16)) };
}
