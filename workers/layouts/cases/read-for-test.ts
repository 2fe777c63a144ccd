/** For tests: the small files beside this one. Each stands for a kind that some program writes. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ByteSource, memorySource } from "../../bytes/byte-source.ts";
import { openNpy } from "../../checkpoints/npy/npy.ts";

const here = new URL(".", import.meta.url);

/** A file beside this one. */
export function caseBytes(path: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(path, here)));
}

/** Where it is, for the command line. */
export const casePath = (path: string): string => fileURLToPath(new URL(path, here));

/** A file, or the files of a folder but for the values that are wanted of it. */
export function caseFiles(name: string): ByteSource[] {
  const folder = existsSync(new URL(`${name}/`, here));
  const files = folder ? readdirSync(new URL(`${name}/`, here)).filter((file) => !file.startsWith("want")) : [name];
  return files.map((file) => memorySource(file, caseBytes(folder ? `${name}/${file}` : file)));
}

/** The values that are wanted, with their shape. */
export async function wantedOf(path: string): Promise<{ shape: readonly number[]; values: Float32Array }> {
  const tensor = await openNpy(memorySource(path, caseBytes(path)), "want", []);
  return { shape: tensor.info.shape, values: await tensor.read(0, tensor.info.elements) };
}
