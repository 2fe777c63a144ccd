/** A server of one's own for the built page, which can be changed and taken away. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";

const types: Record<string, string> = {
  html: "text/html",
  js: "text/javascript",
  css: "text/css",
  json: "application/json",
  svg: "image/svg+xml",
  png: "image/png",
  webmanifest: "application/manifest+json",
};

export interface StaticServer {
  /** With a folder in its path. */
  address: string;
  /** Added to the end of a file, by its name. */
  appended: Map<string, string>;
  close(): Promise<void>;
}

/** Serves the build under test. */
export async function serveBuild(): Promise<StaticServer> {
  const dist = process.env.E2E_DIST ?? "dist";
  const appended = new Map<string, string>();
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? "/", "http://x").pathname.replace(/^\/folder\//, "") || "index.html";
    const bytes = await readFile(join(dist, normalize(`/${path}`))).catch(() => null);
    if (!bytes) return void response.writeHead(404).end();
    const type = types[path.slice(path.lastIndexOf(".") + 1)] ?? "application/octet-stream";
    response.writeHead(200, { "Content-Type": type, "Cache-Control": "no-cache" });
    response.end(Buffer.concat([bytes, Buffer.from(appended.get(path) ?? "")]));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/folder/`,
    appended,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
