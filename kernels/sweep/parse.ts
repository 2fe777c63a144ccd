import type { BlockShape, Call, Quantizer, Recipe } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";
import type { Names } from "../grammar/names.ts";
import { readBlock } from "../notation/block.ts";
import { Cursor } from "../notation/lex.ts";
import { type NotationOptions, namesOf, parsePart, parseRange } from "../notation/parse.ts";
import { isCall } from "../notation/print.ts";
import { collapse, type Grid, MAX_RECIPES, MAX_SWEEP_TEXT, single } from "./grid.ts";
import { NONE, placed } from "./print.ts";
import { closing, hasSet, type Range, split } from "./ranges.ts";

const ORDER = "the parts of a quantizer are written base@rounding/block~rule:scale";
const SYMBOLS = ["@", "/", "~", ":"] as const;
type Symbol = (typeof SYMBOLS)[number];

/**
 * Reads a sweep: grids separated by `;`, each a recipe with sets in the places of its parts. The structure is
 * canonical: printed and read again it is the same.
 *
 * @throws {RecipeError} with the column in the whole text, counted from 1, and what was expected there.
 */
export function parseSweep(text: string, options: NotationOptions = {}): Grid[] {
  const whole: Cursor = new Cursor(text);
  if (text.length > MAX_SWEEP_TEXT) {
    whole.fail(`a sweep has at most ${MAX_SWEEP_TEXT} characters, and this has ${text.length}`, MAX_SWEEP_TEXT);
  }
  if (text === "") whole.fail("the sweep is empty: expected a recipe or a grid, such as int4/(16,32,64)");
  refuseMany(whole, text);
  const reader = new GridReader(text, options);
  const grids: Grid[] = [];
  for (let start = 0; start <= text.length; ) {
    const semicolon = text.indexOf(";", start);
    const end = semicolon < 0 ? text.length : semicolon;
    grids.push(reader.grid({ start, end }));
    start = end + 1;
  }
  return grids;
}

/** Each grid makes a recipe at least: more of them than a sweep takes are not even read. */
function refuseMany(whole: Cursor, text: string): void {
  let grids = 1;
  for (let at = text.indexOf(";"); at >= 0; at = text.indexOf(";", at + 1)) {
    if (++grids > MAX_RECIPES)
      whole.fail(`a sweep takes at most ${MAX_RECIPES} recipes, and here begins another`, at + 1);
  }
}

class GridReader {
  private readonly text: string;
  private readonly options: NotationOptions;
  private readonly names: Names;

  constructor(text: string, options: NotationOptions) {
    this.text = text;
    this.options = options;
    this.names = namesOf(options);
  }

  grid(range: Range): Grid {
    const { start, end } = range;
    // Without sets it is a recipe, and its mistakes are those of recipes.
    if (!hasSet(this.text, range)) return single(parseRange(this.text, start, end, this.names));
    const read = this.summands(split(this.text, range, "+"));
    try {
      return collapse(this.names, placed(read, this.options));
    } catch (error) {
      if (error instanceof RecipeError && error.column === null) this.fail(error.message, start);
      throw error;
    }
  }

  private fail(message: string, at: number): never {
    const cursor: Cursor = new Cursor(this.text);
    cursor.fail(message, at);
  }

  private slice({ start, end }: Range): string {
    return this.text.slice(start, end);
  }

  private summands(summands: readonly Range[]): Grid {
    const steps: Grid["steps"] = [];
    const corrections: Grid["steps"] = [];
    let main: Omit<Grid, "steps" | "corrections"> | null = null;
    for (const range of summands) {
      if (this.isSteps(range)) {
        const set = this.stepSet(range, main ? "after" : "before");
        (main ? corrections : steps).push(set);
      } else {
        if (main) this.fail("a recipe has one quantizer, and this is a second: expected a step", range.start);
        main = this.quantizer(range);
      }
    }
    if (!main) {
      const { end } = summands[summands.length - 1];
      this.fail(
        `a recipe needs a quantizer: expected "+" and a format, an alias or a set of them after its steps`,
        end,
      );
    }
    return { steps, ...main, corrections };
  }

  /** The items of a set in brackets, or the range itself as the only one. */
  private items(range: Range): Range[] {
    if (this.text[range.start] !== "(") return [range];
    const close = closing(this.text, range);
    return split(this.text, { start: range.start + 1, end: close }, ",");
  }

  private isStep(range: Range): boolean {
    const name = new Cursor(this.text, range.start, range.end).name();
    return name !== null && this.names.kind(name) === "step" && isCall(this.slice(range));
  }

  /** Whether a summand is a set of steps; a set of `none` alone is one that does nothing. */
  private isSteps(range: Range): boolean {
    const items = this.items(range);
    const steps = items.filter((item) => this.isStep(item)).length;
    const others = items.find((item) => !this.isStep(item) && this.slice(item) !== NONE);
    if (others && steps > 0) {
      this.fail("a set holds steps or formats, not both: expected what the set begins with", others.start);
    }
    return !others;
  }

  private stepSet(range: Range, place: "before" | "after"): (Call | null)[] {
    if (this.text[range.start] === "(") this.ends(closing(this.text, range) + 1, range.end, "a set of steps");
    return this.items(range).map((item) => {
      if (this.slice(item) === NONE) return null;
      const call = parsePart("step", this.text, item.start, item.end, this.names);
      if (this.names.place(call.name) !== place) {
        const side = place === "after" ? "acts on the input: it stands before" : "corrects the result: it stands after";
        this.fail(`"${call.name}" ${side} the quantizer`, item.start);
      }
      return call;
    });
  }

  private ends(at: number, end: number, what: string): void {
    if (at < end) this.fail(`unexpected "${this.text[at]}": expected "+" or the end after ${what}`, at);
  }

  private quantizer(range: Range): Omit<Grid, "steps" | "corrections"> {
    const isSet = this.text[range.start] === "(";
    let at = isSet ? closing(this.text, range) + 1 : this.partEnd(range.start, range.end);
    const bases = this.items({ start: range.start, end: at }).map((item) => this.base(item));
    const part = <T>(symbol: Symbol, read: (item: Range) => T): (T | null)[] => {
      if (at >= range.end || this.text[at] !== symbol) return [null];
      const start = at + 1;
      const set = this.text[start] === "(";
      // A scale is a quantizer with parts of its own, so that without brackets it reaches to the end.
      at = set
        ? closing(this.text, { start, end: range.end }) + 1
        : symbol === ":"
          ? range.end
          : this.partEnd(start, range.end);
      return this.items({ start, end: at }).map((item) => (this.slice(item) === NONE ? null : read(item)));
    };
    const roundings = part("@", (item) => parsePart("rounding", this.text, item.start, item.end, this.names));
    const blocks = part("/", (item) => this.block(item));
    const rules = part("~", (item) => parsePart("rule", this.text, item.start, item.end, this.names));
    const scales = part(":", (item) => this.scale(item));
    if (at < range.end) {
      const symbol = this.text[at];
      const order = SYMBOLS.some((s) => s === symbol) ? `; ${ORDER}` : "";
      this.fail(`unexpected "${symbol}": expected a part of a quantizer, "+" or the end${order}`, at);
    }
    return { bases, roundings, blocks, rules, scales };
  }

  /** Where the part that begins at `start` ends: at the next symbol outside brackets. */
  private partEnd(start: number, end: number): number {
    let depth = 0;
    for (let i = start; i < end; i++) {
      const char = this.text[i];
      if (char === "(") depth++;
      else if (char === ")") depth--;
      else if (depth === 0 && SYMBOLS.some((s) => s === char)) return i;
    }
    return end;
  }

  private base({ start, end }: Range): Recipe {
    return parseRange(this.text, start, end, this.names, undefined, null);
  }

  private block({ start, end }: Range): BlockShape {
    const cursor: Cursor = new Cursor(this.text, start, end);
    const block = readBlock(cursor);
    if (!cursor.atEnd()) cursor.fail(`${cursor.found()}: expected "," or the end of the block`);
    // A tile of one row is a run along the row.
    return block.kind === "tile" && block.rows === 1 ? { kind: "run", n: block.cols } : block;
  }

  private scale({ start, end }: Range): Quantizer {
    const { before, quantizer, after } = parseRange(this.text, start, end, this.names, undefined, null);
    if (before.length + after.length > 0) this.fail("a scale has no steps: expected a format", start);
    return quantizer;
  }
}
