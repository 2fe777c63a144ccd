import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { sharedFile } from "../../../kernels/testing/shared.ts";
import { memorySource } from "../../bytes/byte-source.ts";
import { nodeSource } from "../../sources/node.ts";
import { sampleFolder } from "../golden-for-test.ts";
import type { Tokenizer } from "../model.ts";
import { byteLevelBytes, pieceOf } from "./bytes.ts";
import { libraryTokenizer } from "./library.ts";
import { isLlama2c, llama2cTokenizer } from "./llama2c.ts";

/** Ids that Hugging Face's own tokenizers made of these strings with the sample's tokenizer. */
const golden: [string, number[]][] = [
  ["Fellow citizens of the Senate", [38, 3960, 851, 269, 260, 1712]],
  ["Call me Ishmael.", [35, 465, 461, 317, 2079, 77, 65, 731, 14]],
  [
    " don't \n\n 1,234.5 — naïve café 日本",
    [
      2412, 1432, 221, 199, 199, 462, 12, 3912, 20, 14, 21, 221, 637, 299, 65, 128, 108, 306, 590, 70, 128, 103, 221,
      163, 246, 99, 163, 251, 106,
    ],
  ],
  ["", []],
];

const sampleJson = () => JSON.parse(readFileSync(`${sampleFolder}/tokenizer.json`, "utf8"));
const usual = { start: [0], ends: [0] };

describe("tokenizer.json", () => {
  let tokenizer: Tokenizer;
  beforeAll(() => {
    tokenizer = libraryTokenizer("tokenizer.json", sampleJson(), usual);
  });

  test.each(golden)("gives the golden ids of %j, and the text again", (text, ids) => {
    expect([...tokenizer.encode(text)]).toEqual(ids);
    expect(tokenizer.decode(ids)).toBe(text);
  });

  test("knows what begins a text, that nothing puts it there, and which tokens are no text", () => {
    expect(tokenizer).toMatchObject({ size: 4096, plainSize: 4096, start: 0, addsStart: false });
    expect(tokenizer.about).toBe("tokenizer.json: byte level BPE of 4,096 tokens");
    expect([...tokenizer.special]).toEqual([0]);
    // Text that spells a special token is that token.
    expect([...tokenizer.encode("a<|endoftext|>b")]).toEqual([65, 0, 66]);
    expect(tokenizer.decode([65, 0, 66])).toBe("ab");
  });

  test("shows each token, and bytes of a character that several share", () => {
    const ids = tokenizer.encode(" café 日");
    expect(tokenizer.pieces(ids)).toEqual([" ca", "f", "<0xC3>", "<0xA9>", " ", "<0xE6>", "<0x97>", "<0xA5>"]);
    expect(tokenizer.pieces([0])).toEqual(["<|endoftext|>"]);
    expect(tokenizer.decode(ids.subarray(0, 3))).toBe(" caf\ufffd");
  });

  test("leaves punctuation and spaces as they are, and long text too", () => {
    const text = readFileSync(`${sampleFolder}/valid.txt`, "utf8").slice(0, 20_000).replaceAll(",", " , ");
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    const run = "x".repeat(30_000);
    expect(tokenizer.decode(tokenizer.encode(run))).toBe(run);
  });

  test("finds the token that a tokenizer itself puts before a text", () => {
    const json = sampleJson();
    json.post_processor = {
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: "<|endoftext|>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
      pair: [],
      special_tokens: { "<|endoftext|>": { id: "<|endoftext|>", ids: [0], tokens: ["<|endoftext|>"] } },
    };
    const own = libraryTokenizer("t", json, { start: [5], ends: [] });
    expect(own).toMatchObject({ start: 0, addsStart: true });
    expect([...own.encode("Call me")]).toEqual([35, 465, 461]);
    expect(libraryTokenizer("t", sampleJson(), { start: ["<nothing>", 9999, 7], ends: [] }).start).toBe(7);
    expect(libraryTokenizer("t", sampleJson(), { start: [], ends: [] }).start).toBeNull();
  });

  test("refuses a vocabulary that would lose a part of the text", () => {
    const json = sampleJson();
    delete json.model.vocab.ï;
    delete json.model.vocab.Ã;
    json.added_tokens = [];
    const lossy = libraryTokenizer("t.json", json, usual);
    expect(lossy.encode("plain").length).toBeGreaterThan(0);
    expect(() => lossy.encode("naïve")).toThrow(/^t\.json: the tokenizer has (no token|tokens for 5 of the 6 bytes)/);
  });

  test.each<[string, unknown, RegExp]>([
    ["no object", [], /cannot be used/],
    ["no model", { ...sampleJson(), model: undefined }, /cannot be used/],
    ["an unknown model", { ...sampleJson(), model: { type: "Sorcery" } }, /cannot be used: .*Sorcery/],
    ["an unknown cut", { ...sampleJson(), pre_tokenizer: { type: "Sorcery" } }, /cannot be used: .*Sorcery/],
    ["merges that are none", { ...sampleJson(), model: { ...sampleJson().model, merges: 7 } }, /cannot be used/],
    [
      "added tokens that are none",
      { ...sampleJson(), added_tokens: "x" },
      /"added_tokens" of the tokenizer is no list/,
    ],
    [
      "an empty vocabulary",
      { ...sampleJson(), added_tokens: [], model: { ...sampleJson().model, vocab: {}, merges: [] } },
      /has no tokens/,
    ],
  ])("says what is wrong with %s", (_, json, reason) => {
    expect(() => libraryTokenizer("tokenizer.json", json, usual)).toThrow(reason);
  });
});

test("byte-level tokens are bytes", () => {
  expect([...byteLevelBytes("ĠaÃ©Ċ")]).toEqual([0x20, 0x61, 0xc3, 0xa9, 0x0a]);
  expect(pieceOf(Uint8Array.of(0x41, 0xe6))).toBe("<0x41><0xE6>");
});

describe("llama2.c's", () => {
  const path = sharedFile("data/stories260K.tok512.bin");
  test.skipIf(!path)("gives the golden ids of stories260K (needs its tokenizer)", async () => {
    const file = await nodeSource(path!);
    expect(await isLlama2c(file)).toBe(true);
    const tokenizer = await llama2cTokenizer(file);
    const { prompt, prompt_ids, eval_text, eval_ids } = JSON.parse(
      readFileSync(sharedFile("data/stories260K_golden.json")!, "utf8"),
    );
    expect(tokenizer).toMatchObject({ size: 512, start: 1, addsStart: true });
    expect([1, ...tokenizer.encode(prompt)]).toEqual(prompt_ids);
    expect([1, ...tokenizer.encode(eval_text)]).toEqual(eval_ids);
    expect(tokenizer.decode(eval_ids)).toBe(eval_text);
    // Characters that it has no token for become their bytes, and come back.
    expect(tokenizer.decode(tokenizer.encode("naïve — 日本"))).toBe("naïve — 日本");
    expect(tokenizer.pieces(tokenizer.encode("日")).at(-1)).toBe("<0xA5>");
    await file.close();
  });

  test("says where a file is cut off, and is told from other files", async () => {
    const bytes = new Uint8Array(40);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 7, true);
    view.setUint32(8, 5, true);
    bytes.set(new TextEncoder().encode("<unk>"), 12);
    view.setUint32(21, 999, true);
    const cut = memorySource("tok.bin", bytes);
    expect(await isLlama2c(cut)).toBe(true);
    await expect(llama2cTokenizer(cut)).rejects.toThrow("token 1 at byte 17 goes beyond its end, byte 40");
    expect(
      await isLlama2c(
        memorySource(
          "w.bin",
          Uint8Array.from({ length: 64 }, () => 0x3f),
        ),
      ),
    ).toBe(false);
    expect(await isLlama2c(memorySource("w.bin", new Uint8Array(4)))).toBe(false);
  });
});
