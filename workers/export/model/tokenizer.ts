/**
 * A tokenizer as GGUF's keys hold it: from tokenizer.json (byte-level BPE, or SentencePiece's BPE with bytes to fall back to) or from
 * llama2.c's file. What is written is read again and compared on texts of every kind: only what gives the same tokens is kept.
 */

import { UserError } from "../../errors/user-error.ts";
import type { Tokenizer } from "../../models/model.ts";
import { fallbackByte, SPACE } from "../../models/tokenizer/bytes.ts";
import type { Keys } from "../../models/tokenizer/gguf.ts";
import { ggufTokenizer, TOKEN_KINDS } from "../../models/tokenizer/gguf.ts";
import { fieldsOf } from "../../models/tokenizer/library.ts";
import { preTokenizerOf } from "../../models/tokenizer/pre-tokenizers.ts";

/** Words, numbers, spaces, contractions, several scripts. */
const PROBES = [
  "The quick brown fox jumps over 13 lazy dogs, doesn't it?",
  "  two  spaces,\ttabs\n\nand lines\r\n",
  "In 1987, 12345.678 + 90 = $1,000,000 (100%)",
  "WE'LL I'm they've He'd It's don'T",
  "naïve café — 日本語 русский العربية 😀 e\u0301",
  "def f(x): return x**2 # code_with_names && a->b",
];

export interface TokenizerKeys {
  model: "gpt2" | "llama";
  pre: string;
  tokens: string[];
  kinds: number[];
  scores: number[] | null;
  merges: string[] | null;
  /** Whether a space goes before a text. */
  spaceBefore: boolean;
}

/** From a parsed tokenizer.json, with as many tokens as the embedding has rows. Throws UserError with a clause that says why not. */
export function keysOfTokenizer(json: unknown, tokenizer: Tokenizer, rows: number): TokenizerKeys {
  const fields = fieldsOf(json);
  const model = fieldsOf(fields.model);
  if (model.type !== "BPE") throw new UserError(`a tokenizer of the kind ${String(model.type)} is not written to GGUF`);
  const spelling = tokenizer.spelling;
  if (spelling === "other") throw new UserError("its tokenizer's spelling has no form in GGUF");
  const vocabulary = Object.entries(fieldsOf(model.vocab)) as [string, number][];
  const added = (Array.isArray(fields.added_tokens) ? fields.added_tokens : []).map(fieldsOf);
  if (tokenizer.size > rows)
    throw new UserError(`it has ${tokenizer.size} tokens for the ${rows} rows of the embedding`);
  const tokens = Array.from({ length: rows }, (_, id) => `[PAD${id}]`);
  const kinds = new Array<number>(rows).fill(TOKEN_KINDS.unused);
  for (const [token, id] of vocabulary) {
    tokens[id] = token;
    const byte = spelling === "SentencePiece" && fallbackByte(token) !== null;
    kinds[id] = byte ? TOKEN_KINDS.byte : TOKEN_KINDS.normal;
  }
  for (const { id, content, special } of added as { id: number; content: string; special?: boolean }[]) {
    tokens[id] = content;
    kinds[id] = special ? TOKEN_KINDS.control : TOKEN_KINDS.userDefined;
  }
  const pairs = (Array.isArray(model.merges) ? model.merges : []).map((merge): [string, string] => {
    const [left, right] = Array.isArray(merge) ? merge : String(merge).split(" ");
    return [String(left), String(right)];
  });
  if (spelling === "byte level") {
    const pre = preTokenizerOf(fields.pre_tokenizer, model.ignore_merges === true);
    if (pre === null) throw new UserError("its way of cutting text has no name in GGUF");
    return {
      model: "gpt2",
      pre,
      tokens,
      kinds,
      scores: null,
      merges: pairs.map((pair) => pair.join(" ")),
      spaceBefore: false,
    };
  }
  const unknown = typeof model.unk_token === "string" ? tokens.indexOf(model.unk_token) : -1;
  if (unknown >= 0) kinds[unknown] = TOKEN_KINDS.unknown;
  // SentencePiece scores a token by when it was made: those of the first merges are joined first.
  const made = new Map<string, number>();
  pairs.forEach(([left, right], rank) => {
    if (!made.has(left + right)) made.set(left + right, rank);
  });
  const scores = tokens.map((token) => -(made.get(token) ?? 0));
  return { model: "llama", pre: "default", tokens, kinds, scores, merges: null, spaceBefore: tokenizer.spaceBefore };
}

/** From llama2.c's tokens, whose first three are <unk>, <s> and </s>. Throws UserError as above. */
export function keysOfLlama2c({ tokens, scores }: { tokens: string[]; scores: number[] }, rows: number): TokenizerKeys {
  if (tokens.length !== rows)
    throw new UserError(`it has ${tokens.length} tokens for the ${rows} rows of the embedding`);
  const special = [TOKEN_KINDS.unknown, TOKEN_KINDS.control, TOKEN_KINDS.control];
  return {
    model: "llama",
    pre: "default",
    tokens: tokens.map((token, id) => (id < special.length ? token.trim() : token.replaceAll(" ", SPACE))),
    kinds: tokens.map(
      (token, id) => special[id] ?? (fallbackByte(token) === null ? TOKEN_KINDS.normal : TOKEN_KINDS.byte),
    ),
    scores,
    merges: null,
    spaceBefore: true,
  };
}

/** The keys by name, as they are read again. */
export function plainKeys(
  { model, pre, tokens, kinds, scores, merges, spaceBefore }: TokenizerKeys,
  tokenizer: Pick<Tokenizer, "start" | "addsStart" | "ends">,
): Keys {
  const [end] = tokenizer.ends;
  const keys: [string, unknown][] = [
    ["model", model],
    ["pre", pre],
    ["tokens", tokens],
    ["token_type", kinds],
    ["scores", scores],
    ["merges", merges],
    ["bos_token_id", tokenizer.start],
    ["eos_token_id", end ?? null],
    ["add_bos_token", tokenizer.start === null ? null : tokenizer.addsStart],
    ["add_space_prefix", model === "llama" ? spaceBefore : null],
  ];
  return new Map(keys.flatMap(([key, value]) => (value === null ? [] : [[`tokenizer.ggml.${key}`, value] as const])));
}

/** Throws UserError, with a clause, where what is read again gives other tokens. */
export function checkSame(keys: Keys, tokenizer: Tokenizer): void {
  const back = ggufTokenizer("the file", keys);
  for (const probe of PROBES) {
    let own: Uint32Array;
    try {
      own = tokenizer.encode(probe);
    } catch (error) {
      // It has no tokens for some of these.
      if (error instanceof UserError) continue;
      throw error;
    }
    if (own.join() !== back?.encode(probe).join())
      throw new UserError(`GGUF's form of its tokenizer would cut ${JSON.stringify(probe)} otherwise`);
  }
}
