/** From an open source to the language model in it. */
import type { Architecture } from "../../kernels/network/index.ts";
import { UserError } from "../errors/user-error.ts";
import type { OpenSource } from "../sources/open.ts";
import { bind } from "./bind.ts";
import type { Model, Tokenizer } from "./model.ts";
import { readSaid, type Said } from "./said.ts";
import { openTokenizer } from "./tokenizer/open.ts";
import { sizeOf, weightsOf } from "./weights.ts";

/**
 * Binds the tensors of a source to the places of its network, and reads its tokenizer. Rejects with UserError where nothing says how the
 * model is made, or its family is not known; whatever else keeps it from being run is among its `problems`.
 */
export async function openModel(source: OpenSource, signal: AbortSignal): Promise<Model> {
  const said = await readSaid(source, signal);
  const { architecture, writer } = said;
  const { parts, problems, notes } = bind(source, architecture, writer);
  const tokens = await tokenizerOf(source, said, signal);
  const bound = { source, architecture, parts };
  return {
    ...bound,
    writer,
    tokenizer: tokens.tokenizer,
    problems: [...problems, ...tokens.problems],
    notes: [
      ...architecture.notes,
      ...notes,
      ...tokens.notes,
      ...(await headNotes(source, architecture, parts, signal)),
    ],
    size: (of) => sizeOf(architecture, parts, of),
    weights: (of, signal, through) => weightsOf(bound, of, signal, through),
  };
}

interface Tokens {
  tokenizer: Tokenizer | null;
  problems: string[];
  notes: string[];
}

async function tokenizerOf(source: OpenSource, said: Said, signal: AbortSignal): Promise<Tokens> {
  let tokenizer: Tokenizer | null = null;
  try {
    tokenizer = await openTokenizer(source, said, signal);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { tokenizer, problems: [error.message], notes: [] };
  }
  if (!tokenizer) {
    const none = `There is no tokenizer: tokenizer.json was not given with ${source.info.label} and does not lie beside it.`;
    return { tokenizer, problems: [none], notes: [] };
  }
  return { tokenizer, ...vocabularyWords(tokenizer, said.architecture) };
}

/** A vocabulary that fills less of the embedding than this is likely that of another model. */
const USUAL_SHARE = 0.9;

function vocabularyWords({ size, plainSize }: Tokenizer, { vocabulary }: Architecture): Omit<Tokens, "tokenizer"> {
  const [tokens, rows] = [size.toLocaleString("en"), vocabulary.toLocaleString("en")];
  if (plainSize > vocabulary) {
    const problem = `The tokenizer has ${tokens} tokens, and the embedding ${rows} rows: they are not of one model.`;
    return { problems: [problem], notes: [] };
  }
  if (size > vocabulary) {
    const note = `The tokenizer has ${tokens} tokens, and the embedding ${rows} rows: the last ones, which were added, cannot be used.`;
    return { problems: [], notes: [note] };
  }
  const few = size < USUAL_SHARE * vocabulary;
  const note = `The tokenizer has ${tokens} tokens for the ${rows} rows of the embedding: it may be that of another model.`;
  return { problems: [], notes: few ? [note] : [] };
}

/** Rows of a head that are compared with the embedding. */
const COMPARED_ROWS = 64;

/** A head that is said to be the embedding may be stored nevertheless, and then it is the stored one that is used. */
async function headNotes(
  source: OpenSource,
  { tied, ends }: Architecture,
  parts: Model["parts"],
  signal: AbortSignal,
): Promise<string[]> {
  const head = tied ? parts.get(ends.head.weight) : undefined;
  const embedding = parts.get(ends.embedding);
  if (!head || !embedding) return [];
  const { tensor: name, rows, cols } = head.stored;
  const [a, b] = [source.tensor(name), source.tensor(embedding.stored.tensor)];
  const step = Math.max(1, Math.ceil(rows / COMPARED_ROWS));
  for (let row = 0; row < rows; row += step) {
    const [x, y] = await Promise.all([a, b].map((tensor) => tensor.read(row * cols, (row + 1) * cols, signal)));
    if (x.some((value, i) => !Object.is(value, y[i]))) {
      return [
        `The model's configuration says that head and embedding are one, but ${name} is stored and differs from ${b.info.name} (row ${row}): the stored head is used.`,
      ];
    }
  }
  return [];
}
