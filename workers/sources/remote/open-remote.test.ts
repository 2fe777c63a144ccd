import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { floats } from "../../checkpoints/bytes-for-test.ts";
import { writeSafetensors } from "../../checkpoints/safetensors/write.ts";
import { npyBytes, npyHeader } from "../../export/npy-header.ts";
import { TensorCache } from "../../tensors/cache.ts";
import { openUrl } from "../open.ts";
import type { Sites } from "./address.ts";
import { listAddress, openAddress } from "./open-remote.ts";
import { impatient, startServer, type TestServer } from "./server-for-test.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const shard = (name: string, value: number) =>
  writeSafetensors([{ name, dtype: "F32", shape: [1], bytes: floats(value) }]);
const index = (map: Record<string, string>) => json({ metadata: {}, weight_map: map });
const npy = Buffer.concat([npyHeader("<f4", [2]), npyBytes("<f4", Float32Array.of(1, 2))]);

let server: TestServer;
let sites: Sites;
const at = (path: string) => server.base + path;
const io = () => ({ cache: new TensorCache(), network: { patience: impatient, sites } });
const paths = () => [...new Set(server.asked.map((a) => a.path))];

beforeAll(async () => {
  server = await startServer();
  const { base } = server;
  // One server plays all sites; `localhost` and `127.0.0.1` are two origins.
  const other = base.replace("127.0.0.1", "localhost");
  sites = {
    hub: base,
    github: other,
    githubApi: `${base}/gh-api`,
    githubRaw: `${base}/gh-raw`,
    githubMedia: `${base}/gh-media`,
  };
});
afterAll(() => server.close());
beforeEach(() => {
  server.asked = [];
  server.before = null;
  server.files.clear();
});

describe("a file on any server", () => {
  const elsewhere = { hub: "https://hub.invalid", github: "https://github.invalid" };
  const plain = () => ({ ...io(), network: { patience: impatient, sites: { ...sites, ...elsewhere } } });

  test("is opened by its address, and read by range", async () => {
    server.files.set("/dir/w.npy", npy);
    const source = await openUrl(at("/dir/w.npy"), "u", plain());
    expect(source.info).toMatchObject({ label: "w.npy", kind: "npy", address: at("/dir/w.npy"), fingerprints: [] });
    expect([...(await source.matrix("w").read(0, 1))]).toEqual([1, 2]);
    source.close();
  });

  test("an index finds its shards beside it; one that is missing spoils no other", async () => {
    const map = { a: "one.safetensors", b: "two.safetensors", c: "three.safetensors" };
    server.files.set("/m/model.safetensors.index.json", index(map));
    server.files.set("/m/one.safetensors", shard("a", 1));
    server.files.set("/m/two.safetensors", shard("b", 2));
    const source = await openUrl(at("/m/model.safetensors.index.json?key=7"), "u", plain());
    expect(source.info.tensors.map((t) => [t.name, t.problem === undefined])).toEqual([
      ["a", true],
      ["b", true],
      ["c", false],
    ]);
    expect([...(await source.matrix("b").read(0, 1))]).toEqual([2]);
    source.close();
  });

  test("shards outside the folder are not asked for", async () => {
    const map = { a: "../../secret", b: "https://evil.invalid/x", c: "%2e%2e/secret", d: "/secret", e: "a\\b" };
    server.files.set("/m/x.index.json", index(map));
    const source = await openUrl(at("/m/x.index.json"), "u", plain());
    expect(source.info.tensors[0].problem).toBe(
      'x.index.json names a file outside its own folder, "../../secret": it is not read.',
    );
    expect(source.info.tensors.every((t) => t.problem)).toBe(true);
    // The escaped dots are escaped again, and are a name like any other.
    expect(paths()).toEqual(["/m/x.index.json", "/m/%2e%2e/secret"]);
    source.close();
  });

  test("a configuration beside it is read where it speaks of quantization", async () => {
    server.files.set("/m/model.safetensors", shard("a", 1));
    server.files.set("/m/config.json", json({ quantization_config: { quant_method: "none of them" } }));
    const remote = await openAddress(at("/m/model.safetensors"), plain().network);
    expect((await remote.configs()).map((file) => file.name)).toEqual(["config.json"]);
    server.files.set("/m/config.json", json({ hidden_size: 8 }));
    const other = await openAddress(at("/m/model.safetensors"), plain().network);
    expect(await other.configs()).toEqual([]);
  });

  test("cancelling reaches the request", async () => {
    server.before = () => true;
    const opening = openUrl(at("/w.npy"), "u", { ...plain(), signal: AbortSignal.timeout(30) });
    await expect(opening).rejects.toThrow(/aborted|timeout/);
  });
});

describe("a repository of Hugging Face", () => {
  const serve = (files: Record<string, Uint8Array>) => {
    server.files.set("/api/models/o/n/revision/main", json({ sha: commit }));
    for (const [path, bytes] of Object.entries(files)) server.files.set(`/o/n/resolve/${commit}/${path}`, bytes);
    const entries = Object.entries(files).map(([path, { length }]) => ({ type: "file", path, size: length }));
    server.before = (request, response) => {
      const url = new URL(request.url ?? "", server.base);
      if (url.pathname !== `/api/models/o/n/tree/${commit}`) return false;
      // A page of one entry each.
      const page = Number(url.searchParams.get("cursor") ?? 0);
      const next = page + 1 < entries.length ? { Link: `<${url.pathname}?cursor=${page + 1}>; rel="next"` } : {};
      response.writeHead(200, next).end(json([{ type: "directory", path: "d" }, entries[page]]));
      return true;
    };
  };

  test("lists its checkpoints over all pages, pinned to a commit", async () => {
    serve({ "README.md": npy, "b.gguf": npy, "a/w.npy": npy });
    expect(await listAddress(at("/o/n"), io().network)).toEqual({
      label: "o/n",
      files: [
        { address: at(`/o/n/resolve/${commit}/b.gguf`), path: "b.gguf", bytes: npy.length },
        { address: at(`/o/n/resolve/${commit}/a/w.npy`), path: "a/w.npy", bytes: npy.length },
      ],
    });
  });

  test("opens with its index, or says what there is to choose from", async () => {
    const files = {
      "model.safetensors.index.json": index({ a: "model-00001-of-00001.safetensors" }),
      "model-00001-of-00001.safetensors": shard("a", 5),
      "other.npy": npy,
    };
    serve(files);
    const source = await openUrl(at("/o/n"), "u", io());
    expect(source.info.address).toBe(at(`/o/n/resolve/${commit}/model.safetensors.index.json`));
    expect(source.info.label).toBe("n/model.safetensors.index.json");
    expect([...(await source.matrix("a").read(0, 1))]).toEqual([5]);
    source.close();
    serve({ "a.npy": npy, "b.npy": npy });
    await expect(openUrl(at("/o/n"), "u", io())).rejects.toThrow(
      "o/n has 2 checkpoints: name one. There are a.npy, b.npy.",
    );
    serve({ "README.md": npy });
    await expect(openUrl(at("/o/n"), "u", io())).rejects.toThrow(
      "o/n at main has no file that looks like a checkpoint.",
    );
  });

  test("a page of a file is its bytes, with the token for a private one", async () => {
    serve({ "w.npy": npy });
    const token = { origin: server.base, value: "hf_x" };
    const source = await openUrl(at("/o/n/blob/main/w.npy"), "u", io(), token);
    expect(source.info.address).toBe(at(`/o/n/resolve/${commit}/w.npy`));
    expect(server.asked.every((a) => a.authorization === "Bearer hf_x")).toBe(true);
    expect(JSON.stringify(source.info)).not.toContain("hf_x");
    source.close();
  });

  test("a gated one says so", async () => {
    server.before = (_, response) => Boolean(response.writeHead(401).end());
    await expect(listAddress(at("/o/n"), io().network)).rejects.toThrow(/^o\/n: .* wants an access token for it/);
    server.before = null;
    server.files.set("/api/models/o/n/revision/main", json({}));
    await expect(listAddress(at("/o/n"), io().network)).rejects.toThrow("o/n: its site named no commit for main.");
    server.files.set("/api/models/o/n/revision/main", new TextEncoder().encode("<html>"));
    await expect(listAddress(at("/o/n"), io().network)).rejects.toThrow(/^o\/n: .* did not answer with JSON\.$/);
  });
});

describe("a file of a GitHub repository", () => {
  const github = (path: string) => server.base.replace("127.0.0.1", "localhost") + path;

  test("is read from its raw address at the commit, its size from the listing", async () => {
    server.files.set("/gh-api/repos/o/r/commits/main", new TextEncoder().encode(commit));
    server.files.set("/gh-api/repos/o/r/contents/d", json([{ path: "d/w.npy", size: npy.length }]));
    server.before = (request, response) => {
      if (request.url !== `/gh-raw/o/r/${commit}/d/w.npy`) return false;
      const [, begin, last] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "")!;
      response.writeHead(206).end(npy.subarray(Number(begin), Number(last) + 1));
      return true;
    };
    const source = await openUrl(github("/o/r/blob/main/d/w.npy"), "u", io());
    expect(source.info).toMatchObject({ label: "r/d/w.npy", address: at(`/gh-raw/o/r/${commit}/d/w.npy`) });
    expect([...(await source.matrix("w").read(0, 1))]).toEqual([1, 2]);
    source.close();
  });

  test("a pointer of Git LFS leads to what it stands for", async () => {
    const pointer = new TextEncoder().encode(
      `version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize ${npy.length}\n`,
    );
    server.files.set("/gh-api/repos/o/r/contents/", json([{ path: "w.npy", size: pointer.length }]));
    server.files.set(`/gh-raw/o/r/${commit}/w.npy`, pointer);
    server.files.set(`/gh-media/media/o/r/${commit}/w.npy`, npy);
    const source = await openUrl(github(`/o/r/raw/${commit}/w.npy`), "u", io());
    expect(source.info.tensors.map((t) => [t.name, t.shape])).toEqual([["w", [2]]]);
    source.close();
  });
});
