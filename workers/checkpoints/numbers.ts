/**
 * Typed or pasted numbers: a Python or JSON list (nested to any shape, also as numpy and torch print it), or lines of
 * numbers separated by commas, semicolons, tabs or spaces. Mistakes are told with line and column, counted from 1.
 */
import { UserError } from "../errors/user-error.ts";
import { countElements } from "../tensors/shape.ts";
import { defaultView, memoryTensor, type Tensor } from "../tensors/tensor.ts";

/** Longest text that is read. */
export const MAX_TEXT = 32 * 2 ** 20;
const MAX_DIMENSIONS = 8;

const NUMBER = /[+-]?(?:nan|inf(?:inity)?|(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)(?![\w.])/iy;

/** The tensor in a text. Throws UserError that begins with `name`. */
export function parseNumbers(text: string, name: string): Tensor {
  if (text.length > MAX_TEXT) {
    throw new UserError(
      `${name}: a text of ${text.length} characters is too long; the limit is ${MAX_TEXT}. Save it as .npy instead.`,
    );
  }
  const scanner = new Scanner(text, name);
  scanner.space();
  if (scanner.ended) throw new UserError(`${name}: there are no numbers in it.`);
  const bracket = /^(?:[a-z_][\w.]*\s*\(\s*)?[[(]/i.test(text.slice(scanner.at, scanner.at + 80));
  const { values, shape } = bracket ? parseList(scanner) : parseLines(scanner);
  const data = Float32Array.from(values);
  const overflows = values.some((value, i) => Math.abs(value) !== Infinity && Math.abs(data[i]) === Infinity);
  const notes = overflows ? ["Numbers beyond float32's range became infinite"] : [];
  return memoryTensor(
    { name, dtype: "F32", shape, elements: countElements(shape), view: defaultView(shape) },
    data,
    notes,
  );
}

class Scanner {
  at = 0;
  readonly text: string;
  readonly name: string;
  constructor(text: string, name: string) {
    this.text = text;
    this.name = name;
  }
  get ended(): boolean {
    return this.at >= this.text.length;
  }
  get next(): string {
    return this.text[this.at] ?? "";
  }
  /** Skips white space, line ends included. */
  space(): void {
    while (!this.ended && this.next.trim() === "") this.at++;
  }
  /** Skips white space inside a line. */
  blanks(): void {
    while (!this.ended && this.next !== "\n" && this.next.trim() === "") this.at++;
  }
  number(): number {
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text);
    if (!match) return this.fail("a number");
    this.at += match[0].length;
    return toNumber(match[0].toLowerCase());
  }
  fail(expected: string): never {
    throw new UserError(`${this.name}: ${this.where()}: expected ${expected}, found ${this.found()}.`);
  }
  where(at = this.at): string {
    const before = this.text.slice(0, at);
    const line = before.split("\n").length;
    return `line ${line}, column ${at - before.lastIndexOf("\n")}`;
  }
  private found(): string {
    if (this.ended) return "the end";
    if (this.next === "\n") return "the end of the line";
    if (this.text.startsWith("...", this.at)) return '"...", where values were left out when this was printed';
    const word = /^[^\s,;[\]()]{1,20}/.exec(this.text.slice(this.at, this.at + 20));
    return `"${word ? word[0] : this.next}"`;
  }
}

function toNumber(word: string): number {
  if (word.includes("n")) {
    if (word.includes("nan")) return NaN;
    return word.startsWith("-") ? -Infinity : Infinity;
  }
  return Number(word);
}

interface Parsed {
  values: number[];
  shape: number[];
}

/** Nested brackets, commas optional; `tensor(...)` or `np.array(...)` around them, with what follows the list, is ignored. */
function parseList(scanner: Scanner): Parsed {
  const wrapper = /[a-z_][\w.]*\s*\(\s*(?=[[(])/iy;
  wrapper.lastIndex = scanner.at;
  const wrapped = wrapper.exec(scanner.text);
  if (wrapped) scanner.at += wrapped[0].length;

  const values: number[] = [];
  const shape: number[] = [];
  /** Depth at which numbers stand; known after the first. */
  let leaf = -1;
  const list = (path: number[]): void => {
    const depth = path.length;
    const start = scanner.at;
    if (depth >= MAX_DIMENSIONS) scanner.fail(`at most ${MAX_DIMENSIONS} nested lists`);
    const close = scanner.next === "(" ? ")" : "]";
    scanner.at++;
    let count = 0;
    for (;;) {
      scanner.space();
      if (scanner.next === close) break;
      if (scanner.next === "[" || scanner.next === "(") {
        if (leaf >= 0 && depth >= leaf) scanner.fail("a number, as in the lists before");
        list([...path, count]);
      } else {
        if (leaf < 0) leaf = depth;
        if (depth !== leaf) scanner.fail("a list, as before");
        values.push(scanner.number());
      }
      count++;
      scanner.space();
      if (scanner.next === ",") scanner.at++;
    }
    scanner.at++;
    if (shape[depth] === undefined) shape[depth] = count;
    else if (shape[depth] !== count) {
      throw new UserError(
        `${scanner.name}: ${scanner.where(start)}: ${place(path)} has length ${count}, the ones before have length ${shape[depth]}.`,
      );
    }
  };
  list([]);
  scanner.space();
  if (!wrapped && !scanner.ended) scanner.fail("nothing after the list");
  return { values, shape };
}

function place(path: number[]): string {
  return path.length === 1 ? `row ${path[0] + 1}` : `list [${path.join("][")}]`;
}

/** A row a line. One line, or one number a line, is a vector. */
function parseLines(scanner: Scanner): Parsed {
  const values: number[] = [];
  let rows = 0;
  let cols = 0;
  for (;;) {
    scanner.space();
    if (scanner.ended) break;
    const start = scanner.at;
    let count = 0;
    for (;;) {
      values.push(scanner.number());
      count++;
      scanner.blanks();
      const separated = scanner.next === "," || scanner.next === ";";
      if (separated) {
        scanner.at++;
        scanner.blanks();
      }
      // A separator may end a line, as spreadsheets and C arrays write.
      if (scanner.ended || scanner.next === "\n") break;
    }
    rows++;
    if (rows === 1) cols = count;
    else if (count !== cols) {
      throw new UserError(
        `${scanner.name}: ${scanner.where(start)}: row ${rows} has length ${count}, row 1 has length ${cols}.`,
      );
    }
  }
  return { values, shape: rows === 1 || cols === 1 ? [values.length] : [rows, cols] };
}
