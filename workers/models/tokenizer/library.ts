/** `tokenizer.json` of Hugging Face's tokenizers, through their own library for JavaScript. */
import { Tokenizer as Library } from "@huggingface/tokenizers";
import { UserError } from "../../errors/user-error.ts";
import type { Tokenizer } from "../model.ts";
import { byBytes, byteLevelBytes, sentencePieceBytes, utf8 } from "./bytes.ts";

/** A JSON object whose fields nothing is known of. */
export type Fields = Record<string, unknown>;

/** What the files of a model say of the tokens that begin and end a text, where the tokenizer does not. */
export interface NamedTokens {
  /** Ids or spellings, the likeliest first. */
  start: readonly (number | string)[];
  ends: readonly (number | string)[];
}

/** How tokens are spelled. */
type Spelling =
  | { kind: "byte level" }
  | { kind: "SentencePiece"; bytes: boolean; spaceBefore: boolean }
  | { kind: "as the library decodes them" };

export const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};

const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);

/** The decoder and, of a sequence, its parts. */
const partsOf = (part: unknown): Fields[] => {
  const fields = fieldsOf(part);
  return [fields, ...listOf(fields.decoders ?? fields.pretokenizers ?? fields.normalizers).flatMap(partsOf)];
};

function spellingOf({ decoder, pre_tokenizer }: Fields): Spelling {
  const decoders = partsOf(decoder);
  const find = (type: string) => decoders.find((part) => part.type === type);
  if (find("ByteLevel")) return { kind: "byte level" };
  const metaspace = find("Metaspace");
  const replaces = decoders.some(({ type, content }) => type === "Replace" && content === " ");
  if (!metaspace && !replaces) return { kind: "as the library decodes them" };
  const strip = find("Strip");
  const before = partsOf(pre_tokenizer).find(({ type }) => type === "Metaspace") ?? metaspace;
  const spaceBefore = metaspace
    ? before?.prepend_scheme !== "never" && before?.add_prefix_space !== false
    : strip?.content === " " && Number(strip.start) > 0;
  return { kind: "SentencePiece", bytes: find("ByteFallback") !== undefined, spaceBefore };
}

/**
 * The tokenizer that a parsed `tokenizer.json` describes. Throws UserError for one that the library does not take, with its
 * reason.
 */
export function libraryTokenizer(file: string, json: unknown, named: NamedTokens): Tokenizer {
  const fields = fieldsOf(json);
  const model = fieldsOf(fields.model);
  const library = build(file, fields);
  const vocabulary = library.get_vocab(true);
  if (vocabulary.size === 0) throw new UserError(`${file}: the tokenizer has no tokens.`);
  const added = library.get_added_tokens_decoder();
  let [size, plainSize] = [0, 0];
  for (const id of vocabulary.values()) {
    size = Math.max(size, id + 1);
    if (!added.has(id)) plainSize = Math.max(plainSize, id + 1);
  }
  const special = new Set([...added].flatMap(([id, token]) => (token.special ? [id] : [])));
  const idOf = (name: number | string): number | undefined =>
    typeof name === "number" ? (name >= 0 && name < size ? name : undefined) : library.token_to_id(name);
  const own = startOf(library, idOf);
  const named0 = named.start.map(idOf).find((id) => id !== undefined);
  const spelling = spellingOf(fields);
  const bytesOf = (id: number): Uint8Array => {
    const token = library.id_to_token(id);
    if (token === undefined) return utf8(`<${id}>`);
    if (added.has(id)) return utf8(token);
    if (spelling.kind === "byte level") return byteLevelBytes(token);
    return spelling.kind === "SentencePiece" ? sentencePieceBytes(token, spelling.bytes) : utf8(token);
  };
  const texts = byBytes(bytesOf, special, spelling.kind === "SentencePiece" && spelling.spaceBefore);
  const trims = listOf(fields.added_tokens).some(({ lstrip, rstrip }) => lstrip === true || rstrip === true);
  const losesNothing = spelling.kind === "byte level" && !fields.normalizer && !addsSpace(fields) && !trims;
  return {
    spelling: spelling.kind === "as the library decodes them" ? "other" : spelling.kind,
    spaceBefore: spelling.kind === "SentencePiece" && spelling.spaceBefore,
    about: `${file}: ${kindOf(model, spelling)} of ${vocabulary.size.toLocaleString("en")} tokens`,
    size,
    plainSize,
    start: own ?? named0 ?? null,
    addsStart: own !== null,
    ends: new Set(named.ends.map(idOf).filter((id) => id !== undefined)),
    special,
    encode(text) {
      const ids = idsOf(file, library, text);
      if (losesNothing) checkWhole(file, text, ids, bytesOf);
      return ids;
    },
    pieces: texts.pieces,
    decode: spelling.kind === "as the library decodes them" ? (ids) => decodedBy(library, ids, special) : texts.decode,
  };
}

function build(file: string, fields: Fields): Library {
  const { added_tokens = [] } = fields;
  if (!Array.isArray(added_tokens)) throw new UserError(`${file}: "added_tokens" of the tokenizer is no list.`);
  try {
    // Spaces before punctuation stay: text is to come back as it was.
    return new Library({ ...fields, added_tokens }, { clean_up_tokenization_spaces: false });
  } catch (error) {
    const reason = (error as Error).message.replace(/\.$/, "");
    throw new UserError(`${file}: the tokenizer cannot be used: ${reason}.`);
  }
}

/** The first token that the tokenizer puts before any text by itself; null for none. */
function startOf(library: Library, idOf: (token: string) => number | undefined): number | null {
  const plain = library.tokenize("a");
  const whole = library.tokenize("a", { add_special_tokens: true });
  return whole.length > plain.length && whole[0] !== plain[0] ? (idOf(whole[0]) ?? null) : null;
}

function idsOf(file: string, library: Library, text: string): Uint32Array {
  const { ids, tokens } = library.encode(text, { add_special_tokens: false });
  const missing = (ids as (number | undefined)[]).indexOf(undefined);
  if (missing >= 0)
    throw new UserError(
      `${file}: the tokenizer has no token for ${JSON.stringify(tokens[missing])} and none for what it does not know.`,
    );
  return Uint32Array.from(ids);
}

/** Byte-level tokens are the text, byte for byte; a vocabulary without some bytes would leave them out in silence. */
function checkWhole(file: string, text: string, ids: Uint32Array, bytesOf: (id: number) => Uint8Array): void {
  const sizes = new Map<number, number>();
  let total = 0;
  for (const id of ids) {
    const size = sizes.get(id) ?? bytesOf(id).length;
    sizes.set(id, size);
    total += size;
  }
  const wanted = utf8(text).length;
  if (total !== wanted)
    throw new UserError(
      `${file}: the tokenizer has tokens for ${total} of the ${wanted} bytes of the text: its vocabulary lacks some.`,
    );
}

const addsSpace = ({ pre_tokenizer }: Fields): boolean =>
  partsOf(pre_tokenizer).some((part) => part.add_prefix_space === true);

function kindOf(model: Fields, spelling: Spelling): string {
  const type = typeof model.type === "string" ? model.type : "tokenizer";
  return spelling.kind === "as the library decodes them" ? type : `${spelling.kind} ${type}`;
}

function decodedBy(library: Library, ids: ArrayLike<number>, special: ReadonlySet<number>): string {
  const shown = Array.from(ids).filter((id) => !special.has(id));
  return shown.length === 0 ? "" : library.decode(shown);
}
