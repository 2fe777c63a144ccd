import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sharedFile } from "../../../kernels/testing/shared.ts";
import { nodeSource } from "../../sources/node.ts";
import { sampleFolder, signal } from "../golden-for-test.ts";
import type { Tokenizer } from "../model.ts";
import { libraryTokenizer } from "../tokenizer/library.ts";
import { llama2cTokenizer } from "../tokenizer/llama2c.ts";
import { tokensOf } from "./tokens.ts";

const text = readFileSync(`${sampleFolder}/valid.txt`, "utf8").slice(0, 30_000);
const json = () => JSON.parse(readFileSync(`${sampleFolder}/tokenizer.json`, "utf8"));

/** Counts the pieces that are encoded beside the looks at both sides of a cut. */
function counted(tokenizer: Tokenizer): { tokenizer: Tokenizer; longest: () => number } {
  let longest = 0;
  const encode = (piece: string) => {
    longest = Math.max(longest, piece.length);
    return tokenizer.encode(piece);
  };
  return { tokenizer: { ...tokenizer, encode }, longest: () => longest };
}

test("a text in pieces has the tokens of the whole", async () => {
  const { tokenizer, longest } = counted(libraryTokenizer("t", json(), { start: [0], ends: [] }));
  const whole = [0, ...tokenizer.encode(text)];
  expect(longest()).toBe(text.length);
  const again = counted(libraryTokenizer("t", json(), { start: [0], ends: [] }));
  expect([...(await tokensOf(again.tokenizer, text, signal, 500))]).toEqual(whole);
  expect(again.longest()).toBeLessThan(6000);
  expect([...(await tokensOf(again.tokenizer, "", signal))]).toEqual([0]);
});

test.skipIf(!sharedFile("data/stories260K.tok512.bin"))(
  "pieces behind a space that a tokenizer adds by itself (needs stories260K)",
  async () => {
    const file = await nodeSource(sharedFile("data/stories260K.tok512.bin")!);
    const { tokenizer, longest } = counted(await llama2cTokenizer(file));
    const pieces = await tokensOf(tokenizer, text, signal, 500);
    expect(longest()).toBeLessThan(6000);
    expect([...pieces]).toEqual([1, ...tokenizer.encode(text)]);
    await file.close();
  },
);

test("text whose words hang together is encoded as a whole", async () => {
  // Without cuts of its own a tokenizer may join words: here any two that a space parts.
  const hanging = json();
  hanging.pre_tokenizer = { type: "ByteLevel", add_prefix_space: false, use_regex: false };
  hanging.model.merges.unshift(
    ["n", "Ġ"],
    ["t", "Ġ"],
    ["e", "Ġ"],
    ["d", "Ġ"],
    ["s", "Ġ"],
    ["y", "Ġ"],
    ["f", "Ġ"],
    ["r", "Ġ"],
  );
  let id = 4096;
  for (const end of "ntedsyfr") hanging.model.vocab[`${end}Ġ`] = id++;
  const tokenizer = libraryTokenizer("t", hanging, { start: [], ends: [] });
  const some = text.slice(0, 6000).replace(/[^ntedsyfr\s] /g, "t ");
  expect([...(await tokensOf(tokenizer, some, signal, 500))]).toEqual([...tokenizer.encode(some)]);
});

test("a long text is left when it is cancelled", async () => {
  const tokenizer = libraryTokenizer("t", json(), { start: [], ends: [] });
  await expect(tokensOf(tokenizer, text, AbortSignal.abort(), 500)).rejects.toThrow(
    expect.objectContaining({ name: "AbortError" }),
  );
});
