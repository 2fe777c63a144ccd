import type { ByteSource } from "../bytes/byte-source.ts";
import { get, urlSource } from "../bytes/url-source.ts";
import type { Licence } from "../checkpoints/checkpoint.ts";
import { UserError } from "../errors/user-error.ts";

/** A bundled checkpoint as `samples/index.json` lists it. */
export interface Sample {
  id: string;
  label: string;
  describe: string;
  /** Size of `<id>.safetensors`, or of all files of its folder. */
  bytes: number;
  licence: string;
  /** The tensor to look at first. */
  open: string;
  /** Of a sample that is a folder, `<id>/`: its files, the checkpoint first. */
  files?: { name: string; bytes: number }[];
  /** Of a folder: what its checkpoint does not say of itself. */
  credit?: Licence;
}

/** The list of bundled samples. `base` is the address of the page. Rejects with UserError. */
export async function loadSamples(base: string, signal?: AbortSignal): Promise<Sample[]> {
  const response = await get("The list of samples", new URL("samples/index.json", base).href, {
    signal: signal ?? null,
  });
  try {
    return (await response.json()) as Sample[];
  } catch {
    // Servers of single-page applications answer with the page where a file is missing.
    throw new UserError("The list of samples is not on this server. Run `npm run samples` where the page is built.");
  }
}

/** A sample's file, and how the others of its folder are found; nothing of them is read yet. */
export async function openSample(
  id: string,
  base: string,
  signal?: AbortSignal,
): Promise<{ sample: Sample; file: ByteSource; beside?: (path: string) => Promise<ByteSource | null> }> {
  const samples = await loadSamples(base, signal);
  const sample = samples.find((s) => s.id === id);
  if (!sample) {
    throw new UserError(`There is no sample "${id}". There are ${samples.map((s) => s.id).join(", ")}.`);
  }
  const { bytes, files } = sample;
  const at = (path: string, size: number) => urlSource(path, new URL(`samples/${path}`, base).href, size);
  if (!files) return { sample, file: at(`${id}.safetensors`, bytes) };
  const opened = files.map(({ name, bytes }) => at(`${id}/${name}`, bytes));
  const beside = async (path: string) => opened.find(({ name }) => name === `${id}/${path}`) ?? null;
  return { sample, file: opened[0], beside };
}
