import type { Arg, Call, Value } from "./ast.ts";
import { RecipeError } from "./errors.ts";
import { canonicalExpression } from "./expression.ts";
import { either, quote } from "./names.ts";
import { printNumber } from "./number.ts";
import type { Entry, Parameter } from "./signature.ts";

/** Arguments by the key of their parameter. A parameter of kind `values` has as many values as were given, others one. */
export type Bound = Map<string, Value[]>;

/** Adds a value to those of its parameter, in place: a codebook has hundreds, and copies would cost their square. */
export function addBound(bound: Bound, { key }: Parameter, value: Value): void {
  const values = bound.get(key);
  if (values) values.push(value);
  else bound.set(key, [value]);
}

/** Whether a parameter takes any number of values. */
export const isOpen = ({ kind }: Parameter): boolean => kind === "values" || kind === "quantizers";

export const isRequired = (p: Parameter): boolean => p.default === undefined && !p.optional;

/** What a parameter takes, for messages and completion: "a whole number from 1 to 32". */
export function expectation(p: Parameter): string {
  const range =
    p.min !== undefined && p.max !== undefined
      ? ` from ${printNumber(p.min)} to ${printNumber(p.max)}`
      : p.min !== undefined
        ? ` of at least ${printNumber(p.min)}`
        : p.max !== undefined
          ? ` of at most ${printNumber(p.max)}`
          : "";
  switch (p.kind) {
    case "word":
      return either(p.words ?? []);
    case "quantizers":
      return "formats or aliases, in parentheses where they are more than a name";
    case "quantizer":
      return "a format, an alias or a recipe in parentheses";
    case "integer":
    case "number":
      return either([...(p.words ?? []), `a ${p.kind === "integer" ? "whole " : ""}number${range}`]);
    case "values":
      return `numbers${range}`;
    case "expression":
      return `an expression over ${(p.words ?? []).join(", ")}`;
    case "digest":
      return "sha256_ and 64 hexadecimal digits in lower case";
  }
}

function spell(value: Value): string {
  if (value.type === "number") return printNumber(value.value);
  return value.type === "word" ? quote(value.value) : "a recipe";
}

/** Why a value does not fit a parameter, or null where it does. */
export function misfit(p: Parameter, value: Value): string | null {
  return fits(p, value) ? null : `${spell(value)} does not fit ${p.key}=: expected ${expectation(p)}`;
}

function fits(p: Parameter, value: Value): boolean {
  switch (value.type) {
    case "recipe":
      return p.kind === "quantizer" || p.kind === "quantizers";
    case "word":
      return takesWord(p, value.value);
    case "number": {
      if (!takesNumbers(p)) return false;
      const n = value.value;
      const whole = Number.isFinite(n) && (p.kind !== "integer" || Number.isSafeInteger(n));
      return whole && n >= (p.min ?? n) && n <= (p.max ?? n);
    }
    case "call":
      return false;
  }
}

const DIGEST = /^sha256_[0-9a-f]{64}$/;

function takesWord(p: Parameter, word: string): boolean {
  if (p.kind === "digest") return DIGEST.test(word);
  if (p.kind === "expression") return canonicalExpression(word) === word;
  return p.words?.includes(word) === true;
}

const takesNumbers = (p: Parameter) => p.kind === "number" || p.kind === "integer" || p.kind === "values";

/**
 * The parameter a value without a key goes to. Numbers fill the positional parameters in order; a word goes to the one
 * parameter that knows it; a recipe to a positional parameter for quantizers. A string says what is wrong instead.
 */
export function parameterFor(entry: Entry, bound: Bound, value: Value): Parameter | string {
  const { params, name } = entry;
  const keys = params.map((p) => `${p.key}=`);
  if (value.type === "number") {
    const p = params.find((p) => p.positional && takesNumbers(p) && (p.kind === "values" || !bound.has(p.key)));
    return p ?? `"${name}" takes no ${bound.size ? "further " : ""}number without a key: expected ${either(keys)}`;
  }
  if (value.type === "word") {
    const owners = params.filter((p) => takesWord(p, value.value));
    if (owners.length === 1) return owners[0];
    if (owners.length > 1) {
      return `"${value.value}" belongs to ${owners.map((p) => `${p.key}=`).join(" and ")}: expected one of these before it`;
    }
    const words = params
      .filter((p) => p.positional)
      .flatMap((p) => (p.kind === "digest" ? [expectation(p)] : (p.words ?? [])));
    return `"${name}" has no option ${quote(value.value)}: expected ${either([...words, ...keys])}`;
  }
  const p = params.find(
    (p) => p.positional && (p.kind === "quantizers" || (p.kind === "quantizer" && !bound.has(p.key))),
  );
  return p ?? `"${name}" takes no recipe without a key: expected ${either(keys)}`;
}

/** Reads a call's arguments by the keys of its signature. Throws `RecipeError` where the call does not fit it. */
export function bindCall(call: Call, entry: Entry): Bound {
  const bound: Bound = new Map();
  for (const arg of call.args) {
    const p = arg.key === null ? parameterFor(entry, bound, arg.value) : entry.params.find((p) => p.key === arg.key);
    if (p === undefined) throw new RecipeError(`"${call.name}" has no option ${quote(arg.key ?? "")}`);
    if (typeof p === "string") throw new RecipeError(p);
    if (!isOpen(p) && bound.has(p.key)) throw new RecipeError(`"${call.name}" has ${p.key}= twice`);
    const wrong = misfit(p, arg.value);
    if (wrong !== null) throw new RecipeError(wrong);
    addBound(bound, p, arg.value);
  }
  return bound;
}

export function defaultValue(p: Parameter): Value | null {
  if (p.default === undefined) return null;
  return typeof p.default === "number" ? { type: "number", value: p.default } : { type: "word", value: p.default };
}

/** Whether two normalized trees say the same; a property left out is one that is undefined. Asked often: no text is made of them. */
export function sameValues(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return Object.is(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return false;
  const [own, other] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key in own) if (!sameValues(own[key], other[key])) return false;
  for (const key in other) if (other[key] !== undefined && own[key] === undefined) return false;
  return true;
}

/** Drops what equals a default and fills in what is always written; throws for a required argument that is absent. */
export function normalizeBound(bound: Bound, entry: Entry): Bound {
  const result: Bound = new Map();
  for (const p of entry.params) {
    const given = bound.get(p.key);
    const usual = defaultValue(p);
    if (given === undefined) {
      if (isRequired(p)) throw new RecipeError(`"${entry.name}" needs ${p.key}=: ${p.describe}`);
      if (p.always && usual) result.set(p.key, [usual]);
    } else if (p.always || usual === null || !sameValues(given, [usual])) {
      result.set(p.key, given);
    }
  }
  return result;
}

/**
 * Arguments in the order of the signature. A positional one has no key, unless it could then be read as another's:
 * a number after a gap, or a word that several parameters know. The tree and the text use the same keys.
 */
export function toArgs(bound: Bound, entry: Entry): Arg[] {
  const placed: Bound = new Map();
  const args: Arg[] = [];
  for (const p of entry.params) {
    for (const value of bound.get(p.key) ?? []) {
      const keyless = p.positional && parameterFor(entry, placed, value) === p;
      args.push({ key: keyless ? null : p.key, value });
      addBound(placed, p, value);
    }
  }
  return args;
}
