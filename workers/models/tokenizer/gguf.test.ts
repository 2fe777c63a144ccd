/** Tokenizers in the metadata of GGUF files, whole and broken, and SentencePiece's kind in a tokenizer.json beside them. */
import { expect, test } from "vitest";
import { memorySource } from "../../bytes/byte-source.ts";
import { readGgufHeader } from "../../checkpoints/gguf/header.ts";
import { readGgufValues } from "../../checkpoints/gguf/values.ts";
import { type TestPair, writeGguf } from "../../checkpoints/gguf/write-for-test.ts";
import { ggufTokenizer } from "./gguf.ts";
import { libraryTokenizer } from "./library.ts";
import { preTokenizerNamed, preTokenizerOf } from "./pre-tokenizers.ts";

const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
/** Words of SentencePiece's kind with the merges that make them, and their bytes. */
const words = ["▁", "t", "h", "e", "r", "n", "th", "▁th", "▁the", "re", "▁there", "er", "▁n"];
const merges = ["t h", "▁ th", "▁th e", "r e", "▁the re", "e r", "▁ n"];
const tokens = ["<unk>", "<s>", "</s>", ...bytes, ...words, "<turn>"];
const made = (token: string) => merges.findIndex((merge) => merge.replace(" ", "") === token);
const kinds = tokens.map((token, id) =>
  id === 0 ? 2 : id < 3 ? 3 : bytes.includes(token) ? 6 : token === "<turn>" ? 4 : 1,
);
const keys = (some: Record<string, unknown> = {}): Map<string, unknown> =>
  new Map(
    Object.entries({
      model: "llama",
      tokens,
      scores: tokens.map((token) => (made(token) < 0 ? 0 : -made(token))),
      token_type: kinds,
      bos_token_id: 1,
      eos_token_id: 2,
      ...some,
    })
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [`tokenizer.ggml.${key}`, value]),
  );

const texts = ["the there n", "  the\nthé", "", " ", "ththth eeer", "a<s>the<turn>the"];

/** The same as transformers keeps it. */
const json = {
  added_tokens: ["<unk>", "<s>", "</s>", "<turn>"].map((content) => ({
    id: tokens.indexOf(content),
    content,
    special: content !== "<turn>",
    normalized: false,
  })),
  normalizer: {
    type: "Sequence",
    normalizers: [
      { type: "Prepend", prepend: "▁" },
      { type: "Replace", pattern: { String: " " }, content: "▁" },
    ],
  },
  pre_tokenizer: null,
  post_processor: null,
  decoder: {
    type: "Sequence",
    decoders: [
      { type: "Replace", pattern: { String: "▁" }, content: " " },
      { type: "ByteFallback" },
      { type: "Fuse" },
      { type: "Strip", content: " ", start: 1, stop: 0 },
    ],
  },
  model: {
    type: "BPE",
    unk_token: "<unk>",
    byte_fallback: true,
    vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    merges,
  },
};

test("SentencePiece's kind: by scores in GGUF, by merges in tokenizer.json, the same tokens", () => {
  const own = ggufTokenizer("m.gguf", keys())!;
  const library = libraryTokenizer("tokenizer.json", json, { start: ["<s>"], ends: ["</s>"] });
  expect(own).toMatchObject({ size: tokens.length, start: 1, addsStart: true, spaceBefore: true });
  expect(library).toMatchObject({ size: tokens.length, start: 1, addsStart: false, spelling: "SentencePiece" });
  for (const text of texts.slice(0, 5)) {
    expect([...own.encode(text)], text).toEqual([...library.encode(text)]);
    expect(own.decode(own.encode(text))).toBe(text);
    expect(library.decode(library.encode(text))).toBe(text);
  }
  const spelled = (ids: ArrayLike<number>) => Array.from(ids, (id) => tokens[id]);
  expect(spelled(own.encode("the there"))).toEqual(["▁the", "▁there"]);
  expect(spelled(own.encode("thé"))).toEqual(["▁th", "<0xC3>", "<0xA9>"]);
  expect(own.pieces(own.encode("thé"))).toEqual([" th", "<0xC3>", "<0xA9>"]);
  // Control tokens stand for themselves; a space goes before what follows them.
  expect(spelled(own.encode("a<s>the<turn>the"))).toEqual(["▁", "<0x61>", "<s>", "▁the", "<turn>", "th", "e"]);
  expect(own.decode(own.encode("a<turn>the"))).toBe("a<turn>the");
});

test("a space before the text is left out where the file says so", () => {
  const own = ggufTokenizer("m.gguf", keys({ add_space_prefix: false, add_bos_token: false }))!;
  expect(own.addsStart).toBe(false);
  expect(own.decode(own.encode(" the"))).toBe(" the");
  expect(Array.from(own.encode("the"), (id) => tokens[id])).toEqual(["th", "e"]);
});

test.each<[string, Record<string, unknown>, RegExp]>([
  [
    "an unknown kind",
    { model: "sorcery" },
    /^m.gguf: its tokenizer is of the kind "sorcery", which is not read from GGUF/,
  ],
  ["no tokens", { tokens: [] }, /its tokenizer \(llama\) lists no tokens/],
  ["tokens that are no text", { tokens: [1, 2] }, /lists no tokens/],
  ["too few kinds", { token_type: [1] }, /has \d+ tokens and 1 kinds of tokens/],
  ["no scores", { scores: undefined }, /has \d+ tokens and 0 scores/],
  ["no merges", { model: "gpt2" }, /\(byte-level BPE\) lists no merges/],
  [
    "an unknown cut",
    { model: "gpt2", merges: [], pre: "sorcery" },
    /cuts text as "sorcery" does, which is not known here/,
  ],
])("says what is wrong with %s", (_, some, reason) => {
  expect(() => ggufTokenizer("m.gguf", keys(some))).toThrow(reason);
});

test("a file without a tokenizer has none", () => {
  expect(ggufTokenizer("m.gguf", new Map())).toBeNull();
  expect(ggufTokenizer("m.gguf", keys({ model: "none" }))).toBeNull();
});

test("cuts by their names are those of each model's tokenizer.json", () => {
  const split = (Regex: string) => ({ type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false });
  const bytesAfter = { type: "ByteLevel", add_prefix_space: false, use_regex: false };
  const llama3 =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  const of = (...pretokenizers: object[]) => ({ type: "Sequence", pretokenizers });
  expect(preTokenizerOf({ type: "ByteLevel", add_prefix_space: false }, false)).toBe("gpt-2");
  expect(preTokenizerOf(of(split(llama3), bytesAfter), true)).toBe("llama3");
  expect(preTokenizerOf(of(split(llama3), bytesAfter), false)).toBe("dbrx");
  expect(preTokenizerOf(of(split(llama3.replace("{1,3}", "")), bytesAfter), false)).toBe("qwen2");
  const digits = { type: "Digits", individual_digits: true };
  expect(preTokenizerOf(of(digits, { type: "ByteLevel", add_prefix_space: false, use_regex: true }), false)).toBe(
    "smollm",
  );
  expect(preTokenizerOf({ type: "ByteLevel", add_prefix_space: true }, false)).toBeNull();
  expect(preTokenizerOf({ type: "Whitespace" }, false)).toBeNull();
  for (const name of ["default", "tekken", "gpt-4o", "falcon", "qwen35", "smaug-bpe"]) {
    // Every expression is one that this engine takes.
    const { pretokenizers } = preTokenizerNamed("f", name).pre_tokenizer as {
      pretokenizers: { pattern?: { Regex: string } }[];
    };
    for (const { pattern } of pretokenizers)
      if (pattern) expect("It's 2024".match(new RegExp(pattern.Regex, "gu"))).not.toBeUndefined();
  }
});

test("metadata is read whole, of every type and in either byte order", async () => {
  const pairs: TestPair[] = [
    ["a", "uint8", 7],
    ["b", "int8", -7],
    ["c", "uint16", 65_535],
    ["d", "int16", -2],
    ["e", "uint32", 4_000_000_000],
    ["f", "int32", -3],
    ["g", "float32", 0.5],
    ["h", "bool", true],
    ["i", "string", "naïve\n"],
    ["j", "uint64", 2n ** 40n],
    ["k", "int64", -5n],
    ["l", "float64", 0.1],
    ["m", "array", "string", Array.from({ length: 100 }, (_, i) => `token ${i}`)],
    ["n", "array", "int32", Array.from({ length: 200 }, (_, i) => i - 100)],
  ];
  for (const littleEndian of [true, false]) {
    const file = memorySource("m.gguf", writeGguf({ metadata: pairs, littleEndian }));
    const values = await readGgufValues(file, await readGgufHeader(file), (key) => key !== "a");
    expect(values.has("a")).toBe(false);
    for (const [key, type, ...rest] of pairs.slice(1)) {
      const wanted = type === "array" ? rest[1] : rest[0];
      expect(values.get(key), key).toEqual(typeof wanted === "bigint" ? Number(wanted) : wanted);
    }
  }
});
