/** Checkpoints of many alike tensors that are larger than any disk here, from a server that makes their numbers up when asked. */
import { type GiantModelServer, serveModel } from "../../workers/sources/remote/giant-for-test.ts";

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

export interface GiantServer extends GiantModelServer {
  /** Bytes of one tensor. */
  tensorBytes: number;
}

/** Serves a giant to pages of any origin. */
export async function serveGiant({ shards, tensors, shape, name }: Giant): Promise<GiantServer> {
  const files = Array.from({ length: shards }, (_, s) =>
    Array.from({ length: tensors }, (_, i) => ({ name: name(s * tensors + i), dtype: "BF16" as const, shape })),
  );
  const server = await serveModel({ shards: files, config: { architectures: ["Giant"] } });
  return Object.assign(server, { tensorBytes: 2 * shape[0] * shape[1] });
}
