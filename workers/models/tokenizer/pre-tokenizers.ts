/**
 * How text is cut before byte-level BPE, by the names that GGUF files give (`tokenizer.ggml.pre`). Source: the expressions of llama.cpp's
 * `src/llama-vocab.cpp`, which are those of each model's tokenizer.json.
 */
import { UserError } from "../../errors/user-error.ts";

export interface PreTokenizer {
  /** As a tokenizer.json has it. */
  pre_tokenizer: object;
  /** A piece that is a token is taken whole. */
  ignoreMerges: boolean;
  /** Whether a text gets the token of its beginning where the file does not say. */
  addsStart: boolean;
}

const CONTRACTIONS = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
const SPACES = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const gpt2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
/** GPT-4's and its like, with so many digits in a piece. */
const gpt4 = (digits: string, letters = "\\p{L}+", others = "[^\\s\\p{L}\\p{N}]+") =>
  `${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?${letters}|${digits}| ?${others}[\\r\\n]*|${SPACES}`;
const UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
const LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
/** GPT-4o's and its like: words also end where capitals begin. */
const gpt4o = (contractions: string, digits: string) =>
  `[^\\r\\n\\p{L}\\p{N}]?${UPPER}*${LOWER}+${contractions}|[^\\r\\n\\p{L}\\p{N}]?${UPPER}+${LOWER}*${contractions}|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|${SPACES}`;

/** The spelling of contractions in tokenizer.json. */
const ANY_CASE = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";

interface Entry {
  names: string;
  /** Each cuts what those before it left. */
  expressions: readonly string[];
  ignoreMerges?: true;
  addsStart?: true;
}

const entries: readonly Entry[] = [
  {
    names: "default",
    expressions: ["[\\p{P}$+<=>^~|]+", gpt2, "\\p{N}+", "[0-9][0-9][0-9]"],
  },
  {
    names:
      "gpt-2 phi-2 mpt olmo jais trillion granite-docling gigachat roberta-bpe exaone4 jina-es jina-de jina-v2-es jina-v2-de",
    expressions: [gpt2],
  },
  { names: "smollm starcoder refact command-r codeshell exaone minerva-7b", expressions: ["\\p{N}", gpt2] },
  { names: "falcon", expressions: ["[\\p{P}$+<=>^~|`]+", gpt2, "[0-9][0-9][0-9]"] },
  {
    names: "llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2",
    expressions: [gpt4("\\p{N}{1,3}")],
    ignoreMerges: true,
    addsStart: true,
  },
  { names: "dbrx smaug-bpe glm4 chatglm-bpe", expressions: [gpt4("\\p{N}{1,3}")] },
  { names: "qwen2 deepseek-r1-qwen stablelm2 hunyuan megrez kormo grok-2", expressions: [gpt4("\\p{N}")] },
  { names: "qwen35", expressions: [gpt4("\\p{N}", "[\\p{L}\\p{M}]+", "[^\\s\\p{L}\\p{M}\\p{N}]+")] },
  { names: "tekken", expressions: [gpt4o("", "\\p{N}")], ignoreMerges: true, addsStart: true },
  { names: "gpt-4o llama4 kanana2", expressions: [gpt4o(`${CONTRACTIONS}?`, "\\p{N}{1,3}")] },
];

const byName: ReadonlyMap<string, Entry> = new Map(
  entries.flatMap((entry) => entry.names.split(" ").map((name): [string, Entry] => [name, entry])),
);

/** Throws UserError for a name that is not known. */
export function preTokenizerNamed(file: string, name: string): PreTokenizer {
  const entry = byName.get(name);
  if (!entry) {
    throw new UserError(
      `${file}: its tokenizer cuts text as "${name}" does, which is not known here. A tokenizer.json beside it would do.`,
    );
  }
  const cuts = entry.expressions.map((Regex) => ({
    type: "Split",
    pattern: { Regex },
    behavior: "Isolated",
    invert: false,
  }));
  return {
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [...cuts, { type: "ByteLevel", add_prefix_space: false, use_regex: false }],
    },
    ignoreMerges: entry.ignoreMerges ?? false,
    addsStart: entry.addsStart ?? false,
  };
}

/**
 * The name that GGUF has for the cuts of a tokenizer.json, null for none: a list of expressions, single digits before GPT-2's own, or GPT-2's own
 * alone.
 */
export function preTokenizerOf(pre: unknown, ignoreMerges: boolean): string | null {
  const cuts = cutsOf(pre);
  if (!cuts) return null;
  const alike = entries.filter(({ expressions }) => expressions.join("\n") === cuts.join("\n"));
  const entry = alike.find((one) => (one.ignoreMerges ?? false) === ignoreMerges) ?? alike[0];
  return entry ? entry.names.split(" ")[0] : null;
}

/** The expressions one after the other; null for cuts of another kind. */
function cutsOf(pre: unknown): string[] | null {
  const { type, pretokenizers, pattern, use_regex, add_prefix_space, individual_digits } = (pre ?? {}) as {
    type?: string;
    pretokenizers?: unknown[];
    pattern?: { Regex?: string };
    use_regex?: boolean;
    add_prefix_space?: boolean;
    individual_digits?: boolean;
  };
  switch (type) {
    case "Sequence": {
      const all = (pretokenizers ?? []).map(cutsOf);
      return all.every((one) => one !== null) ? all.flat() : null;
    }
    case "Split":
      return pattern?.Regex === undefined ? null : [pattern.Regex.replaceAll(ANY_CASE, CONTRACTIONS)];
    case "Digits":
      return individual_digits ? ["\\p{N}"] : null;
    case "ByteLevel":
      return add_prefix_space ? null : use_regex === false ? [] : [gpt2];
    default:
      return null;
  }
}
