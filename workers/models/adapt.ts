/** From a stored matrix to what the network wants, and back: orders of rows, transposes, shares of a matrix. */
import type { Adaptation } from "../../kernels/network/index.ts";

interface Rows {
  values: Float32Array;
  rows: number;
  cols: number;
}

/** Gives a row of the wanted matrix its place in the stored one. Both have as many. */
type Source = (row: number) => number;

function rowSource(one: Extract<Adaptation, { do: "halves" | "regroup" }>, rows: number): Source {
  if (one.do === "halves") {
    const [head, half] = [rows / one.heads, one.size / 2];
    return (row) => {
      const at = row % head;
      return at < one.size ? row - at + 2 * (at % half) + Math.floor(at / half) : row;
    };
  }
  const rest = rows / (one.groups * one.heads);
  return (row) => {
    const [head, group] = [Math.floor(row / (one.groups * rest)), Math.floor(row / rest) % one.groups];
    return (group * one.heads + head) * rest + (row % rest);
  };
}

/** Row r of the result is row source(r); with `back`, the other way round. */
function moved({ values, rows, cols }: Rows, source: Source, back: boolean): Rows {
  const out = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const [to, from] = back ? [source(row), row] : [row, source(row)];
    out.set(values.subarray(from * cols, (from + 1) * cols), to * cols);
  }
  return { values: out, rows, cols };
}

function transposed({ values, rows, cols }: Rows): Rows {
  const out = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let col = 0; col < cols; col++) out[col * rows + row] = values[row * cols + col];
  return { values: out, rows: cols, cols: rows };
}

function one(at: Rows, step: Adaptation): Rows {
  switch (step.do) {
    case "transpose":
      return transposed(at);
    case "halves":
    case "regroup":
      return moved(at, rowSource(step, at.rows), false);
    case "add":
      return { ...at, values: at.values.map((value) => value + step.value) };
    case "slice":
      throw new RangeError("a slice comes before all else");
  }
}

/**
 * What the network wants of what is stored, in which `rows` outputs lie one after the other; a vector has one column. A slice is the
 * first step: it takes one of several arrays of `length` values that are stacked. May give a part of the same array.
 */
export function adapted(
  values: Float32Array,
  rows: number,
  length: number,
  steps: readonly Adaptation[],
): Float32Array {
  const [first] = steps;
  const slice = first?.do === "slice";
  const own = slice ? values.subarray(first.index * length, (first.index + 1) * length) : values;
  const rest = slice ? steps.slice(1) : steps;
  return rest.reduce<Rows>((at, step) => one(at, step), { values: own, rows, cols: length / rows }).values;
}

/** The stored matrix that `adapted` makes such values of; whoever has slices stacks them. */
export function stored(values: Float32Array, rows: number, steps: readonly Adaptation[]): Float32Array {
  let at: Rows = { values, rows, cols: values.length / rows };
  for (const step of steps.toReversed()) {
    if (step.do === "halves" || step.do === "regroup") at = moved(at, rowSource(step, at.rows), true);
    else at = one(at, step.do === "add" ? { ...step, value: -step.value } : step);
  }
  return at.values;
}

/** The shape that has to be stored for a part's shape ([outputs, inputs], or one number), without what stacks it. */
export function storedShape(shape: readonly number[], steps: readonly Adaptation[]): number[] {
  let at = [...shape];
  for (const step of steps.toReversed()) {
    if (step.do === "transpose") at = at.toReversed();
  }
  return at;
}

/** In words; null for nothing. */
export function describeSteps(steps: readonly Adaptation[]): string | null {
  return steps.length === 0 ? null : steps.map(wordsOf).join(", ");
}

function wordsOf(step: Adaptation): string {
  switch (step.do) {
    case "transpose":
      return "transposed";
    case "halves":
      return "rows of each head put from rotary pairs into halves";
    case "regroup":
      return `rows put from ${step.groups} groups of ${step.heads} heads into heads`;
    case "add":
      return step.value < 0 ? `less ${-step.value}` : `plus ${step.value}`;
    case "slice":
      return `number ${step.index} of the stack`;
  }
}
