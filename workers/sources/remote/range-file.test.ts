import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { unlessBusy, within } from "../../testing/busy.ts";
import { PassingFault, retryAfter } from "./patience.ts";
import { rangeFile } from "./range-file.ts";
import { answerRange, impatient, startServer, type TestServer } from "./server-for-test.ts";

const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) % 251);
const NO_RANGES = "this server does not allow ranges (or cross-origin reading)";

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ "/f": bytes, "/empty": new Uint8Array() });
});
afterAll(() => server.close());
beforeEach(() => {
  server.asked = [];
  server.before = null;
  server.etag = '"one"';
});

const host = () => new URL(server.base).host;
const open = (path = "/f", network = {}, signal?: AbortSignal, lifetime?: AbortSignal) =>
  rangeFile({ name: "f", url: server.base + path }, { patience: impatient, ...network }, signal, lifetime);
/** Lets the first request, the probe, through; then `answer` has its way with the n-th after it. */
function misbehave(answer: (response: ServerResponse, nth: number, range: string) => boolean): void {
  server.before = (request, response) => {
    const nth = server.asked.length - 2;
    return nth >= 0 && answer(response, nth, request.headers.range ?? "");
  };
}

describe("a server that gives ranges", () => {
  test("is asked for one byte, then for exactly what is read", async () => {
    const file = await open();
    expect([file.name, file.size]).toEqual(["f", 100_000]);
    expect(await file.slice(10, 20)).toEqual(bytes.slice(10, 20));
    expect(await file.slice(5, 5)).toHaveLength(0);
    expect(await file.slice(99_990, 100_000)).toEqual(bytes.slice(99_990));
    expect(server.asked.map((a) => a.range)).toEqual(["bytes=0-0", "bytes=10-19", "bytes=99990-99999"]);
    await expect(file.slice(99_999, 100_001)).rejects.toThrow("the file has only 100000 bytes.");
  });

  test("an empty file has no first byte", async () => {
    expect((await open("/empty")).size).toBe(0);
  });

  test("a size told elsewhere stands in for a Content-Range that may not be read", async () => {
    server.before = (request, response) => {
      const [, begin, last] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "")!;
      response.writeHead(206).end(bytes.subarray(Number(begin), Number(last) + 1));
      return true;
    };
    await expect(open()).rejects.toThrow(NO_RANGES);
    const file = await rangeFile({ name: "f", url: `${server.base}/f`, size: 100_000 }, { patience: impatient });
    expect(await file.slice(3, 9)).toEqual(bytes.slice(3, 9));
  });
});

describe("a server that does not", () => {
  test("ignores the range: its whole answer is not read", async () => {
    server.before = (_, response) => {
      response.writeHead(200);
      response.write(bytes);
      // Never ends: whoever waited for all of it would hang.
      return true;
    };
    await expect(open()).rejects.toThrow(`f: ${NO_RANGES}. Download the file and open it from the disk.`);
    expect(server.asked).toHaveLength(1);
  });
  test.each([
    [401, (at: string) => `f: ${at} wants an access token for it, or has no such file (401).`],
    [403, (at: string) => `f: ${at} refuses to give it (403). If it is private or gated, give an access token.`],
    [404, (at: string) => `f: ${at} has no such file (404).`],
    [416, () => NO_RANGES],
    [418, (at: string) => `f could not be fetched: ${at} answered 418.`],
  ])("answers %i", async (status, said) => {
    server.before = (_, response) => Boolean(response.writeHead(status).end());
    await expect(open()).rejects.toThrow(said(host()));
    expect(server.asked).toHaveLength(1);
  });
  test("wants another token", async () => {
    server.before = (_, response) => Boolean(response.writeHead(401).end());
    const token = { origin: server.base, value: "t" };
    await expect(open("/f", { token })).rejects.toThrow(`f: ${host()} does not accept the access token (401).`);
  });
});

describe("a file that changes between two reads", () => {
  const changed = "f was changed, moved or deleted after it was opened. Open it again.";
  test("has another ETag", async () => {
    const file = await open();
    server.etag = 'W/"one"';
    expect(await file.slice(0, 4)).toEqual(bytes.slice(0, 4));
    server.etag = '"two"';
    await expect(file.slice(0, 4)).rejects.toThrow(changed);
  });
  test("has another size, or shrank away", async () => {
    const file = await open();
    server.files.set("/f", bytes.slice(0, 50_000));
    await expect(file.slice(0, 4)).rejects.toThrow(changed);
    await expect(file.slice(60_000, 60_004)).rejects.toThrow(changed);
    server.files.set("/f", bytes);
  });
  test("is given whole all of a sudden", async () => {
    const file = await open();
    misbehave((response) => Boolean(response.writeHead(200).end(bytes)));
    await expect(file.slice(0, 4)).rejects.toThrow(changed);
  });
  test("has another ETag in the middle of a read", async () => {
    const file = await open();
    misbehave((response, nth, range) => {
      if (nth > 0) return Boolean(answerRange(response, bytes, range, '"two"'));
      response.writeHead(206, { ETag: '"one"', "Content-Range": "bytes 0-99999/100000", "Content-Length": 100_000 });
      response.write(bytes.subarray(0, 10), () => response.destroy());
      return true;
    });
    await expect(file.slice(0, 100_000)).rejects.toThrow(changed);
  });
});

describe("a server that lies", () => {
  test.each([
    ["another range", "bytes 11-20/100000", "f: the server sent bytes 11 to 21 where 10 to 20 were asked for."],
    ["words", "everything", `f: the server's Content-Range makes no sense: "everything".`],
    ["no size", "bytes 10-19/*", `f: the server's Content-Range makes no sense: "bytes 10-19/*".`],
    ["a range beyond the file", "bytes 10-19/15", `f: the server's Content-Range makes no sense: "bytes 10-19/15".`],
    ["2^53", "bytes 10-19/9007199254740993", "f: the server's Content-Range makes no sense"],
  ])("in Content-Range: %s", async (_, header, said) => {
    const file = await open();
    misbehave((response) => Boolean(response.writeHead(206, { "Content-Range": header }).end(bytes.slice(10, 20))));
    await expect(file.slice(10, 20)).rejects.toThrow(said);
    expect(server.asked).toHaveLength(2);
  });
  test("by sending more than it says", async () => {
    const file = await open();
    misbehave((response) =>
      Boolean(response.writeHead(206, { "Content-Range": "bytes 10-19/100000" }).end(bytes.slice(10, 40))),
    );
    await expect(file.slice(10, 20)).rejects.toThrow("f: the server sent more than the 10 bytes asked for.");
  });
});

describe("passing faults", () => {
  test("a connection that breaks off is taken up where it broke", async () => {
    const file = await open();
    const asked: string[] = [];
    misbehave((response, nth, range) => {
      asked.push(range);
      const [, begin, last] = /bytes=(\d+)-(\d+)/.exec(range)!.map(Number);
      if (nth === 3) return false;
      response.writeHead(206, {
        ETag: '"one"',
        "Content-Range": `bytes ${begin}-${last}/100000`,
        "Content-Length": last - begin + 1,
      });
      response.write(bytes.subarray(begin, begin + 20_000), () => response.destroy());
      return true;
    });
    expect(Buffer.compare(await file.slice(0, 100_000), bytes)).toBe(0);
    expect(asked).toHaveLength(4);
    expect(
      asked.map((range) => Number(/=(\d+)/.exec(range)![1])).every((at, i, all) => i === 0 || at >= all[i - 1]),
    ).toBe(true);
  });
  test("one that always breaks off is told", async () => {
    const file = await open();
    misbehave((response) => Boolean(response.destroy()));
    await expect(file.slice(0, 9)).rejects.toThrow(`f could not be fetched: there is no connection to ${host()}.`);
    expect(server.asked).toHaveLength(1 + impatient.attempts);
  });
  test("one on which nothing comes is given up, and told with its time", async () => {
    const file = await open();
    misbehave((response) => {
      response.writeHead(206, { "Content-Range": "bytes 0-8/100000", ETag: '"one"' }).flushHeaders();
      return true;
    });
    await expect(file.slice(0, 9)).rejects.toThrow(`f: ${host()} sent nothing for 0.15 seconds.`);
    misbehave(() => true);
    await expect(file.slice(0, 9)).rejects.toThrow(`f: ${host()} sent nothing for 0.15 seconds.`);
  });
  test.each([408, 429, 500, 502, 503, 504])("%i passes", async (status) => {
    const file = await open();
    misbehave((response, nth) => nth < 2 && Boolean(response.writeHead(status).end()));
    expect(await file.slice(0, 9)).toEqual(bytes.slice(0, 9));
    server.before = (_, response) => Boolean(response.writeHead(status).end());
    await expect(file.slice(0, 9)).rejects.toThrow(`f could not be fetched: ${host()} answered ${status}.`);
  });
  test("Retry-After is kept to, or told where it is long", async () => {
    const file = await open();
    misbehave((response, nth) => nth === 0 && Boolean(response.writeHead(429, { "Retry-After": "1" }).end()));
    const start = performance.now();
    await file.slice(0, 9);
    expect(performance.now() - start).toBeGreaterThan(950);
    server.before = (_, response) => Boolean(response.writeHead(503, { "Retry-After": "3600" }).end());
    await expect(file.slice(0, 9)).rejects.toThrow(
      `f could not be fetched: ${host()} answered 503. It asks to wait for 3600 seconds.`,
    );
    expect(retryAfter("Thu, 01 Jan 1970 00:00:05 GMT", 2000)).toBe(3000);
    expect([retryAfter(null), retryAfter("soon")]).toEqual([null, null]);
    expect(new PassingFault("x").name).toBe("UserError");
  });
});

describe("cancelling", () => {
  const abortError = expect.objectContaining({ name: "AbortError" });
  test.for(["before the answer", "in its middle", "while waiting"])("%s", (when, { skip }) =>
    unlessBusy(skip, async () => {
      const file = await open("/f", {
        patience: { ...impatient, firstWaitMs: 10_000, longestWaitMs: 60_000, stallMs: 10_000 },
      });
      const controller = new AbortController();
      misbehave((response) => {
        if (when === "while waiting") response.writeHead(503).end();
        if (when === "in its middle") {
          response.writeHead(206, { "Content-Range": "bytes 0-8/100000", ETag: '"one"' });
          response.write(bytes.subarray(0, 1));
        }
        setTimeout(() => controller.abort(), 30);
        return true;
      });
      const start = performance.now();
      await expect(file.slice(0, 9, controller.signal)).rejects.toThrow(abortError);
      within(performance.now() - start, 1000, "cancelling");
      await expect(file.slice(0, 9, AbortSignal.abort())).rejects.toThrow(abortError);
    }),
  );
  test("closing ends the reads", async () => {
    const lifetime = new AbortController();
    const file = await open("/f", {}, undefined, lifetime.signal);
    misbehave(() => true);
    const reading = file.slice(0, 9);
    setTimeout(() => lifetime.abort(), 20);
    await expect(reading).rejects.toThrow(abortError);
    await expect(file.slice(0, 9)).rejects.toThrow(abortError);
  });
});

describe("an access token", () => {
  test("goes to its own origin only, and not along with a redirect elsewhere", async () => {
    const other = await startServer({ "/f": bytes });
    const token = { origin: server.base, value: "secret" };
    server.before = (request, response) =>
      request.url === "/away" && Boolean(response.writeHead(302, { Location: `${other.base}/f` }).end());
    const away = await open("/away", { token });
    expect(await away.slice(0, 3)).toEqual(bytes.slice(0, 3));
    expect(server.asked.map((a) => a.authorization)).toEqual(["Bearer secret", "Bearer secret"]);
    expect(other.asked.map((a) => a.authorization)).toEqual([null, null]);
    await rangeFile({ name: "f", url: `${other.base}/f` }, { token, patience: impatient });
    expect(other.asked.every((a) => a.authorization === null)).toBe(true);
    await other.close();
  });
});
