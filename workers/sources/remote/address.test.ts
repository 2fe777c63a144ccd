import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAddress } from "../../bytes/paths.ts";
import { UserError } from "../../errors/user-error.ts";
import { readAddress, tokenOrigin } from "./address.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";

describe("addresses", () => {
  test.each([
    ["https://huggingface.co/o/n", { kind: "hub repository", repo: "o/n", revision: "main", folder: "" }],
    [
      "https://hf.co/o/n/tree/v1.0/sub/dir",
      { kind: "hub repository", repo: "o/n", revision: "v1.0", folder: "sub/dir" },
    ],
    [
      "https://huggingface.co/datasets/o/n",
      { kind: "hub repository", repo: "datasets/o/n", revision: "main", folder: "" },
    ],
    [
      "https://huggingface.co/o/n/blob/main/a/b.gguf",
      { kind: "hub file", repo: "o/n", revision: "main", path: "a/b.gguf" },
    ],
    [
      `https://huggingface.co/o/n/resolve/${commit}/a%20b.npy?download=true`,
      { kind: "hub file", repo: "o/n", revision: commit, path: "a b.npy" },
    ],
    [
      "https://huggingface.co/o/n/resolve/refs%2Fpr%2F3/w.npy",
      { kind: "hub file", repo: "o/n", revision: "refs/pr/3", path: "w.npy" },
    ],
    [
      "https://github.com/o/r/blob/main/a/b.npy",
      { kind: "github file", repo: "o/r", revision: "main", path: "a/b.npy" },
    ],
    ["https://github.com/o/r/raw/v1/b.npy", { kind: "github file", repo: "o/r", revision: "v1", path: "b.npy" }],
    [
      "https://raw.githubusercontent.com/o/r/main/a/b.npy",
      { kind: "github file", repo: "o/r", revision: "main", path: "a/b.npy" },
    ],
    [
      "https://raw.githubusercontent.com/o/r/refs/heads/main/b.npy",
      { kind: "github file", repo: "o/r", revision: "main", path: "b.npy" },
    ],
    ["https://x.org/a/w.npy?key=1#top", { kind: "file", url: "https://x.org/a/w.npy?key=1", path: "w.npy" }],
    ["http://localhost:8000/w.npy", { kind: "file", url: "http://localhost:8000/w.npy", path: "w.npy" }],
    ["http://[::1]:8000/w.npy", { kind: "file", url: "http://[::1]:8000/w.npy", path: "w.npy" }],
  ])("%s", (text, place) => {
    expect(readAddress(` ${text} `)).toEqual(place);
  });

  test.each([
    ["model", `"model" is no address: write it as https://host/path.`],
    ["http://x.org/w.npy", "http://x.org/w.npy: files are read over https, and over http from this machine only."],
    ["http://127.0.0.1.evil.org/w", "files are read over https"],
    ["file:///etc/passwd", "files are read over https"],
    [
      "https://me:secret@x.org/w",
      "An address with a name or a password in it is not opened: give an access token instead.",
    ],
    ["https://x.org/", "https://x.org/ names no file: give the address of a checkpoint."],
    ["https://huggingface.co/o", "a repository is written as https://huggingface.co/owner/name."],
    ["https://huggingface.co/o/n/discussions/1", "this page names no file. Give the address of the repository"],
    ["https://github.com/o/r", "this page of GitHub names no file. Give the address of the file's own page."],
  ])("%s is refused", (text, said) => {
    expect(() => readAddress(text)).toThrow(UserError);
    expect(() => readAddress(text)).toThrow(said);
  });

  test("anything else is refused as well, or is of https", () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl({ withFragments: true, withQueryParameters: true }), fc.string()), (text) => {
        try {
          readAddress(text);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });

  test("are told from numbers", () => {
    expect(["https://x.org/a", "1 2 3", "see https://x.org/a", "https://%", "https://[x"].map(isAddress)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  test("tokens go to the host that is named, or to the hub where a page of it has a shorter name", () => {
    expect(tokenOrigin("https://hf.co/o/n")).toBe("https://huggingface.co");
    expect(tokenOrigin(" https://x.org:8000/a?b ")).toBe("https://x.org:8000");
  });
});
