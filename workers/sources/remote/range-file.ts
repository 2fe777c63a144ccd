import { type ByteSource, changedError, checkRange } from "../../bytes/byte-source.ts";
import { UserError } from "../../errors/user-error.ts";
import { PassingFault, persist } from "./patience.ts";
import { type Answer, ask, type Network, noRanges, patienceOf, refusal } from "./request.ts";

/** A file on another's server. */
export interface RemoteFile {
  /** Path, for people and for finding what lies beside it. */
  name: string;
  url: string;
  /** Bytes, where somebody has told: servers may keep Content-Range from readers of other origins. */
  size?: number;
}

/** What tells one state of a file from another, as far as the server lets it be read. */
interface Version {
  etag: string | null;
  modified: string | null;
}

/**
 * A ByteSource over a server that gives ranges (RFC 9110, section 14). One byte is asked for first: the answer must be a
 * 206 that says which byte it is and how many there are. From then on every answer has to be the range that was asked
 * for, of the same file: same size, same ETag (or Last-Modified). A read that breaks off goes on where it broke. Rejects
 * with UserError or AbortError; `lifetime` ends all reads.
 */
export async function rangeFile(
  { name, url, size: told }: RemoteFile,
  network: Network,
  signal?: AbortSignal,
  lifetime?: AbortSignal,
): Promise<ByteSource> {
  const patience = patienceOf(network);
  let size = told ?? -1;
  let version: Version | null = null;

  /** Checks an answer to a request for [begin, end). False where the file is empty. */
  const accept = ({ response }: Answer, begin: number, end: number): boolean => {
    const { status, headers } = response;
    if (status === 416) {
      if (version === null && /^bytes \*\/0$/.test(headers.get("Content-Range") ?? "")) return false;
      throw version === null ? noRanges(name) : changedError(name);
    }
    if (status === 200) throw version === null ? noRanges(name) : changedError(name);
    if (status !== 206) throw refusal(name, url, response, network);
    const range = headers.get("Content-Range");
    if (range === null && size < 0) throw noRanges(name);
    if (range !== null) {
      const [first, last, total] = parseContentRange(name, range);
      if (first !== begin || last !== end - 1) {
        throw new UserError(
          `${name}: the server sent bytes ${first} to ${last + 1} where ${begin} to ${end} were asked for.`,
        );
      }
      if (size >= 0 && total !== size) throw changedError(name);
      size = total;
    }
    const now = { etag: headers.get("ETag"), modified: headers.get("Last-Modified") };
    if (version && !sameVersion(version, now)) throw changedError(name);
    version ??= now;
    return true;
  };

  const read = async (begin: number, end: number, stop?: AbortSignal): Promise<Uint8Array> => {
    const bytes = new Uint8Array(end - begin);
    let at = 0;
    await persist(
      patience,
      stop,
      () => at,
      async () => {
        const headers = { Range: `bytes=${begin + at}-${end - 1}` };
        const answer = await ask(name, url, headers, network, stop);
        try {
          if (!accept(answer, begin + at, end)) return;
          for (let piece = await answer.next(); piece; piece = await answer.next()) {
            if (at + piece.length > bytes.length) {
              throw new UserError(`${name}: the server sent more than the ${bytes.length} bytes asked for.`);
            }
            bytes.set(piece, at);
            at += piece.length;
          }
          if (at < bytes.length) {
            throw new PassingFault(`${name}: the connection to ${new URL(url).host} broke off.`);
          }
        } finally {
          answer.end();
        }
      },
    );
    return bytes;
  };

  await read(0, 1, signal);
  if (size < 0) size = 0;
  return {
    name,
    size,
    async slice(begin, end, stop) {
      stop?.throwIfAborted();
      lifetime?.throwIfAborted();
      checkRange(name, size, begin, end);
      if (begin === end) return new Uint8Array();
      const either = stop && lifetime ? AbortSignal.any([stop, lifetime]) : (stop ?? lifetime);
      return read(begin, end, either);
    },
  };
}

/** First byte, last byte and size. */
function parseContentRange(name: string, header: string): [number, number, number] {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(header);
  const numbers = match?.slice(1).map(Number);
  if (!numbers?.every(Number.isSafeInteger) || numbers[1] < numbers[0] || numbers[1] >= numbers[2]) {
    throw new UserError(`${name}: the server's Content-Range makes no sense: ${JSON.stringify(header.slice(0, 60))}.`);
  }
  return numbers as [number, number, number];
}

/** What both answers tell is the same; a weak ETag counts as the strong one of its text. */
function sameVersion(a: Version, b: Version): boolean {
  const strong = (etag: string) => etag.replace(/^W\//, "");
  if (a.etag !== null && b.etag !== null) return strong(a.etag) === strong(b.etag);
  return a.modified === null || b.modified === null || a.modified === b.modified;
}
