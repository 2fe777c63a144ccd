/**
 * Edits of a recipe's tree, one a control. Controls never build text: they parse, edit here and print, so what they
 * can say and what the notation can say stay the same thing.
 */

import type { BlockShape, Call, Quantizer, Recipe, Value } from "../../kernels/grammar/ast.ts";
import { bindCall, expectation, isRequired, misfit, toArgs } from "../../kernels/grammar/bind.ts";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import { canonicalExpression } from "../../kernels/grammar/expression.ts";
import { printNumber } from "../../kernels/grammar/number.ts";
import type { Entry, Parameter } from "../../kernels/grammar/signature.ts";
import { withoutIdle } from "../../kernels/notation/idle.ts";
import { type NotationOptions, parseRecipe, printRecipe } from "../../kernels/notation/index.ts";
import { vocabulary } from "../../kernels/notation/vocabulary.ts";
import { stepNamed } from "../../kernels/steps/known.ts";

/** The signature of any name in a recipe's tree. */
export function entryOf(name: string): Entry | undefined {
  const { roundings, rules, steps } = vocabulary;
  return vocabulary.format(name) ?? [...roundings, ...rules, ...steps].find((e) => e.name === name);
}

function printValue(value: Value, options: NotationOptions): string {
  if (value.type === "number") return printNumber(value.value);
  if (value.type === "word") return value.value;
  return value.type === "recipe" ? printRecipe(value.recipe, options) : value.call.name;
}

/** What a control shows for an argument: its text, the default where it is left out, or "". */
export function argumentText(call: Call, p: Parameter, options: NotationOptions = {}): string {
  const entry = entryOf(call.name);
  const given = entry && bindCall(call, entry).get(p.key);
  if (given) return given.map((value) => printValue(value, options)).join(", ");
  return p.default === undefined ? "" : String(p.default);
}

function readValue(p: Parameter, text: string, options: NotationOptions): Value {
  if (p.kind === "quantizer" || p.kind === "quantizers") return { type: "recipe", recipe: parseRecipe(text, options) };
  const value: Value =
    p.kind === "expression"
      ? { type: "word", value: canonicalExpression(text.replace(/\s+/g, "")) ?? text }
      : text.trim() !== "" && Number.isFinite(Number(text))
        ? { type: "number", value: Number(text) }
        : { type: "word", value: text.trim() };
  const wrong = misfit(p, value);
  if (wrong) throw new RecipeError(`${p.key} takes ${expectation(p)}`);
  return value;
}

/** Recipes between the commas that no bracket holds. */
function listedRecipes(text: string): string[] {
  let depth = 0;
  const parts = [""];
  for (const char of text.replace(/\s+/g, "")) {
    if (char === "(") depth++;
    if (char === ")") depth--;
    if (char === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += char;
  }
  return parts;
}

/**
 * The call with another argument; an empty text leaves it out.
 * @throws {RecipeError} where the text is nothing the parameter takes.
 */
export function withArgument(call: Call, p: Parameter, text: string, options: NotationOptions = {}): Call {
  const entry = entryOf(call.name);
  if (!entry) return call;
  const bound = bindCall(call, entry);
  if (text.trim() === "") {
    if (isRequired(p)) throw new RecipeError(`${p.key} takes ${expectation(p)}`);
    bound.delete(p.key);
  } else {
    const texts =
      p.kind === "values"
        ? text.split(/[\s,]+/).filter((t) => t !== "")
        : p.kind === "quantizers"
          ? listedRecipes(text)
          : [text];
    bound.set(
      p.key,
      texts.map((t) => readValue(p, t, options)),
    );
  }
  return { name: call.name, args: toArgs(bound, entry) };
}

/** A first value for an argument that must be there. */
function firstValue(p: Parameter): Value[] {
  const clamp = (n: number) => Math.min(p.max ?? n, Math.max(p.min ?? n, n));
  switch (p.kind) {
    case "word":
      return [{ type: "word", value: p.words?.[0] ?? "" }];
    case "integer":
      return [{ type: "number", value: clamp(64) }];
    case "number":
      return [{ type: "number", value: p.max === undefined ? clamp(1) : Number((p.max * 0.999).toPrecision(4)) }];
    case "values":
      return [-1, 0, 1].map((value) => ({ type: "number", value }));
    case "quantizers":
      return ["e2m1", "int4"].map((format) => ({ type: "recipe", recipe: parseRecipe(format) }));
    case "quantizer":
      return [{ type: "recipe", recipe: parseRecipe("int8") }];
    case "expression":
      return [{ type: "word", value: "amax/qmax" }];
    case "digest":
      // No file has it: the run then asks for one.
      return [{ type: "word", value: `sha256_${"0".repeat(64)}` }];
  }
}

/** A call of `name` that keeps those arguments of `before` that it understands too. */
function callOf(name: string, before: Call | null = null): Call {
  const entry = entryOf(name);
  if (!entry) return { name, args: [] };
  const old = before && entryOf(before.name);
  const bound = new Map<string, Value[]>();
  if (before && old) {
    for (const [key, values] of bindCall(before, old)) {
      const p = entry.params.find((q) => q.key === key);
      if (p && values.every((value) => misfit(p, value) === null)) bound.set(key, values);
    }
  }
  for (const p of entry.params) if (isRequired(p) && !bound.has(p.key)) bound.set(p.key, firstValue(p));
  return { name, args: toArgs(bound, entry) };
}

/** Without options that mean nothing where their format stands: those of a block that was taken away, say. */
export function meant(q: Quantizer, role: "element" | "scale" = "element"): Quantizer {
  const entry = entryOf(q.base.name);
  return {
    ...q,
    base: entry ? withoutIdle(q.base, entry, role === "element" && !q.block ? "cast" : role) : q.base,
    scale: q.scale && meant(q.scale, "scale"),
  };
}

/** Another element format; the block, the rule and the storage of the scale stay, unless the format brings its own. */
export function withFormat(q: Quantizer, name: string): Quantizer {
  const base = callOf(name, q.base);
  return entryOf(name)?.whole ? { base, rounding: null, block: null, rule: null, scale: null } : { ...q, base };
}

/** What an alias or a definition stands for, in place of the whole quantizer; the steps around it stay. */
export function withPreset(recipe: Recipe, text: string, options: NotationOptions = {}): Recipe {
  const preset = parseRecipe(text, options);
  return {
    before: preset.before.length > 0 ? preset.before : recipe.before,
    quantizer: preset.quantizer,
    after: preset.after.length > 0 ? preset.after : recipe.after,
  };
}

/** Another block; without one there is nothing to scale, so rule and storage go. */
export function withBlock(q: Quantizer, block: BlockShape | null): Quantizer {
  return block ? { ...q, block } : { ...q, block, rule: null, scale: null };
}

export const withRule = (q: Quantizer, name: string): Quantizer => ({
  ...q,
  rule: name === "" ? null : callOf(name, q.rule),
});

export const withRounding = (q: Quantizer, name: string): Quantizer => ({
  ...q,
  rounding: name === "" ? null : callOf(name, q.rounding),
});

/** Another format for the stored scales; the levels above it stay. */
export function withScaleFormat(q: Quantizer, name: string): Quantizer {
  if (name === "f32") return { ...q, scale: null };
  const plain: Quantizer = { base: callOf(name), rounding: null, block: null, rule: null, scale: null };
  return { ...q, scale: q.scale ? { ...withFormat(q.scale, name) } : plain };
}

const solves = ({ name }: Call): boolean => stepNamed(name)?.entry.place === "solver";

/**
 * The steps of one side with the `index`-th replaced; "" takes it away, a new index appends. A solver stays the last before the
 * quantizer, and the only one.
 */
export function withStep(recipe: Recipe, index: number, name: string, side: "before" | "after" = "before"): Recipe {
  const steps = [...recipe[side]];
  if (name === "") steps.splice(index, 1);
  else steps[index] = callOf(name, steps[index]);
  const chosen = steps[index];
  const solver = chosen && solves(chosen) ? chosen : steps.findLast(solves);
  const others = steps.filter((step) => !solves(step));
  return { ...recipe, [side]: solver ? [...others, solver] : others };
}

export type BlockKind = BlockShape["kind"] | "none";

export const blockKinds: readonly { kind: BlockKind; label: string }[] = [
  { kind: "none", label: "none (cast)" },
  { kind: "run", label: "along row" },
  { kind: "tile", label: "rectangle" },
  { kind: "row", label: "whole row" },
  { kind: "col", label: "whole column" },
  { kind: "tensor", label: "tensor" },
  { kind: "flat", label: "flat" },
];

/** A block of another kind, of the same size where both have one. */
export function blockOf(kind: BlockKind, before: BlockShape | null): BlockShape | null {
  const n = before && "n" in before ? before.n : before?.kind === "tile" ? before.cols : 64;
  switch (kind) {
    case "none":
      return null;
    case "run":
    case "flat":
      return { kind, n };
    case "tile":
      // A rectangle of one row is a run: a new one is two rows at least.
      return { kind, rows: Math.max(2, n), cols: n };
    default:
      return { kind };
  }
}

/** Those that a control shows beside the name; the others are in the options. */
export const isPrimary = (p: Parameter): boolean => Boolean(p.positional || p.always || isRequired(p));
