/** Checkpoints that are larger than any disk here: a server makes up their headers and their numbers when asked. */
import { type Content, startServer, type TestServer } from "../../workers/sources/remote/server-for-test.ts";

export interface Giant {
  /** Files it consists of. */
  shards: number;
  /** Tensors in each. */
  tensors: number;
  /** Of each tensor, in BF16. */
  shape: readonly [number, number];
  /** Name of a tensor by its number among all. */
  name(index: number): string;
}

export interface GiantServer extends TestServer {
  /** Address of the index. */
  index: string;
  /** Bytes of everything together. */
  size: number;
  /** Bytes of one tensor. */
  tensorBytes: number;
}

/** Two bytes a value: numbers around zero, as weights are, over and over. */
const VALUES = 2 ** 16;
const pattern = new Uint8Array(2 * VALUES);
for (let i = 0, state = 1; i < VALUES; i++) {
  let sum = 0;
  for (let k = 0; k < 3; k++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    sum += state / 2 ** 32 - 0.5;
  }
  // The upper half of a float32 is a bfloat16.
  const bits = new Uint32Array(Float32Array.of(0.05 * sum).buffer)[0] >>> 16;
  pattern.set([bits & 255, bits >>> 8], 2 * i);
}

function numbers(begin: number, end: number): Uint8Array {
  const out = new Uint8Array(end - begin);
  for (let at = begin; at < end; ) {
    const from = at % pattern.length;
    const piece = pattern.subarray(from, Math.min(pattern.length, from + end - at));
    out.set(piece, at - begin);
    at += piece.length;
  }
  return out;
}

/** A safetensors file whose header is written out and whose numbers are not. */
function shard(giant: Giant, number: number): Content & { size: number } {
  const each = 2 * giant.shape[0] * giant.shape[1];
  const entries = Array.from({ length: giant.tensors }, (_, i): [string, object] => [
    giant.name(number * giant.tensors + i),
    { dtype: "BF16", shape: giant.shape, data_offsets: [i * each, (i + 1) * each] },
  ]);
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const head = Buffer.alloc(8 + header.length);
  head.writeBigUInt64LE(BigInt(header.length));
  head.set(header, 8);
  return {
    size: head.length + giant.tensors * each,
    bytes(begin, end) {
      const known = head.subarray(Math.min(begin, head.length), Math.min(end, head.length));
      return Buffer.concat([known, numbers(Math.max(0, begin - head.length), Math.max(0, end - head.length))]);
    },
  };
}

/** Serves a giant to pages of any origin. */
export async function serveGiant(giant: Giant): Promise<GiantServer> {
  const server = await startServer();
  const total = String(giant.shards).padStart(5, "0");
  const map: Record<string, string> = {};
  let size = 0;
  for (let s = 0; s < giant.shards; s++) {
    const file = `model-${String(s + 1).padStart(5, "0")}-of-${total}.safetensors`;
    const content = shard(giant, s);
    size += content.size;
    server.files.set(`/giant/${file}`, content);
    for (let i = 0; i < giant.tensors; i++) map[giant.name(s * giant.tensors + i)] = file;
  }
  const index = Buffer.from(JSON.stringify({ metadata: { total_size: size }, weight_map: map }));
  server.files.set("/giant/model.safetensors.index.json", index);
  server.files.set("/giant/config.json", Buffer.from('{"architectures":["Giant"]}'));
  return Object.assign(server, {
    index: `${server.base}/giant/model.safetensors.index.json`,
    size,
    tensorBytes: 2 * giant.shape[0] * giant.shape[1],
  });
}
