import { UserError } from "../errors/user-error.ts";
import { type ByteSource, checkRange, memorySource } from "./byte-source.ts";

/**
 * A ByteSource over an address of the page's own origin, read by range. `size` is known beforehand (from the list of
 * samples), so opening asks for nothing. A server that ignores ranges makes the first read fetch the whole file, once:
 * bearable for bundled samples only, which are small.
 */
export function urlSource(name: string, url: string, size: number): ByteSource {
  let whole: Promise<ByteSource> | null = null;
  return {
    name,
    size,
    async slice(begin, end, signal) {
      checkRange(name, size, begin, end);
      if (begin === end) return new Uint8Array();
      if (whole) return (await whole).slice(begin, end, signal);
      const ask = (cache: RequestCache) =>
        get(name, url, { headers: { Range: `bytes=${begin}-${end - 1}` }, signal: signal ?? null, cache });
      const response = await ask("default");
      if (response.status === 206) {
        let bytes = await body(name, response);
        // Chromium's cache gives an empty answer now and then for a range that it holds, where several workers ask at once.
        if (bytes.length !== end - begin) bytes = await body(name, await ask("no-store"));
        if (bytes.length !== end - begin) {
          throw new UserError(`${name}: the server sent ${bytes.length} bytes where ${end - begin} were asked for.`);
        }
        return bytes;
      }
      whole ??= readWhole(name, response, size).catch((error) => {
        whole = null;
        throw error;
      });
      return (await whole).slice(begin, end, signal);
    },
  };
}

async function readWhole(name: string, response: Response, size: number): Promise<ByteSource> {
  const bytes = await body(name, response);
  if (bytes.length !== size) {
    throw new UserError(`${name}: the server sent ${bytes.length} bytes; the file should have ${size}.`);
  }
  return memorySource(name, bytes);
}

async function body(name: string, response: Response): Promise<Uint8Array> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if ((error as Error).name === "AbortError") throw error;
    throw new UserError(`${name}: the connection broke off while it was being fetched.`);
  }
}

/** fetch with failures as sentences. */
export async function get(name: string, url: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    if ((error as Error).name === "AbortError") throw error;
    throw new UserError(`${name} could not be fetched: there is no connection to ${new URL(url).host}.`);
  }
  if (!response.ok) throw new UserError(`${name} could not be fetched: the server answered ${response.status}.`);
  return response;
}
