/**
 * A language model of an open source: its architecture, its tokenizer, and for every part of the network the stored matrix
 * that it is made of. A recipe quantizes the stored matrix, which is what the Bench shows; what the network wants follows from it.
 */
import type { Architecture, Part, Writer } from "../../kernels/network/index.ts";
import type { MatrixView } from "../../kernels/report/report.ts";
import type { OpenSource } from "../sources/open.ts";

/** A tensor of the source as the matrix that recipes quantize: rows are outputs. */
export interface StoredMatrix {
  /** Its name in the source, which rules of a model recipe speak of. */
  tensor: string;
  view: MatrixView;
  rows: number;
  cols: number;
  /** Of the file, or of what a quantized weight is stored as. */
  bitsPerWeight: number;
  /** Bytes of the file that hold it; shared by all parts of one tensor. */
  bytes: number;
}

/** A part of the network, and where it comes from. */
export interface BoundPart {
  part: Part;
  stored: StoredMatrix;
  /** What has to be done to the stored matrix, for the reader: "rows of heads reordered"; null for nothing. */
  adapted: string | null;
  /** From the stored matrix (rows x cols) to what the network wants. May give the same array. */
  adapt(values: Float32Array): Float32Array;
}

/**
 * Puts other values in the place of a stored matrix (rows x cols), quantized ones for example; null leaves it as it is. `read`
 * decodes what is stored.
 */
export type Through = (stored: StoredMatrix, read: () => Promise<Float32Array>) => Promise<Float32Array | null>;

/** What a layer, the ends, or all of a model take. */
export interface ModelSize {
  parameters: number;
  /** Bytes of files to be read. */
  read: number;
  /** Bytes in float32, as the network holds them. */
  memory: number;
}

export interface Model {
  source: OpenSource;
  architecture: Architecture;
  writer: Writer;
  /** By the part's name. Without those that are missing or do not fit. */
  parts: ReadonlyMap<string, BoundPart>;
  /** Null where there is none that can be used; then `problems` says why. */
  tokenizer: Tokenizer | null;
  /** Why it cannot be run, in sentences; empty where it can. Its weights can be explored nevertheless. */
  problems: readonly string[];
  /** What the reader should know of it, in sentences. */
  notes: readonly string[];
  size(of: number | "ends" | "all"): ModelSize;
  /**
   * What the network loads of a layer or of the ends, by the part's name: each stored tensor is read and decoded once, by ranges,
   * and nothing of it is kept. With `through`, only parts whose matrix it replaces are given. Rejects with UserError or AbortError.
   */
  weights(of: number | "ends", signal: AbortSignal, through?: Through): Promise<Map<string, Float32Array>>;
}

/** How text becomes tokens, and what tokens stand for. */
export interface Tokenizer {
  /** For the reader: "tokenizer.json, byte-level BPE of 4,096 tokens". */
  about: string;
  /** How tokens are spelled: by characters that stand for bytes, as SentencePiece does (with spaces as U+2581), or otherwise. */
  spelling: "byte level" | "SentencePiece" | "other";
  /** A space goes before a text, and is no part of it. */
  spaceBefore: boolean;
  /** Ids are below it. */
  size: number;
  /** The same without tokens that were added to the vocabulary, at its end. */
  plainSize: number;
  /**
   * The token that a text begins with: the one that the tokenizer itself puts there, else what the model's files call the beginning of a
   * text. Null where they name none.
   */
  start: number | null;
  /** Whether the tokenizer itself puts `start` before a text. */
  addsStart: boolean;
  /** The tokens that end a text, as far as the files name them. */
  ends: ReadonlySet<number>;
  /** Tokens that stand for no text, such as <|endoftext|>. */
  special: ReadonlySet<number>;
  /** Without `start`. Text that spells a special token becomes that token. Throws UserError for text that it has no tokens for. */
  encode(text: string): Uint32Array;
  /** What text tokens stand for; special ones are left out. Bytes that are no text become U+FFFD. */
  decode(ids: ArrayLike<number>): string;
  /** What to show for each token, one by one: bytes that are no whole character by themselves are spelled as <0xE6>. */
  pieces(ids: ArrayLike<number>): string[];
}
