/** A server for tests: files by path, read by range, with any misbehaviour a test wants. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Patience } from "./patience.ts";

/** Bytes by content, or by formula. */
export type Content = Uint8Array | { size: number; bytes(begin: number, end: number): Uint8Array };

export interface Asked {
  path: string;
  range: string | null;
  authorization: string | null;
}

export interface TestServer {
  base: string;
  asked: Asked[];
  /** Bytes of bodies sent. */
  sent: number;
  files: Map<string, Content>;
  /** Answers itself instead of the server where it returns true. */
  before: ((request: IncomingMessage, response: ServerResponse) => boolean) | null;
  etag: string;
  close(): Promise<void>;
}

export const impatient: Patience = { attempts: 3, firstWaitMs: 1, longestWaitMs: 2000, stallMs: 150 };

/** Headers with which a server lets pages of other origins read its answers. */
export const openToAll = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Headers": "Authorization, Range",
  "Access-Control-Expose-Headers": "Content-Range, ETag, Link",
};

const sizeOf = (content: Content): number => (content instanceof Uint8Array ? content.length : content.size);
const bytesOf = (content: Content, begin: number, end: number): Uint8Array =>
  content instanceof Uint8Array ? content.subarray(begin, end) : content.bytes(begin, end);

export async function startServer(files: Record<string, Content> = {}): Promise<TestServer> {
  const state: TestServer = {
    base: "",
    asked: [],
    sent: 0,
    files: new Map(Object.entries(files)),
    before: null,
    etag: '"one"',
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  const server: Server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname);
    const { range = null, authorization = null } = request.headers;
    for (const [key, value] of Object.entries(openToAll)) response.setHeader(key, value);
    if (request.method === "OPTIONS") return void response.writeHead(204).end();
    state.asked.push({ path, range, authorization });
    if (state.before?.(request, response)) return;
    const content = state.files.get(path);
    if (!content) return void response.writeHead(404).end();
    state.sent += answerRange(response, content, range, state.etag);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  state.base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
}

/** Answers as RFC 9110 has it. Returns the bytes sent. */
export function answerRange(response: ServerResponse, content: Content, range: string | null, etag: string): number {
  const size = sizeOf(content);
  const match = /^bytes=(\d+)-(\d+)$/.exec(range ?? "");
  if (!match) {
    response.writeHead(200, { ETag: etag }).end(bytesOf(content, 0, size));
    return size;
  }
  const begin = Number(match[1]);
  const end = Math.min(size, Number(match[2]) + 1);
  if (begin >= size) {
    response.writeHead(416, { "Content-Range": `bytes */${size}` }).end();
    return 0;
  }
  response.writeHead(206, { ETag: etag, "Content-Range": `bytes ${begin}-${end - 1}/${size}` });
  response.end(bytesOf(content, begin, end));
  return end - begin;
}
