import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fingerprint } from "../sources/fingerprint.ts";
import { blobSource, memorySource } from "./byte-source.ts";
import { urlSource } from "./url-source.ts";

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i);
const changed = "f was changed, moved or deleted after it was opened. Open it again.";

describe("bytes in memory and Blobs", () => {
  test.each([
    ["memory", memorySource("f", bytes)],
    ["blob", blobSource(new Blob([bytes]), "f")],
    ["file", blobSource(new File([bytes], "f"))],
  ])("%s", async (_, source) => {
    expect([source.name, source.size]).toEqual(["f", 1000]);
    expect(await source.slice(10, 20)).toEqual(bytes.slice(10, 20));
    expect(await source.slice(1000, 1000)).toHaveLength(0);
    await expect(source.slice(990, 1001)).rejects.toThrow(
      "f: bytes 990 to 1001 are needed, but the file has only 1000 bytes.",
    );
    await expect(source.slice(0, 1, AbortSignal.abort())).rejects.toThrow(
      expect.objectContaining({ name: "AbortError" }),
    );
  });

  const failing = (name: string) => {
    const file = new File([bytes], "f");
    file.slice = () => ({ arrayBuffer: () => Promise.reject(new DOMException("why", name)) }) as unknown as Blob;
    return blobSource(file);
  };
  test("a file that changed on disk or went away", async () => {
    await expect(failing("NotReadableError").slice(0, 1)).rejects.toThrow(changed);
    await expect(failing("NotFoundError").slice(0, 1)).rejects.toThrow(changed);
    await expect(failing("SecurityError").slice(0, 1)).rejects.toThrow("f: bytes 0 to 1 could not be read (why).");
    const file = new File([bytes], "f");
    const source = blobSource(file);
    Object.defineProperty(file, "lastModified", { value: 1 });
    await expect(source.slice(0, 1)).rejects.toThrow(changed);
  });
  test("a file from a folder goes by its path", () => {
    const file = new File([bytes], "f");
    Object.defineProperty(file, "webkitRelativePath", { value: "dir/f" });
    expect(blobSource(file).name).toBe("dir/f");
  });
});

describe("an address of one's own", () => {
  let server: Server;
  let base = "";
  let requests: string[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push(`${request.url} ${request.headers.range ?? "whole"}`);
      const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "");
      if (request.url === "/broken") {
        response.writeHead(206, { "Content-Length": 9 }).write(bytes.slice(0, 3));
        return setTimeout(() => response.destroy(), 20);
      }
      if (request.url === "/missing") return response.writeHead(404).end();
      if (request.url === "/short") return response.writeHead(206).end(bytes.slice(0, 3));
      if (request.url === "/empty-once" && requests.length === 1) return response.writeHead(206).end();
      if ((request.url === "/ranges" || request.url === "/empty-once") && range) {
        return response.writeHead(206).end(bytes.slice(Number(range[1]), Number(range[2]) + 1));
      }
      return response.writeHead(200).end(bytes);
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  test("is read by range where the server can", async () => {
    requests = [];
    const source = urlSource("f", `${base}/ranges`, 1000);
    expect(await source.slice(10, 20)).toEqual(bytes.slice(10, 20));
    expect(await source.slice(5, 5)).toHaveLength(0);
    expect(requests).toEqual(["/ranges bytes=10-19"]);
  });
  test("is asked once more where a cache gave an empty answer", async () => {
    requests = [];
    expect(await urlSource("f", `${base}/empty-once`, 1000).slice(10, 20)).toEqual(bytes.slice(10, 20));
    expect(requests).toHaveLength(2);
  });
  test("is fetched whole, once, where it cannot", async () => {
    requests = [];
    const source = urlSource("f", `${base}/whole`, 1000);
    expect(await source.slice(10, 20)).toEqual(bytes.slice(10, 20));
    expect(await source.slice(500, 600)).toEqual(bytes.slice(500, 600));
    expect(requests).toEqual(["/whole bytes=10-19"]);
  });
  test("failures are sentences", async () => {
    await expect(urlSource("f", `${base}/missing`, 9).slice(0, 1)).rejects.toThrow(
      "f could not be fetched: the server answered 404.",
    );
    await expect(urlSource("f", `${base}/short`, 9).slice(0, 9)).rejects.toThrow(
      "f: the server sent 3 bytes where 9 were asked for.",
    );
    await expect(urlSource("f", `${base}/whole`, 9).slice(0, 9)).rejects.toThrow(
      "f: the server sent 1000 bytes; the file should have 9.",
    );
    await expect(urlSource("f", `${base}/broken`, 9).slice(0, 9)).rejects.toThrow(
      "f: the connection broke off while it was being fetched.",
    );
    await expect(urlSource("f", "http://127.0.0.1:1/x", 9).slice(0, 9)).rejects.toThrow(
      "f could not be fetched: there is no connection to 127.0.0.1:1.",
    );
  });
});

describe("fingerprints", () => {
  const of = async (data: Uint8Array, name = "dir/f") => fingerprint(memorySource(name, data));
  test("are of size, head and three slices, not of the name", async () => {
    const large = new Uint8Array(1_000_000);
    const first = await of(large);
    expect(first).toEqual({ name: "f", size: 1_000_000, digest: "dc595b9adfeae8d6be9d81ae5ccb5ea0" });
    expect((await of(large, "other")).digest).toBe(first.digest);
    for (const at of [0, 65_535, 250_000, 500_000, 999_999]) {
      const other = large.slice();
      other[at] = 1;
      expect((await of(other)).digest).not.toBe(first.digest);
    }
    expect((await of(large.slice(1))).digest).not.toBe(first.digest);
  });
  test("of small and empty files", async () => {
    expect((await of(new Uint8Array())).size).toBe(0);
    expect((await of(Uint8Array.of(1))).digest).not.toBe((await of(Uint8Array.of(2))).digest);
  });
});
