import type { Call, Quantizer, Recipe, Value } from "../grammar/ast.ts";
import {
  addBound,
  type Bound,
  bindCall,
  expectation,
  isOpen,
  isRequired,
  misfit,
  parameterFor,
} from "../grammar/bind.ts";
import { RecipeError } from "../grammar/errors.ts";
import { printExpression, readExpression } from "../grammar/expression.ts";
import { article, didYouMean, either, type NameKind, type Names, nearestName, quote } from "../grammar/names.ts";
import type { Entry, Parameter, Role } from "../grammar/signature.ts";
import { readBlock } from "./block.ts";
import { idleOption } from "./idle.ts";
import type { Cursor } from "./lex.ts";
import { MAX_DEPTH } from "./limits.ts";
import { bringsAll, checkDepth, fromBound, isPlainFloat32, normalizeTree, notForScales } from "./normalize.ts";

/** What the parser would take at a position; completion is made of these. */
export type Expected =
  | { at: number; what: "names"; kinds: readonly NameKind[]; place?: "before" | "after" }
  | { at: number; what: "block" }
  /** An argument of `entry`; the keys already given are in `bound`. */
  | { at: number; what: "argument"; entry: Entry; bound: Bound }
  | { at: number; what: "value"; parameter: Parameter }
  | { at: number; what: "symbols"; symbols: readonly string[] };

/** Where the parts of a quantizer stand after its base, and what each is for. */
const PARTS = ["@", "/", "~", ":"] as const;
const ORDER = "a quantizer is written base@rounding/block~rule:scale";

const BASE: readonly NameKind[] = ["format", "alias", "definition"];
const TERM: readonly NameKind[] = [...BASE, "step"];

const takesRecipes = ({ kind }: Parameter): boolean => kind === "quantizer" || kind === "quantizers";

/** How an alias's text is read; `parse.ts` gives this, with memory. */
export type Expand = (names: Names, alias: string) => Recipe;

/**
 * A recursive descent through the grammar, one method a rule:
 *
 *     recipe    := { step "+" } quantizer { "+" step }
 *     quantizer := base [ args ] [ "@" call ] [ "/" block ] [ "~" call ] [ ":" quantizer ]
 *     args      := "(" arg { "," arg } ")"            arg  := [ key "=" ] value
 *     value     := number | word | call | "(" recipe ")"
 *     block     := N | RxC | "row" | "col" | "tensor" | "flat(" N ")"
 *
 * Methods end where their rule ends; the caller decides what may follow.
 */
export class Parser {
  readonly cursor: Cursor;
  private readonly names: Names;
  private readonly expand: Expand;
  private readonly expect: (expected: Expected) => void;
  /** Where the options of the call that was read last stand in the text: from, to. */
  private places = new Map<string, [number, number]>();

  constructor(cursor: Cursor, names: Names, expand: Expand, expect: (expected: Expected) => void = () => {}) {
    this.cursor = cursor;
    this.names = names;
    this.expand = expand;
    this.expect = expect;
  }

  /**
   * A recipe that fills the text. Of a base or a scale that a grid puts into recipes `role` is null: where it will stand,
   * and so which of its options mean something, is not known yet.
   */
  whole(role: Role | null = "element"): Recipe {
    const c: Cursor = this.cursor;
    const start = c.pos;
    if (c.atEnd()) {
      this.expect({ at: c.pos, what: "names", kinds: TERM, place: "before" });
      c.fail("the recipe is empty: expected a format, an alias or a step, such as int4/128 or mxfp4");
    }
    const { recipe, next } = this.recipe(0, role);
    if (!c.atEnd()) this.unexpected([...next, "+", "the end"]);
    // Levels that came with aliases count too, so that every spelling of a tree is read or none is.
    return this.at(start, () => checkDepth(recipe));
  }

  /** A format with arguments that fills the text: what a definition stands for. */
  format(): Call {
    const c: Cursor = this.cursor;
    const at = c.pos;
    const { name, kind } = this.named(["format", "definition"]);
    const { quantizer } = this.base(name, kind, at, 0);
    if (!c.atEnd()) {
      const expected = [...this.afterCall().map((s) => `"${s}"`), "the end"];
      c.fail(`${c.found()}: expected ${either(expected)}; a definition names a format alone`);
    }
    return quantizer.base;
  }

  /** A rounding, a scale rule or a step that fills the text. */
  part(kind: "rounding" | "rule" | "step"): Call {
    const c: Cursor = this.cursor;
    const call = this.arguments(kind, this.named([kind]).name, 0);
    if (!c.atEnd()) this.unexpected([...this.afterCall(), "the end"]);
    return call;
  }

  /** Runs `work`; a failure that does not know its place gets column `at`. */
  private at<T>(at: number, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof RecipeError && error.column === null) this.cursor.fail(error.message, at, error.remedies);
      throw error;
    }
  }

  private tooDeep(at: number): never {
    this.cursor.fail(`nested too deep: expected at most ${MAX_DEPTH} levels of scales and brackets`, at);
  }

  private unexpected(expected: readonly string[]): never {
    const quoted = expected.map((e) => (e.length === 1 ? `"${e}"` : e));
    const c: Cursor = this.cursor;
    const symbol = PARTS.find((p) => p === c.peek());
    const order = symbol && !expected.includes(symbol) ? `; ${ORDER}` : "";
    c.fail(`${c.found()}: expected ${either(quoted)}${order}`);
  }

  /** `next` are the symbols that could have continued the last term. */
  private recipe(depth: number, role: Role | null): { recipe: Recipe; next: string[] } {
    const c: Cursor = this.cursor;
    const before: Call[] = [];
    const after: Call[] = [];
    let main = null as Recipe | null;
    let next: string[];
    do {
      const at = c.pos;
      const { name, kind } = main ? this.named(TERM, ["step"], "after") : this.named(TERM, TERM, "before");
      if (kind === "step") {
        const place = this.names.place(name);
        if (place === "before" && main) {
          c.fail(`"${name}" acts on the input: it stands before the quantizer, as ${name}...+format`, at);
        }
        if (place === "after" && !main) {
          c.fail(`"${name}" corrects the result: it stands after the quantizer, as format+${name}...`, at);
        }
        (place === "before" ? before : after).push(this.arguments("step", name, depth));
        next = this.afterCall();
        this.expect({ at: c.pos, what: "symbols", symbols: [...next, "+"] });
      } else {
        if (main) c.fail(`a recipe has one quantizer, and "${name}" is a second: expected a step`, at);
        const quantizer = this.quantizer(name, kind, at, depth, role);
        main = quantizer.recipe;
        next = quantizer.next;
        this.expect({ at: c.pos, what: "symbols", symbols: [...next, "+"] });
      }
    } while (c.eat("+"));
    if (!main) c.fail(`a recipe needs a quantizer: expected "+" and a format or an alias after its steps`);
    const { quantizer } = main;
    return {
      recipe: { before: [...before, ...main.before], quantizer, after: [...main.after, ...after] },
      next,
    };
  }

  /** Reads a name of one of `kinds`; completion is offered the narrower `offered`. */
  private named(
    kinds: readonly NameKind[],
    offered = kinds,
    place?: "before" | "after",
  ): { name: string; kind: NameKind } {
    const c: Cursor = this.cursor;
    const at = c.pos;
    this.expect({ at, what: "names", kinds: offered, place });
    const wanted = either(offered.filter((k) => k !== "definition").map((k) => article[k]));
    const name = c.name();
    if (name === null) c.fail(`${c.found()}: expected ${wanted}`);
    const kind = this.names.kind(name);
    if (kind === null) {
      const all = this.names.all(kinds);
      c.fail(
        `unknown name ${quote(name)}: expected ${wanted}${didYouMean(name, all)}`,
        at,
        c.replaced(name, nearestName(name, all), at),
      );
    }
    if (!kinds.includes(kind)) {
      const hint = kind === "rounding" ? ` and follows "@"` : kind === "rule" ? ` and follows "~"` : "";
      c.fail(`"${name}" is ${article[kind]}${hint}: expected ${wanted}`, at);
    }
    return { name, kind };
  }

  private quantizer(
    name: string,
    kind: NameKind,
    at: number,
    depth: number,
    role: Role | null,
  ): { recipe: Recipe; next: string[] } {
    const c: Cursor = this.cursor;
    // One level more than a tree may have is read for the `:f32` that takes back an alias's scale, and is dropped then.
    if (depth > MAX_DEPTH && (name !== "f32" || depth > MAX_DEPTH + 1)) this.tooDeep(at);
    const whole = this.base(name, kind, at, depth);
    const { places } = this;
    const q = whole.quantizer;
    if (this.names.entry("format", q.base.name)?.whole) return { recipe: whole, next: this.afterWhole(q.base.name) };
    // Once a scale is read, what may follow is what may follow that scale.
    let next = (from: number) => {
      const parts = PARTS.slice(from).filter((p) => q.block || p === "@" || p === "/");
      return [...(from === 0 ? this.afterCall() : []), ...parts];
    };
    let from = 0;
    const part = (symbol: (typeof PARTS)[number]) => {
      this.expect({ at: c.pos, what: "symbols", symbols: next(from) });
      if (!c.eat(symbol)) return false;
      from = PARTS.indexOf(symbol) + 1;
      return true;
    };
    const needsBlock = () => {
      if (!q.block) c.fail(`without a block there is no scale: expected "/" and a block before this`, c.pos - 1);
    };
    if (part("@")) q.rounding = this.call("rounding", depth);
    if (part("/")) {
      this.expect({ at: c.pos, what: "block" });
      q.block = readBlock(c);
    }
    if (part("~")) {
      needsBlock();
      q.rule = this.call("rule", depth);
    }
    if (part(":")) {
      needsBlock();
      const scale = this.scale(depth + 1);
      q.scale = scale.quantizer;
      next = () => scale.next;
    }
    if (role) this.refuseIdle(q, role === "element" && !q.block ? "cast" : role, places, at);
    return { recipe: this.at(at, () => normalizeTree(this.names, whole)), next: next(from) };
  }

  /** An option that changes nothing where its format stands is a mistake, at its own place where it stands in this text. */
  private refuseIdle({ base }: Quantizer, role: Role, places: Map<string, [number, number]>, at: number): void {
    const entry = this.names.entry("format", base.name)!;
    const idle = idleOption(entry, bindCall(base, entry), role);
    if (!idle) return;
    const place = places.get(idle.key);
    this.cursor.fail(idle.says, place?.[0] ?? at, place ? this.cursor.without(...place, `${idle.key}=`) : []);
  }

  /** Nothing but a step can follow a format that brings all its parts. */
  private afterWhole(name: string): string[] {
    const c: Cursor = this.cursor;
    if (PARTS.some((symbol) => symbol === c.peek())) c.fail(bringsAll(name));
    return [];
  }

  /** A base with its arguments, and all that it supplies if it is an alias: the parts that follow override these. */
  private base(name: string, kind: NameKind, at: number, depth: number): Recipe {
    const supplied = this.at(at, () => this.supplied(name, kind));
    const entry = this.names.entry("format", supplied?.quantizer.base.name ?? name)!;
    const args = this.bound(entry, name, depth, supplied !== null);
    const bound: Bound = supplied ? new Map([...bindCall(supplied.quantizer.base, entry), ...args]) : args;
    const base = this.at(at, () => fromBound(this.names, entry, bound));
    const parts = supplied?.quantizer ?? { rounding: null, block: null, rule: null, scale: null };
    return { before: supplied?.before ?? [], quantizer: { ...parts, base }, after: supplied?.after ?? [] };
  }

  /** What an alias or a definition stands for; null for a format. */
  private supplied(name: string, kind: NameKind): Recipe | null {
    if (kind === "alias") return this.expand(this.names, name);
    if (kind === "format") return null;
    const { base } = this.names.definition(name)!;
    return { before: [], quantizer: { base, rounding: null, block: null, rule: null, scale: null }, after: [] };
  }

  private scale(depth: number): { quantizer: Quantizer; next: string[] } {
    const at = this.cursor.pos;
    const { name, kind } = this.named(BASE);
    const { recipe, next } = this.quantizer(name, kind, at, depth, "scale");
    const { base } = recipe.quantizer;
    if (this.names.entry("format", base.name)?.whole) this.cursor.fail(notForScales(base.name), at);
    if (recipe.before.length + recipe.after.length > 0) {
      this.cursor.fail(`"${name}" has steps, and a scale can have none: expected a format`, at);
    }
    if (depth > MAX_DEPTH && !isPlainFloat32(recipe.quantizer)) this.tooDeep(at);
    return { quantizer: recipe.quantizer, next };
  }

  private call(kind: "rounding" | "rule", depth: number): Call {
    return this.arguments(kind, this.named([kind]).name, depth);
  }

  private arguments(kind: NameKind, name: string, depth: number): Call {
    const entry = this.names.entry(kind, name)!;
    const bound = this.bound(entry, name, depth, false);
    return this.at(this.cursor.pos, () => fromBound(this.names, entry, bound));
  }

  /** A bracket can follow a call that has none yet. */
  private afterCall(): string[] {
    return this.cursor.text[this.cursor.pos - 1] === ")" ? [] : ["("];
  }

  private bound(entry: Entry, name: string, depth: number, supplied: boolean): Bound {
    const c: Cursor = this.cursor;
    const bound: Bound = new Map();
    const places = new Map<string, [number, number]>();
    const open = c.pos;
    if (entry.params.length > 0) this.expect({ at: open, what: "symbols", symbols: ["("] });
    if (c.eat("(")) {
      if (entry.params.length === 0) c.fail(`"${name}" takes no arguments`, open);
      do {
        const from = c.pos;
        const { key } = this.argument(entry, bound, depth);
        places.set(key, [from, c.pos]);
      } while (c.eat(","));
      this.expect({ at: c.pos, what: "symbols", symbols: [",", ")"] });
      if (!c.eat(")")) c.fail(`${c.found()}: expected "," or ")" for the bracket opened at column ${open + 1}`);
    }
    const missing = entry.params.find((p) => isRequired(p) && !bound.has(p.key));
    if (missing && !supplied) {
      const at = c.pos > open ? c.pos - 1 : c.pos;
      c.fail(`"${name}" needs ${missing.key}: expected ${c.pos > open ? "" : '"(" and '}${expectation(missing)}`, at);
    }
    this.places = places;
    return bound;
  }

  private argument(entry: Entry, bound: Bound, depth: number): Parameter {
    const c: Cursor = this.cursor;
    const at = c.pos;
    this.expect({ at, what: "argument", entry, bound: new Map(bound) });
    const key = c.key();
    let parameter = entry.params.find((p) => p.key === key);
    if (key !== null && !parameter) {
      const keys = entry.params.map((p) => p.key);
      c.fail(
        `"${entry.name}" has no option ${quote(key)}: expected ${either(keys)}${didYouMean(key, keys)}`,
        at,
        c.replaced(key, nearestName(key, keys), at),
      );
    }
    if (parameter) this.expect({ at: c.pos, what: "value", parameter });
    const valueAt = c.pos;
    const value = this.value(entry, parameter, depth);
    if (!parameter) {
      const found = parameterFor(entry, bound, value);
      if (typeof found === "string") {
        const words = entry.params.flatMap((p) => p.words ?? []);
        const near = value.type === "word" && !words.includes(value.value);
        const all = [...words, ...entry.params.map((p) => p.key)];
        if (near) {
          c.fail(
            found + didYouMean(value.value, all),
            at,
            c.replaced(value.value, nearestName(value.value, all), valueAt),
          );
        }
        c.fail(found, at);
      }
      parameter = found;
    }
    if (!isOpen(parameter) && bound.has(parameter.key)) {
      c.fail(`"${entry.name}" has ${parameter.key} twice: expected it once`, at);
    }
    const wrong = misfit(parameter, value);
    if (wrong !== null) {
      const [word, words] = [value.type === "word" ? value.value : null, parameter.words ?? []];
      const near = word === null ? "" : didYouMean(word, words);
      c.fail(wrong + near, valueAt, word === null ? [] : c.replaced(word, nearestName(word, words), valueAt));
    }
    addBound(bound, parameter, value);
    return parameter;
  }

  private value(entry: Entry, parameter: Parameter | undefined, depth: number): Value {
    const c: Cursor = this.cursor;
    const expression = [parameter ?? entry.params[0]].find((p) => p.kind === "expression");
    if (expression) return this.expression(expression);
    if (c.startsNumber()) return { type: "number", value: c.number() };
    const quantizes = parameter ? takesRecipes(parameter) : entry.params.some((p) => p.positional && takesRecipes(p));
    if (c.peek() === "(") {
      if (!quantizes) c.fail(`unexpected "(": expected ${parameter ? expectation(parameter) : "a value"}`);
      return { type: "recipe", recipe: this.nested(depth + 1) };
    }
    const at = c.pos;
    if (quantizes && parameter) return { type: "recipe", recipe: this.bare(depth + 1) };
    const word = c.name();
    if (word === null) {
      const wanted = parameter ? expectation(parameter) : `an option of "${entry.name}"`;
      c.fail(`${c.found()}: expected ${wanted}`);
    }
    const kind = this.names.kind(word);
    if (quantizes && kind !== null && BASE.includes(kind)) {
      c.pos = at;
      return { type: "recipe", recipe: this.bare(depth + 1) };
    }
    return { type: "word", value: word };
  }

  /** An expression, in its canonical spelling. */
  private expression(parameter: Parameter): Value {
    const c: Cursor = this.cursor;
    const { tree, end } = readExpression(c.text, c.pos, c.end, (at) => this.expect({ at, what: "value", parameter }));
    c.pos = end;
    return { type: "word", value: printExpression(tree) };
  }

  /** A recipe in brackets. */
  private nested(depth: number): Recipe {
    const c: Cursor = this.cursor;
    const open = c.pos++;
    if (depth > MAX_DEPTH) this.tooDeep(open);
    const { recipe, next } = this.recipe(depth, "element");
    this.expect({ at: c.pos, what: "symbols", symbols: [")"] });
    if (!c.eat(")")) {
      const expected = [...next, "+", ")"].map((s) => `"${s}"`);
      c.fail(`${c.found()}: expected ${either(expected)} for the bracket opened at column ${open + 1}`);
    }
    return recipe;
  }

  /** A recipe that is only a name with arguments, and so needs no brackets. */
  private bare(depth: number): Recipe {
    const c: Cursor = this.cursor;
    const at = c.pos;
    if (depth > MAX_DEPTH) this.tooDeep(at);
    const { name, kind } = this.named(BASE);
    return this.at(at, () => normalizeTree(this.names, this.base(name, kind, at, depth)));
  }
}
