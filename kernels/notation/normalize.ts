import type { BlockShape, Call, Quantizer, Recipe, Value } from "../grammar/ast.ts";
import { type Bound, bindCall, normalizeBound, toArgs } from "../grammar/bind.ts";
import { RecipeError } from "../grammar/errors.ts";
import { article, type NameKind, type Names, quote } from "../grammar/names.ts";
import type { Entry, Vocabulary } from "../grammar/signature.ts";
import { USUAL_ROUNDING } from "../rounding/registry.ts";
import { isUsualRule, ruleArgs, ruleNamed } from "../scales/rules/known.ts";
import { MAX_BLOCK, MAX_DEPTH } from "./limits.ts";

/** The signature of a call; throws where the name is not of that kind. */
export function entryOf(names: Names, kind: NameKind, name: string): Entry {
  const entry = names.entry(kind, name);
  if (!entry) throw new RecipeError(`${quote(name)} is not ${article[kind]}`);
  return entry;
}

/**
 * Calls that are normalized, with the vocabulary they are normalized in. Trees are never changed once they are made, and a
 * grid makes thousands of recipes of the same calls: a codebook's levels are looked at once, not once a recipe.
 */
const normalized = new WeakMap<Call, Vocabulary>();

/** A call with its arguments in the order of the signature, without those that equal their default. */
export function normalizeCall(names: Names, kind: NameKind, call: Call): Call {
  const entry = entryOf(names, kind, call.name);
  return normalized.get(call) === names.vocabulary ? call : fromBound(names, entry, bindCall(call, entry));
}

function normalizeValue(names: Names, value: Value): Value {
  switch (value.type) {
    case "recipe":
      return { type: "recipe", recipe: normalizeTree(names, value.recipe) };
    case "number":
      // There is no negative zero in the notation.
      return { type: "number", value: value.value + 0 };
    case "word":
      return { type: "word", value: value.value };
    case "call":
      return value;
  }
}

/** The call of a format, step, rounding or rule with these arguments, normalized. */
export function fromBound(names: Names, entry: Entry, bound: Bound): Call {
  const clean: Bound = new Map();
  for (const [key, values] of bound) {
    clean.set(
      key,
      values.map((v) => normalizeValue(names, v)),
    );
  }
  const call: Call = { name: entry.name, args: toArgs(normalizeBound(clean, entry), entry) };
  normalized.set(call, names.vocabulary);
  return call;
}

function normalizeBlock(block: BlockShape): BlockShape {
  const check = (n: number) => {
    if (!Number.isSafeInteger(n) || n < 1 || n > MAX_BLOCK) {
      throw new RecipeError(`a block has whole numbers from 1 to ${MAX_BLOCK}`);
    }
    return n;
  };
  switch (block.kind) {
    case "run":
      return { kind: "run", n: check(block.n) };
    case "flat":
      return { kind: "flat", n: check(block.n) };
    case "tile":
      // A tile of one row is a run along the row.
      if (block.rows === 1) return { kind: "run", n: check(block.cols) };
      return { kind: "tile", rows: check(block.rows), cols: check(block.cols) };
    default:
      return { kind: block.kind };
  }
}

const wordOf = (call: Call, word: string) =>
  call.args.some((a) => a.value.type === "word" && a.value.value === word && (a.key ?? "range") === "range");

/** How scales are stored where nothing is said. */
export const isPlainFloat32 = ({ base, rounding, block }: Quantizer): boolean =>
  base.name === "f32" && base.args.length === 0 && rounding === null && block === null;

export const notForScales = (name: string): string => `"${name}" quantizes tensors, not scales`;
export const bringsAll = (name: string): string =>
  `"${name}" brings its own blocks, scales and rounding: nothing may be set after it`;

/** A rule in the spelling that it is written in: `mx(rceil)` is another one of `rceil`. */
function normalizeRule(names: Names, call: Call): Call {
  const rule = normalizeCall(names, "rule", call);
  return ruleNamed(rule.name)?.respelled?.(ruleArgs(rule)) ?? rule;
}

/** A rule that rounds up, such as rceil, is over a plain E8M0 that format rounded up, which is how it is written. */
function roundedUp(base: Call, rule: Call | null, scale: Quantizer | null) {
  const plainE8m0 = scale?.base.name === "e8m0" && scale.rounding === null && scale.block === null;
  if (!rule || !ruleNamed(rule.name)?.isRoundingUp || !plainE8m0 || wordOf(base, "asym")) return { rule, scale };
  return { rule: null, scale: { ...scale, rounding: { name: "up", args: [] } } };
}

function normalizeQuantizer(names: Names, q: Quantizer): Quantizer {
  const base = normalizeCall(names, "format", q.base);
  const rounding = q.rounding && normalizeCall(names, "rounding", q.rounding);
  const block = q.block && normalizeBlock(q.block);
  const { rule, scale } = roundedUp(
    base,
    q.rule && normalizeRule(names, q.rule),
    q.scale && normalizeQuantizer(names, q.scale),
  );
  const entry = entryOf(names, "format", base.name);
  if (entry.whole && (rounding || block)) throw new RecipeError(bringsAll(base.name));
  if (scale && entryOf(names, "format", scale.base.name).whole) {
    throw new RecipeError(notForScales(scale.base.name));
  }
  if (!block && (rule || scale)) throw new RecipeError("a scale rule or a scale format needs a block");
  return {
    base,
    rounding: rounding?.name === USUAL_ROUNDING ? null : rounding,
    block,
    rule: rule && isUsualRule(rule.name, wordOf(base, "asym")) ? null : rule,
    scale: scale && isPlainFloat32(scale) ? null : scale,
  };
}

/** The one tree among those that mean the same: see `normalizeRecipe`. */
export function normalizeTree(names: Names, recipe: Recipe): Recipe {
  const step = (place: "before" | "after") => (call: Call) => {
    if (names.kind(call.name) === "step" && names.place(call.name) !== place) {
      throw new RecipeError(`"${call.name}" stands ${place === "before" ? "after" : "before"} the quantizer`);
    }
    return normalizeCall(names, "step", call);
  };
  return {
    before: recipe.before.map(step("before")),
    quantizer: normalizeQuantizer(names, recipe.quantizer),
    after: recipe.after.map(step("after")),
  };
}

/** How many levels of scale and of recipes inside arguments a tree has, the deepest way down. */
export function depthOf(recipe: Recipe): number {
  const inCall = (call: Call) =>
    Math.max(0, ...call.args.map((a) => (a.value.type === "recipe" ? 1 + depthOf(a.value.recipe) : 0)));
  const inQuantizer = (q: Quantizer): number =>
    Math.max(
      inCall(q.base),
      q.rounding ? inCall(q.rounding) : 0,
      q.rule ? inCall(q.rule) : 0,
      q.scale ? 1 + inQuantizer(q.scale) : 0,
    );
  return Math.max(inQuantizer(recipe.quantizer), ...recipe.before.map(inCall), ...recipe.after.map(inCall));
}

export function checkDepth(recipe: Recipe): Recipe {
  if (depthOf(recipe) > MAX_DEPTH) {
    throw new RecipeError(`nested too deep with what the aliases hold: expected at most ${MAX_DEPTH} levels`);
  }
  return recipe;
}
