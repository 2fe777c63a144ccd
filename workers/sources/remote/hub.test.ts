import { describe, expect, test } from "vitest";
import { checkpointsIn, nextPage } from "./hub.ts";

describe("a repository's listing", () => {
  const paths = (...names: string[]) =>
    checkpointsIn(names.map((path) => ({ path, bytes: 1 }))).map((file) => file.path);

  test("gives what can be opened by itself, the likeliest first", () => {
    expect(
      paths(
        "README.md",
        "sub/model.safetensors",
        "pytorch_model.bin",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
        "q4.gguf",
        "tokenizer.json",
      ),
    ).toEqual(["model.safetensors.index.json", "q4.gguf", "pytorch_model.bin", "sub/model.safetensors"]);
  });
  test("leaves shards of PyTorch's to their index too", () => {
    const shards = ["pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"];
    expect(paths(...shards)).toEqual(shards);
    expect(paths(...shards, "pytorch_model.bin.index.json")).toEqual(["pytorch_model.bin.index.json"]);
    expect(paths(...shards, "model.safetensors.index.json")).toEqual(["model.safetensors.index.json", ...shards]);
  });
  test("leaves parts to the first, and keeps shards that have no index", () => {
    expect(paths("m-00002-of-00002.gguf", "m-00001-of-00002.gguf")).toEqual(["m-00001-of-00002.gguf"]);
    expect(paths("a-00001-of-00002.safetensors", "tfjs/model.json")).toEqual([
      "a-00001-of-00002.safetensors",
      "tfjs/model.json",
    ]);
  });
});

test("pages follow the Link header, at the same origin only", () => {
  const from = "https://hub/api/tree?x=1";
  expect(nextPage('<https://hub/api/tree?cursor=2>; rel="next"', from)).toBe("https://hub/api/tree?cursor=2");
  expect(nextPage('<https://hub/first>; rel="first", </api/tree?cursor=3>; rel=next', from)).toBe(
    "https://hub/api/tree?cursor=3",
  );
  expect(nextPage('<https://evil/api>; rel="next"', from)).toBeNull();
  expect(nextPage(`<${from}>; rel="next"`, from)).toBeNull();
  expect(nextPage('<https://hub/a>; rel="prev"', from)).toBeNull();
  expect(nextPage(null, from)).toBeNull();
});
