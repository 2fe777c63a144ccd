import type { Definition } from "../grammar/ast.ts";
import { type Bound, expectation, parameterFor } from "../grammar/bind.ts";
import { RecipeError } from "../grammar/errors.ts";
import type { NameKind, Names } from "../grammar/names.ts";
import type { Entry, Parameter } from "../grammar/signature.ts";
import { printDefinition } from "./definition.ts";
import { type NotationOptions, namesOf, parseRange } from "./parse.ts";
import type { Expected } from "./parser.ts";

export interface CompletionOption {
  /** What replaces the text from `from` to `to`. */
  text: string;
  describe: string;
  kind: NameKind | "block" | "key" | "word" | "symbol";
}

export interface Completion {
  /** The part of the text that an option replaces, in characters counted from 0. */
  from: number;
  to: number;
  /** Those that begin with what stands before the cursor first, then those that contain it. */
  options: CompletionOption[];
  /** What is expected at the cursor where that is not a choice of words, as "a whole number from 1 to 32". */
  hint: string | null;
}

const SYMBOLS: Record<string, string> = {
  "(": "options",
  ",": "another option",
  ")": "close the bracket",
  "@": "rounding",
  "/": "block",
  "~": "scale rule",
  ":": "how the scale is stored",
  "+": "and a further step",
};

const BLOCKS: readonly [string, string][] = [
  ["16", "16 elements along a row"],
  ["32", "32 elements along a row"],
  ["64", "64 elements along a row"],
  ["128", "128 elements along a row"],
  ["128x128", "tiles of 128 rows and 128 columns"],
  ["row", "one scale a row"],
  ["col", "one scale a column"],
  ["tensor", "one scale for the tensor"],
  ["flat(64)", "64 elements in row-major order, across row ends"],
];

/**
 * What may stand at the cursor, for an editor. Only the text before the cursor decides (the parser reads it and notes
 * what it would take); the rest of the word under the cursor is replaced too. A mistake before the cursor gives none.
 */
export function complete(
  text: string,
  cursor: number,
  definitions: readonly Definition[] = [],
  options: Omit<NotationOptions, "definitions"> = {},
): Completion {
  const names = namesOf({ ...options, definitions });
  const at = Math.max(0, Math.min(cursor, text.length));
  const wanted = expectedAt(text, at, names);
  const wordStart = Math.max(-1, ...wanted.filter((e) => e.what !== "symbols").map((e) => e.at));
  const typed = wordStart < 0 ? "" : text.slice(wordStart, at);
  let to = at;
  while (wordStart >= 0 && to < text.length && /[A-Za-z0-9_]/.test(text[to])) to++;

  const here = wanted.filter((e) => e.at === wordStart && e.what !== "symbols");
  const words = ranked(
    here.flatMap((e) => optionsFor(e, names)),
    typed,
  );
  const symbols = to > at ? [] : symbolOptions(wanted.filter((e) => e.at === at));
  const hint = here.map(hintFor).find((h) => h !== null) ?? null;
  // A finished word goes on with a symbol, unless it may still become a longer one.
  const longer = words.filter((o) => o.text !== typed);
  if (symbols.length > 0 && longer.length === 0) return { from: at, to: at, options: symbols, hint };
  const continued = symbols.map((o) => ({ ...o, text: typed + o.text }));
  return { from: wordStart < 0 ? at : wordStart, to, options: [...words, ...continued], hint };
}

/** What the parser would take at the cursor, or where the word stands that ends there. */
function expectedAt(text: string, cursor: number, names: Names): Expected[] {
  const wanted: Expected[] = [];
  try {
    parseRange(text, 0, cursor, names, (e) => wanted.push(e));
  } catch (error) {
    if (!(error instanceof RecipeError)) throw error;
  }
  return wanted.filter((e) => {
    const typed = text.slice(e.at, cursor);
    return e.what === "symbols" ? typed === "" : /^[A-Za-z0-9_]*$/.test(typed);
  });
}

function ranked(options: CompletionOption[], typed: string): CompletionOption[] {
  const lower = typed.toLowerCase();
  const begins = options.filter((o) => o.text.toLowerCase().startsWith(lower));
  const holds = options.filter((o) => o.text.toLowerCase().indexOf(lower) > 0);
  const seen = new Set<string>();
  return [...begins, ...(typed === "" ? [] : holds)].filter((o) => !seen.has(o.text) && seen.add(o.text));
}

function symbolOptions(wanted: readonly Expected[]): CompletionOption[] {
  const symbols = new Set(wanted.flatMap((e) => (e.what === "symbols" ? e.symbols : [])));
  return [...symbols].map((text) => ({ text, describe: SYMBOLS[text], kind: "symbol" as const }));
}

function optionsFor(expected: Expected, names: Names): CompletionOption[] {
  switch (expected.what) {
    case "names":
      return expected.kinds.flatMap((kind) => nameOptions(kind, names, expected.place));
    case "block":
      return BLOCKS.map(([text, describe]) => ({ text, describe, kind: "block" as const }));
    case "argument":
      return argumentOptions(expected.entry, expected.bound, names);
    case "value":
      return valueOptions(expected.parameter, names);
    case "symbols":
      return [];
  }
}

function nameOptions(kind: NameKind, names: Names, place?: "before" | "after"): CompletionOption[] {
  const { aliases, steps } = names.vocabulary;
  if (kind === "definition") {
    const { vocabulary } = names;
    return names.definitions.map((d) => ({ text: d.name, describe: printDefinition(d, { vocabulary }), kind }));
  }
  const entries =
    kind === "alias" ? aliases : kind === "step" ? steps.filter((s) => !place || s.place === place) : names.list(kind);
  return entries.map(({ name, describe }) => ({ text: name, describe, kind }));
}

function argumentOptions(entry: Entry, bound: Bound, names: Names): CompletionOption[] {
  const open = entry.params.filter((p) => p.kind === "quantizers" || !bound.has(p.key));
  const words = open.flatMap((p) =>
    (p.positional ? (p.words ?? []) : [])
      .filter((word) => parameterFor(entry, bound, { type: "word", value: word }) === p)
      .map((text) => ({ text, describe: p.describe, kind: "word" as const })),
  );
  const keys = open
    .filter((p) => !p.positional)
    .map((p) => ({ text: `${p.key}=`, describe: p.describe, kind: "key" as const }));
  const recipes = open.some((p) => p.positional && p.kind === "quantizers") ? nameOptions("format", names) : [];
  return [...words, ...recipes, ...keys];
}

function valueOptions(parameter: Parameter, names: Names): CompletionOption[] {
  if (parameter.kind === "quantizer" || parameter.kind === "quantizers") {
    return (["format", "alias", "definition"] as const).flatMap((kind) => nameOptions(kind, names));
  }
  return (parameter.words ?? []).map((text) => ({ text, describe: parameter.describe, kind: "word" as const }));
}

function hintFor(expected: Expected): string | null {
  if (expected.what === "value") return expected.parameter.kind === "word" ? null : expectation(expected.parameter);
  if (expected.what !== "argument") return null;
  const next = parameterFor(expected.entry, expected.bound, { type: "number", value: 0 });
  return typeof next === "string" ? null : `${next.describe}: ${expectation(next)}`;
}
