/**
 * tokenizer.bin of llama2.c (https://github.com/karpathy/llama2.c, `tokenizer.py`): the longest token's bytes as uint32, then for
 * each token its score as float32, its length as uint32, and its bytes. Spaces are spaces. Ids 0, 1 and 2 are <unk>, <s> and </s>.
 */
import type { ByteSource } from "../../bytes/byte-source.ts";
import { UserError } from "../../errors/user-error.ts";
import type { Tokenizer } from "../model.ts";
import { byBytes, sentencePieceBytes, textOf } from "./bytes.ts";
import { scoredEncoder } from "./sentencepiece.ts";

const MAX_BYTES = 2 ** 26;
/** SentencePiece's own longest tokens have 16 characters; those of others some hundreds of bytes. */
const MAX_TOKEN = 4096;
const [UNKNOWN, BEGIN, END] = [0, 1, 2];

/** Whether a file can be one: its first token fits what it says of the longest. Reads 12 bytes. */
export async function isLlama2c(file: ByteSource, signal?: AbortSignal): Promise<boolean> {
  if (file.size < 12 || file.size > MAX_BYTES) return false;
  const head = await file.slice(0, 12, signal);
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const [longest, first] = [view.getUint32(0, true), view.getUint32(8, true)];
  return longest > 0 && longest <= MAX_TOKEN && first <= longest && Number.isFinite(view.getFloat32(4, true));
}

/** Tokens and their scores. Rejects with UserError where the file is cut off. */
export async function readLlama2c(
  file: ByteSource,
  signal?: AbortSignal,
): Promise<{ tokens: string[]; scores: number[] }> {
  const bytes = await file.slice(0, file.size, signal);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const tokens: string[] = [];
  const scores: number[] = [];
  for (let at = 4; at < bytes.length; ) {
    const length = at + 8 <= bytes.length ? view.getUint32(at + 4, true) : Number.POSITIVE_INFINITY;
    if (at + 8 + length > bytes.length) {
      throw new UserError(
        `${file.name} is no whole tokenizer of llama2.c: token ${tokens.length} at byte ${at} goes beyond its end, byte ${bytes.length}.`,
      );
    }
    scores.push(view.getFloat32(at, true));
    tokens.push(textOf(bytes.subarray(at + 8, at + 8 + length)));
    at += 8 + length;
  }
  if (tokens.length <= END) throw new UserError(`${file.name} has ${tokens.length} tokens, too few for a tokenizer.`);
  return { tokens, scores };
}

/** Rejects as `readLlama2c` does. */
export async function llama2cTokenizer(file: ByteSource, signal?: AbortSignal): Promise<Tokenizer> {
  const { tokens, scores } = await readLlama2c(file, signal);
  const special = new Set([UNKNOWN, BEGIN, END]);
  const encode = scoredEncoder({
    file: file.name,
    tokens,
    scores,
    without: (id) => special.has(id),
    unknown: null,
  });
  return {
    spelling: "SentencePiece",
    spaceBefore: true,
    about: `${file.name}: llama2.c's, SentencePiece BPE of ${tokens.length.toLocaleString("en")} tokens`,
    size: tokens.length,
    plainSize: tokens.length,
    start: BEGIN,
    addsStart: true,
    ends: new Set([END]),
    special,
    // A text begins with a space, as SentencePiece has it.
    encode: (text) => Uint32Array.from(text === "" ? [] : encode(` ${text}`)),
    ...byBytes((id) => sentencePieceBytes(tokens[id] ?? "", true), special, true),
  };
}
