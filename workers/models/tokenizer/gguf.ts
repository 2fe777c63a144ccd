/**
 * The tokenizer in the metadata of a GGUF file: tokens, scores or merges, and kinds of tokens (llama.cpp's `src/llama-vocab.cpp` and
 * `gguf-py/gguf/constants.py`). Byte-level BPE goes through Hugging Face's library, SentencePiece's BPE through `sentencepiece.ts`.
 */
import { UserError } from "../../errors/user-error.ts";
import type { Tokenizer } from "../model.ts";
import { byBytes, SPACE, sentencePieceBytes, utf8 } from "./bytes.ts";
import { libraryTokenizer } from "./library.ts";
import { preTokenizerNamed } from "./pre-tokenizers.ts";
import { scoredEncoder, splitAt } from "./sentencepiece.ts";

/** The values of a file's metadata by key; arrays whole. */
export type Keys = ReadonlyMap<string, unknown>;

/** `tokenizer.ggml.token_type` */
export const TOKEN_KINDS = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;
const KIND = TOKEN_KINDS;

interface Vocabulary {
  file: string;
  tokens: string[];
  kinds: ArrayLike<number> | null;
  keys: Keys;
}

/** Rejects with UserError for kinds that are not known, and where what it needs is missing. Null: the file has no tokenizer. */
export function ggufTokenizer(file: string, keys: Keys): Tokenizer | null {
  const model = keys.get("tokenizer.ggml.model");
  const tokens = keys.get("tokenizer.ggml.tokens");
  if (typeof model !== "string" || model === "none" || model === "no_vocab") return null;
  if (!Array.isArray(tokens) || tokens.length === 0 || tokens.some((token) => typeof token !== "string"))
    throw new UserError(`${file}: its tokenizer (${model}) lists no tokens.`);
  const kinds = numbersAt(keys, "tokenizer.ggml.token_type");
  if (kinds && kinds.length !== tokens.length)
    throw new UserError(`${file}: its tokenizer has ${tokens.length} tokens and ${kinds.length} kinds of tokens.`);
  const vocabulary = { file, tokens: tokens as string[], kinds, keys };
  if (model === "llama") return sentencePiece(vocabulary);
  if (model === "gpt2") return byteLevel(vocabulary);
  throw new UserError(
    `${file}: its tokenizer is of the kind "${model}", which is not read from GGUF; SentencePiece's ("llama") and byte-level BPE ("gpt2") are. A tokenizer.json beside it would do.`,
  );
}

/** The numbers of an array; null where there is none. */
function numbersAt(keys: Keys, key: string): ArrayLike<number> | null {
  const value = keys.get(key);
  return Array.isArray(value) && value.every((one) => typeof one === "number") ? (value as number[]) : null;
}

const idAt = (keys: Keys, name: string, size: number): number | null => {
  const id = keys.get(`tokenizer.ggml.${name}_token_id`);
  return typeof id === "number" && id < size ? id : null;
};

const ENDS = ["eos", "eot", "eom"];

function endsOf({ keys, tokens }: Vocabulary): ReadonlySet<number> {
  return new Set(ENDS.map((name) => idAt(keys, name, tokens.length)).filter((id) => id !== null));
}

/** Tokens of these kinds. */
function ofKinds({ tokens, kinds }: Vocabulary, ...wanted: number[]): number[] {
  return kinds ? tokens.flatMap((_, id) => (wanted.includes(kinds[id]) ? [id] : [])) : [];
}

function sentencePiece(vocabulary: Vocabulary): Tokenizer {
  const { file, tokens, kinds, keys } = vocabulary;
  const scores = numbersAt(keys, "tokenizer.ggml.scores");
  if (!scores || scores.length !== tokens.length)
    throw new UserError(`${file}: its tokenizer has ${tokens.length} tokens and ${scores?.length ?? 0} scores.`);
  const size = tokens.length;
  const begin = idAt(keys, "bos", size);
  const addsStart = keys.get("tokenizer.ggml.add_bos_token") !== false && begin !== null;
  const spaceBefore = keys.get("tokenizer.ggml.add_space_prefix") !== false;
  const special = new Set(ofKinds(vocabulary, KIND.control, KIND.unknown));
  const whole = new Map(ofKinds(vocabulary, KIND.control, KIND.userDefined).map((id) => [tokens[id], id]));
  const split = splitAt(whole);
  const out = new Set(ofKinds(vocabulary, KIND.control, KIND.unknown, KIND.unused));
  const encode = scoredEncoder({
    file,
    tokens,
    scores,
    without: (id) => out.has(id),
    unknown: idAt(keys, "unknown", size) ?? ofKinds(vocabulary, KIND.unknown)[0] ?? null,
  });
  return {
    spelling: "SentencePiece",
    spaceBefore,
    about: `the file's own: SentencePiece BPE of ${size.toLocaleString("en")} tokens`,
    size,
    plainSize: size,
    start: begin,
    addsStart,
    ends: endsOf(vocabulary),
    special,
    encode(text) {
      const ids: number[] = [];
      // A space goes before the text, and before what follows a special token.
      let first = true;
      for (const part of split(text)) {
        if (typeof part === "number") {
          ids.push(part);
          first = special.has(part);
          continue;
        }
        ids.push(...encode((spaceBefore && first ? ` ${part}` : part).replaceAll(" ", SPACE)));
        first = false;
      }
      return Uint32Array.from(ids);
    },
    ...byBytes(
      (id) => {
        const token = tokens[id];
        if (token === undefined) return utf8(`<${id}>`);
        return sentencePieceBytes(token, kinds === null || kinds[id] === KIND.byte);
      },
      special,
      spaceBefore,
    ),
  };
}

function byteLevel(vocabulary: Vocabulary): Tokenizer {
  const { file, tokens, kinds, keys } = vocabulary;
  const merges = keys.get("tokenizer.ggml.merges");
  if (!Array.isArray(merges)) throw new UserError(`${file}: its tokenizer (byte-level BPE) lists no merges.`);
  const name = keys.get("tokenizer.ggml.pre");
  const { pre_tokenizer, ignoreMerges, addsStart } = preTokenizerNamed(
    file,
    typeof name === "string" ? name : "default",
  );
  const size = tokens.length;
  const begin = idAt(keys, "bos", size);
  const adds = keys.get("tokenizer.ggml.add_bos_token") ?? addsStart;
  const whole = new Set(ofKinds(vocabulary, KIND.control, KIND.userDefined));
  const json = {
    added_tokens: [...whole].map((id) => ({
      id,
      content: tokens[id],
      special: kinds?.[id] === KIND.control,
      normalized: false,
    })),
    normalizer: null,
    pre_tokenizer,
    post_processor: null,
    decoder: { type: "ByteLevel" },
    model: {
      type: "BPE",
      ignore_merges: ignoreMerges,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      // A space separates the two; neither holds one.
      merges: merges.map((merge) => String(merge)),
    },
  };
  const built = libraryTokenizer(file, json, { start: begin === null ? [] : [begin], ends: [] });
  return {
    ...built,
    about: `the file's own: byte-level BPE of ${size.toLocaleString("en")} tokens`,
    size,
    plainSize: size,
    start: begin,
    addsStart: adds === true && begin !== null,
    ends: endsOf(vocabulary),
  };
}
