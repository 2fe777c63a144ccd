import type { ByteSource } from "../bytes/byte-source.ts";
import { get, urlSource } from "../bytes/url-source.ts";
import { UserError } from "../errors/user-error.ts";

/** A bundled checkpoint as `samples/index.json` lists it. */
export interface Sample {
  id: string;
  label: string;
  describe: string;
  /** Size of `<id>.safetensors`. */
  bytes: number;
  licence: string;
  /** The tensor to look at first. */
  open: string;
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

/** A sample's file; nothing of it is read yet. */
export async function openSample(
  id: string,
  base: string,
  signal?: AbortSignal,
): Promise<{ sample: Sample; file: ByteSource }> {
  const samples = await loadSamples(base, signal);
  const sample = samples.find((s) => s.id === id);
  if (!sample) {
    throw new UserError(`There is no sample "${id}". There are ${samples.map((s) => s.id).join(", ")}.`);
  }
  const name = `${id}.safetensors`;
  return { sample, file: urlSource(name, new URL(`samples/${name}`, base).href, sample.bytes) };
}
