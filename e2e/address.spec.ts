/** Checkpoints on servers: of any size, read by range, from those that a person names and no other. */
import { startServer } from "../workers/sources/remote/server-for-test.ts";
import { Bench } from "./support/bench.ts";
import { safetensors, tensor } from "./support/files.ts";
import { type GiantServer, serveGiant } from "./support/giant.ts";
import { askedFor, expect, type Page, test } from "./support/test.ts";

const START = "s=gen:uniform(4x4,seed=1)&a=int8/row&b=mxfp4&n=1&v=1";

/** Opens an address as a person does who has only the keyboard. */
async function openAddress(page: Page, address: string): Promise<void> {
  await page.keyboard.press("u");
  const dialog = page.getByRole("dialog", { name: "Open an address" });
  await dialog.getByLabel("Address", { exact: true }).fill(address);
  await page.keyboard.press("Enter");
}

/** Memory of the page's own process in MB: heap, workers, buffers and all else. */
async function rendererMegabytes(bench: Bench): Promise<number> {
  const session = await bench.page.context().newCDPSession(bench.page);
  await session.send("HeapProfiler.collectGarbage");
  const { jsHeapSizeUsed } = await bench.page.evaluate(() => {
    const { usedJSHeapSize } = (performance as unknown as { memory: { usedJSHeapSize: number } }).memory;
    return { jsHeapSizeUsed: usedJSHeapSize };
  });
  let workers = 0;
  for (const worker of bench.page.workers()) {
    workers += await worker.evaluate(() => {
      const { memory } = performance as unknown as { memory?: { usedJSHeapSize: number } };
      return memory?.usedJSHeapSize ?? 0;
    });
  }
  await session.detach();
  return (jsHeapSizeUsed + workers) / 1e6;
}

test.describe("a checkpoint of 700 GB", () => {
  let server: GiantServer;
  test.beforeAll(async () => {
    server = await serveGiant({
      shards: 140,
      tensors: 250,
      shape: [2048, 4883],
      name: (i) => `model.layers.${Math.floor(i / 350)}.mlp.experts.${i % 350}.weight`,
    });
    askedFor.add(server.base);
  });
  test.afterAll(() => server.close());

  test("lists within two seconds and shows a tensor by reading that tensor", async ({ bench }) => {
    expect(server.size).toBeGreaterThan(700e9);
    await bench.open(START);
    const start = Date.now();
    await openAddress(bench.page, server.index);
    await bench.page.getByPlaceholder("Filter 35,000 tensors").waitFor();
    const listed = Date.now() - start;
    await bench.settled();
    console.log(`  35,000 tensors in ${(server.size / 1e9).toFixed(0)} GB listed after ${listed} ms`);
    // Two seconds on a machine of its own; the tests share theirs.
    expect(listed).toBeLessThan(6000);

    await bench.page.getByLabel("Filter tensors").fill("layers.3.mlp.experts.7.");
    await bench.settled();
    const before = server.sent;
    await bench.tensor("weight").click();
    await bench.settled();
    await expect(bench.heading).toHaveText("model.layers.3.mlp.experts.7.weight");
    expect(await bench.figure("sqnrDb", "A")).toMatch(/^\d+\.\d\d$/);
    expect(await bench.figure("sqnrDb", "B")).toMatch(/^\d+\.\d\d$/);
    expect(server.sent - before).toBe(server.tensorBytes);
    const megabytes = await rendererMegabytes(bench);
    console.log(`  the page holds ${megabytes.toFixed(0)} MB`);
    expect(megabytes).toBeLessThan(400);
  });

  test("a link asks before it reads, and then shows the same figures", async ({ bench, fresh }) => {
    await bench.open(START);
    await openAddress(bench.page, server.index);
    await bench.page.getByPlaceholder("Filter 35,000 tensors").waitFor();
    await bench.settled();
    const figures = await bench.figures();
    const link = await bench.copyLink();
    expect(link).toContain(`s=url:${server.index}&`);
    server.asked = [];
    const other = await (await fresh()).open(new URL(link).hash.slice(1));
    const asked = other.page.getByRole("region", { name: "Address asked for" });
    await expect(asked).toContainText(server.index);
    expect(server.asked).toEqual([]);
    await asked.getByRole("button", { name: /^Read it from 127/ }).click();
    await other.page.getByPlaceholder("Filter 35,000 tensors").waitFor();
    expect(await other.figures()).toBe(figures);
  });
});

test("half a million tensors are listed and filtered without a stutter", async ({ bench }) => {
  const server = await serveGiant({
    shards: 50,
    tensors: 10_000,
    shape: [16, 16],
    name: (i) => `model.layers.${Math.floor(i / 5000)}.experts.${Math.floor(i / 5) % 1000}.w${i % 5}`,
  });
  askedFor.add(server.base);
  try {
    await bench.page.addInitScript(() => {
      const longest = { longest: 0 };
      Object.assign(window, { tasks: longest });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longest.longest = Math.max(longest.longest, duration);
      }).observe({ entryTypes: ["longtask"] });
    });
    const longest = () =>
      bench.page.evaluate(() => {
        const { tasks } = window as unknown as { tasks: { longest: number } };
        const { longest } = tasks;
        tasks.longest = 0;
        return Math.round(longest);
      });
    await bench.open(START);
    await longest();
    await openAddress(bench.page, server.index);
    await bench.page.getByPlaceholder("Filter 500,000 tensors").waitFor({ timeout: 60_000 });
    await bench.settled();
    const listing = await longest();
    const filter = bench.page.getByLabel("Filter tensors");
    for (const key of "99.experts.123.w4") await filter.press(key);
    await bench.settled();
    const filtering = await longest();
    console.log(`  longest task while listing ${listing} ms, while filtering ${filtering} ms`);
    await expect(bench.tree.getByRole("treeitem").filter({ hasText: "16×16" })).toHaveCount(1);
    // Some 200 and 60 ms on a quiet machine; a single list of half a million took 1,800.
    expect(listing).toBeLessThan(1200);
    expect(filtering).toBeLessThan(700);
  } finally {
    await server.close();
  }
});

test("a server that forbids reading, one that gives no ranges, and one that is not there", async ({ page }) => {
  const bench = new Bench(page);
  const server = await startServer({ "/w.safetensors": safetensors(tensor("w", [8, 8])) });
  askedFor.add(server.base);
  await bench.open(START);
  const dialog = page.getByRole("dialog", { name: "Open an address" });
  const problem = dialog.getByRole("alert");
  const NO_RANGES = "this server does not allow ranges (or cross-origin reading)";

  server.before = (_, response) => {
    for (const name of response.getHeaderNames()) if (name.startsWith("access-control")) response.removeHeader(name);
    return false;
  };
  await openAddress(page, `${server.base}/w.safetensors`);
  await expect(problem).toContainText(`w.safetensors: ${NO_RANGES}.`);

  server.before = (_, response) => Boolean(response.writeHead(200).end("everything"));
  await dialog.getByRole("button", { name: "Open" }).click();
  await expect(problem).toContainText(`w.safetensors: ${NO_RANGES}.`);

  await dialog.getByLabel("Address", { exact: true }).fill("http://example.org/w.safetensors");
  await page.keyboard.press("Enter");
  await expect(problem).toContainText("files are read over https, and over http from this machine only.");

  // The same server, well-behaved: what was typed is still there.
  server.before = null;
  await dialog.getByLabel("Address", { exact: true }).fill(`${server.base}/w.safetensors`);
  await page.keyboard.press("Enter");
  await expect(dialog).toHaveCount(0);
  await bench.settled();
  await expect(bench.heading).toHaveText("w");
  await server.close();
});

test("an address that is pasted is asked for, a token goes to its own server only", async ({ bench }) => {
  const other = await startServer({ "/w.safetensors": safetensors(tensor("w", [8, 8])) });
  const server = await startServer();
  for (const { base } of [server, other]) askedFor.add(base);
  server.before = (request, response) => {
    if (!request.url?.startsWith("/private")) return false;
    if (request.headers.authorization !== "Bearer hf_secret") return Boolean(response.writeHead(401).end());
    return Boolean(response.writeHead(302, { Location: `${other.base}/w.safetensors` }).end());
  };
  await bench.open(START);
  await bench.page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    window.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data }));
  }, `${server.base}/private/w.safetensors`);
  const dialog = bench.page.getByRole("dialog", { name: "Open an address" });
  await expect(dialog.getByLabel("Address", { exact: true })).toHaveValue(`${server.base}/private/w.safetensors`);
  await dialog.getByRole("button", { name: "Open" }).click();
  await expect(dialog.getByRole("alert")).toContainText("wants an access token for it, or has no such file (401).");
  await dialog.getByLabel("Access token").fill("hf_secret");
  await bench.page.keyboard.press("Enter");
  await expect(dialog).toHaveCount(0);
  await bench.settled();
  await expect(bench.heading).toHaveText("w");
  expect(new Set(other.asked.map((asked) => asked.authorization))).toEqual(new Set([null]));
  const kept = await bench.page.evaluate(() => JSON.stringify([location.href, { ...localStorage }, history.state]));
  expect(kept).toContain("w.safetensors");
  expect(kept).not.toContain("hf_secret");
  await Promise.all([server.close(), other.close()]);
});
