/**
 * Reading on and on in larger pieces than asked for, and one piece ahead. A browser goes to another process for every
 * slice of a file, and to the disk to see whether it changed: that takes longer than the bytes of a few rows.
 */
import { abortable } from "../errors/abort.ts";
import { type ByteSource, checkRange } from "./byte-source.ts";

/** Bytes at a time at most. */
export const WINDOW = 2 ** 22;
/** Reads that a window serves: who reads a little at a time is not given megabytes. */
const READS = 16;
/** Places that are read on from at a time: weights in several parts are read in turns. Of all files together. */
const STREAMS = 4;

interface Window {
  begin: number;
  end: number;
  bytes: Promise<Uint8Array>;
}

interface Stream {
  source: ByteSource;
  /** Where the next read begins if it goes on from here. */
  at: number;
  window: Window | null;
  ahead: Window | null;
}

/** The one used last comes last. Bounds what is held, however many files are open. */
let streams: Stream[] = [];

/** The same bytes, fewer reads of `source` where one read begins where another ended. */
export function readAhead(source: ByteSource): ByteSource {
  const { name, size } = source;
  return {
    name,
    size,
    async slice(begin, end, signal) {
      signal?.throwIfAborted();
      checkRange(name, size, begin, end);
      const length = end - begin;
      const known = streams.find((stream) => stream.source === source && stream.at === begin);
      const stream: Stream = known ?? { source, at: end, window: null, ahead: null };
      streams = [...streams.filter((other) => other !== stream), stream].slice(-STREAMS);
      stream.at = end;
      if (!known || length > WINDOW / 2) return source.slice(begin, end, signal);
      // All windows are chosen before any is waited for: another read may move on meanwhile.
      const windows: Window[] = [];
      for (let at = begin; at < end; at = windows[windows.length - 1].end) windows.push(windowAt(stream, at, length));
      const out = new Uint8Array(length);
      for (const window of windows) {
        const bytes = await abortable(window.bytes, signal);
        const from = Math.max(begin, window.begin);
        out.set(bytes.subarray(from - window.begin, end - window.begin), from - begin);
      }
      return out;
    },
  };
}

/** The window that holds byte `at`, and the next one begun. */
function windowAt(stream: Stream, at: number, length: number): Window {
  const { source } = stream;
  const read = (begin: number): Window => {
    const end = Math.min(source.size, begin + Math.min(WINDOW, READS * length));
    const bytes = source.slice(begin, end);
    bytes.catch(() => {
      // What failed is read again by whoever asks next; whoever waits for it hears of it.
      streams = streams.filter((other) => other !== stream);
    });
    return { begin, end, bytes };
  };
  const holds = (window: Window | null) => window !== null && window.begin <= at && at < window.end;
  if (!holds(stream.window)) {
    stream.window = holds(stream.ahead) ? stream.ahead : read(at);
    stream.ahead = null;
  }
  const window = stream.window!;
  if (!stream.ahead && window.end < source.size) stream.ahead = read(window.end);
  return window;
}

/** Gives up the bytes held of a file. */
export function forgetAhead(source: ByteSource): void {
  streams = streams.filter((stream) => stream.source !== source);
}
