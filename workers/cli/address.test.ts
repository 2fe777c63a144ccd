/** The command on checkpoints of a server. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import { npyBytes } from "../export/npy-header.ts";
import { startServer, type TestServer } from "../sources/remote/server-for-test.ts";
import { commandPath, run } from "./command-for-test.ts";

const values = Float32Array.from({ length: 40 * 64 }, (_, i) => Math.fround(Math.sin(i) * (1 + (i % 7))));
const file = (name: string) =>
  writeSafetensors([{ name, dtype: "F32", shape: [40, 64], bytes: npyBytes("<f4", values) }]);

let server: TestServer;
beforeAll(async () => {
  const map = { a: "one.safetensors", b: "two.safetensors" };
  server = await startServer({
    "/m/model.safetensors.index.json": Buffer.from(JSON.stringify({ weight_map: map })),
    "/m/one.safetensors": file("a"),
    "/m/two.safetensors": file("b"),
  });
});
afterAll(() => server.close());

const cli = async (...args: string[]) =>
  run(process.execPath, [await commandPath(), ...args], { ...process.env, HF_TOKEN: "hf_secret" });

it("lists a sharded checkpoint, and quantizes one tensor by reading that one", async () => {
  const index = `${server.base}/m/model.safetensors.index.json`;
  const { out } = await cli("inspect", index, "--json");
  const { kind, tensors } = JSON.parse(out);
  expect(kind).toBe("safetensors");
  expect(tensors.map((t: { name: string; shape: number[] }) => [t.name, t.shape])).toEqual([
    ["a", [40, 64]],
    ["b", [40, 64]],
  ]);
  const line = await cli("quantize", index, "--tensor", "b", "--recipe", "int4/32:f16", "--json");
  expect(JSON.parse(line.out)).toMatchObject({ tensor: "b", shape: [40, 64], recipe: "int4/32:f16" });
  // The hub's token goes to the hub.
  expect(server.asked.every((asked) => asked.authorization === null)).toBe(true);
});

it("says what is wrong with an address in one line", async () => {
  const host = new URL(server.base).host;
  const missing = await cli("inspect", `${server.base}/none.npy`);
  expect(missing).toEqual({ status: 1, out: "", err: `none.npy: ${host} has no such file (404).\n` });
  const plain = await cli("inspect", "http://example.org/w.npy");
  expect(plain.err).toBe(
    "http://example.org/w.npy: files are read over https, and over http from this machine only.\n",
  );
});
