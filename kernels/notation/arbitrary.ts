import fc from "fast-check";
import type { Arg, BlockShape, Call, Quantizer, Recipe, Value } from "../grammar/ast.ts";
import { isRequired } from "../grammar/bind.ts";
import { type Expression, printExpression, VARIABLES } from "../grammar/expression.ts";
import type { Entry, Parameter } from "../grammar/signature.ts";
import { withoutIdle } from "./idle.ts";
import { MAX_BLOCK } from "./limits.ts";
import { type NotationOptions, normalizeRecipe, parseRecipe } from "./parse.ts";
import { vocabulary as registered } from "./vocabulary.ts";

export interface ArbitraryOptions extends NotationOptions {
  /** Names of formats to take; all listed formats and some ExMy when absent. */
  formats?: readonly string[];
  /** Levels of scale at most; 2 when absent. */
  levels?: number;
  /** Without steps where false. */
  steps?: boolean;
}

/** A quantizer's parts where only its base is given. */
const BARE = { rounding: null, block: null, rule: null, scale: null };

/** Formats that are understood by their name but not listed. */
const UNLISTED = ["e0m3", "e1m2", "e3m3", "e5m3", "e8m10", "ue2m5", "ue8m0"];

/**
 * Normalized recipes that the registries allow, for property tests: every format, rounding, rule and step with any
 * arguments their signatures take, aliases with parts replaced, nested scales. Levels of codebooks ascend. Whether a
 * recipe makes sense for a tensor, or for its own format, is not asked.
 */
export function arbitraryRecipe(options: ArbitraryOptions = {}): fc.Arbitrary<Recipe> {
  const vocabulary = options.vocabulary ?? registered;
  const listed = options.formats ?? [...vocabulary.formats.map((f) => f.name), ...UNLISTED];
  const formats = listed.flatMap((name) => vocabulary.format(name) ?? []);
  const { roundings, rules } = vocabulary;
  const levels = options.levels ?? 2;

  /** Where no depth is left, formats of formats are none. */
  const plain = formats.filter(({ params }) => !params.some((p) => p.kind === "quantizers"));
  const isWhole = (name: string) => vocabulary.format(name)?.whole === true;

  const call = (entries: readonly Entry[], depth: number) =>
    fc.constantFrom(...entries).chain((entry) => arbitraryCall(entry, (d) => recipe(d), depth));
  const part = (entries: readonly Entry[], depth: number) => fc.option(call(entries, depth), { nil: null });
  const scale = (depth: number): fc.Arbitrary<Quantizer | null> =>
    depth <= 0
      ? fc.constant(null)
      : fc.option(quantizer(depth - 1, "scale"), { nil: null }).map((q) => (q && isWhole(q.base.name) ? null : q));

  const fresh = (depth: number): fc.Arbitrary<Quantizer> =>
    fc
      .record({
        base: call(depth > 0 ? formats : plain, depth),
        rounding: part(roundings, 0),
        block: fc.option(arbitraryBlock, { nil: null, freq: 4 }),
        rule: part(rules, 0),
        scale: scale(depth),
      })
      .map((q) => (q.block ? q : { ...q, rule: null, scale: null }))
      .map((q) => (isWhole(q.base.name) ? { base: q.base, ...BARE } : q));

  const aliases = vocabulary.aliases
    .map((a) => parseRecipe(a.text, { vocabulary }))
    .filter((r) => formats.some((f) => f.name === r.quantizer.base.name));
  const altered = (depth: number): fc.Arbitrary<Quantizer> =>
    fc
      .tuple(
        fc.constantFrom(...aliases),
        fc.record(
          { rounding: part(roundings, 0), block: arbitraryBlock, rule: part(rules, 0), scale: scale(depth) },
          { requiredKeys: [] },
        ),
      )
      .map(([alias, parts]) => ({ ...alias.quantizer, ...parts }));

  /** Options that change nothing where their format stands are mistakes. */
  const meant = (q: Quantizer, role: "element" | "scale"): Quantizer => {
    const entry = vocabulary.format(q.base.name)!;
    return { ...q, base: withoutIdle(q.base, entry, role === "element" && !q.block ? "cast" : role) };
  };
  const quantizer = (depth: number, role: "element" | "scale"): fc.Arbitrary<Quantizer> =>
    (aliases.length === 0 ? fresh(depth) : fc.oneof({ arbitrary: fresh(depth), weight: 3 }, altered(depth))).map((q) =>
      meant(q, role),
    );

  const stepsAt = (place: "before" | "after", depth: number): fc.Arbitrary<Call[]> => {
    const entries = vocabulary.steps.filter((s) => s.place === place);
    if (entries.length === 0 || options.steps === false) return fc.constant([]);
    return fc.array(call(entries, depth), { maxLength: 2 });
  };
  const recipe = (depth: number): fc.Arbitrary<Recipe> =>
    fc.record({
      before: stepsAt("before", Math.min(1, depth)),
      quantizer: quantizer(depth, "element"),
      after: stepsAt("after", Math.min(1, depth)),
    });

  return recipe(levels).map((r) => normalizeRecipe(r, { vocabulary }));
}

/** Expressions as they come: of few operands, and of any shape. */
export const arbitraryExpression: fc.Arbitrary<Expression> = fc
  .letrec<{ tree: Expression }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.oneof(
        fc.constantFrom(...VARIABLES).map((name): Expression => ({ kind: "variable", name })),
        fc
          .oneof(
            fc.nat(999).map((n) => n / 100),
            fc.double({ min: 0, max: 1e9, noNaN: true }).map(Math.abs),
          )
          .map((value): Expression => ({ kind: "number", value })),
      ),
      fc.record({ kind: fc.constantFrom("minus" as const, "sqrt" as const), of: tie("tree") }),
      fc.record({ kind: fc.constantFrom(..."+-*/") as fc.Arbitrary<"+">, left: tie("tree"), right: tie("tree") }),
    ),
  }))
  .tree.filter((tree) => printExpression(tree).length <= 400);

const count = fc.oneof(fc.integer({ min: 1, max: 512 }), fc.integer({ min: 1, max: MAX_BLOCK }));

const arbitraryBlock: fc.Arbitrary<BlockShape> = fc.oneof(
  count.map((n): BlockShape => ({ kind: "run", n })),
  fc.record({ kind: fc.constant("tile" as const), rows: count, cols: count }),
  fc.constantFrom<BlockShape>({ kind: "row" }, { kind: "col" }, { kind: "tensor" }),
  count.map((n): BlockShape => ({ kind: "flat", n })),
);

function arbitraryCall(entry: Entry, recipe: (depth: number) => fc.Arbitrary<Recipe>, depth: number) {
  const args = entry.params.map((p): fc.Arbitrary<Arg[]> => {
    if (p.kind === "quantizer" && depth <= 0 && !isRequired(p)) return fc.constant([]);
    const given = arbitraryValues(p, () => recipe(depth - 1)).map((values) =>
      values.map((value): Arg => ({ key: p.key, value })),
    );
    return isRequired(p) ? given : fc.oneof({ arbitrary: fc.constant<Arg[]>([]), weight: 3 }, given);
  });
  return fc.tuple(...args).map((lists): Call => ({ name: entry.name, args: lists.flat() }));
}

function arbitraryValues(p: Parameter, recipe: () => fc.Arbitrary<Recipe>): fc.Arbitrary<Value[]> {
  const words = (p.words ?? []).map((value): Value => ({ type: "word", value }));
  const number = (value: number): Value => ({ type: "number", value: value + 0 });
  switch (p.kind) {
    case "word":
      return fc.constantFrom(...words).map((w) => [w]);
    case "expression":
      return arbitraryExpression.map((tree): Value[] => [{ type: "word", value: printExpression(tree) }]);
    case "digest":
      return fc
        .string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 })
        .map((hex): Value[] => [{ type: "word", value: `sha256_${hex}` }]);
    case "quantizers":
      return fc
        .array(recipe(), { minLength: 2, maxLength: 3 })
        .map((recipes) => recipes.map((r): Value => ({ type: "recipe", recipe: r })));
    case "quantizer":
      return recipe().map((r): Value[] => [{ type: "recipe", recipe: r }]);
    case "integer":
      return fc.integer({ min: p.min ?? -1000, max: p.max ?? 1000 }).map((n) => [number(n)]);
    case "number": {
      const numbers = arbitraryNumber(p).map((n) => [number(n)]);
      return words.length > 0
        ? fc.oneof(
            fc.constantFrom(...words).map((w) => [w]),
            numbers,
          )
        : numbers;
    }
    case "values":
      return fc
        .uniqueArray(
          arbitraryNumber(p).map((n) => Math.fround(n) + 0),
          { minLength: 2, maxLength: 6 },
        )
        .map((list) => [...list].sort((a, b) => a - b).map(number));
  }
}

/** Decimals as people write them, and any float32 of the range (a double could take hundreds of digits). */
function arbitraryNumber({ min = -1e9, max = 1e9 }: Parameter): fc.Arbitrary<number> {
  const clamp = (n: number) => Math.min(max, Math.max(min, n));
  const short = fc.integer({ min: -2000, max: 2000 }).map((n) => clamp(n / 100));
  return fc.oneof(
    short,
    fc.double({ min, max, noNaN: true }).map((n) => clamp(Math.fround(n))),
  );
}
