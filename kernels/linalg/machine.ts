/** The kernels of one thread with panels in a memory of their own. */
import type { Answer, Command, Pivot, Update } from "./commands.ts";
import { Memory } from "./memory.ts";
import { instantiate, type Kernels } from "./module.ts";

/** Rows of a triangle that is not cut any further. */
const LEAF = 16;
/** Products of the inner index between a load and a store of the sums: two strips of them lie in the first cache. */
const INNER = 256;

interface Panel {
  at: number;
  bytes: number;
  rows: number;
  cols: number;
  /** Bytes from row to row: columns are filled up to fours. */
  stride: number;
  /** The panel in strips across its rows, once it was needed so. */
  packed: { at: number; bytes: number } | null;
}

/** An operand in strips. */
interface Packed {
  at: number;
  /** Bytes of a strip. */
  strip: number;
}

/** A part of a panel, by address. */
interface Block {
  at: number;
  stride: number;
}

const four = (n: number) => Math.ceil(n / 4) * 4;

export class Machine {
  readonly #kernels: Kernels;
  readonly #memory: Memory;
  readonly #panels = new Map<number, Panel>();
  #scratch: { at: number; bytes: number }[] = [];

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
    this.#memory = new Memory(kernels.memory, kernels.heapAddress() >>> 0);
  }

  static async start(): Promise<Machine> {
    return new Machine(await instantiate());
  }

  /** Throws RangeError without memory, and Error for a command that does not fit its panels. */
  execute(command: Command): Answer {
    try {
      return this.#execute(command);
    } finally {
      for (const { at, bytes } of this.#scratch) this.#memory.give(at, bytes);
      this.#scratch = [];
    }
  }

  #execute(command: Command): Answer {
    switch (command.do) {
      case "put":
        this.#put(command.id, command.rows, command.cols, command.values);
        return null;
      case "zeros": {
        const { rows, cols, identity } = command;
        const panel = this.#make(command.id, rows, cols);
        const values = this.#memory.floats(panel.at, panel.bytes / 8).fill(0);
        if (identity) for (let i = 0; i < Math.min(rows, cols); i++) values[(i * panel.stride) / 8 + i] = 1;
        return null;
      }
      case "get":
        return this.#get(this.#panel(command.id));
      case "drop":
        for (const id of command.ids) this.#drop(id);
        return null;
      case "update":
        this.#update(command);
        return null;
      case "factor": {
        const panel = this.#change(command.id);
        return this.#factor(panel, 0, panel.rows);
      }
      case "forward":
      case "backward": {
        const x = this.#change(command.x);
        const u = this.#panel(command.u);
        if (command.do === "forward") this.#forward(x, u, 0, u.rows);
        else this.#backward(x, u, 0, u.rows);
        return null;
      }
      case "solveRight": {
        const t = this.#change(command.t);
        this.#solveRight(t, command.col, this.#panel(command.u), 0, this.#panel(command.u).rows);
        return null;
      }
    }
  }

  #panel(id: number): Panel {
    const panel = this.#panels.get(id);
    if (!panel) throw new Error(`There is no panel ${id}.`);
    return panel;
  }

  /** The panel, whose strips are about to be out of date. */
  #change(id: number): Panel {
    const panel = this.#panel(id);
    this.#unpack(panel);
    return panel;
  }

  #make(id: number, rows: number, cols: number): Panel {
    this.#drop(id);
    const stride = Math.max(4, four(cols)) * 8;
    const bytes = stride * four(rows);
    const panel: Panel = { at: this.#memory.take(bytes), bytes, rows, cols, stride, packed: null };
    this.#panels.set(id, panel);
    return panel;
  }

  #drop(id: number): void {
    const panel = this.#panels.get(id);
    if (!panel) return;
    this.#unpack(panel);
    this.#memory.give(panel.at, panel.bytes);
    this.#panels.delete(id);
  }

  #unpack(panel: Panel): void {
    if (panel.packed) this.#memory.give(panel.packed.at, panel.packed.bytes);
    panel.packed = null;
  }

  #put(id: number, rows: number, cols: number, values: Float64Array | Float32Array): void {
    const panel = this.#make(id, rows, cols);
    const width = panel.stride / 8;
    const into = this.#memory.floats(panel.at, panel.bytes / 8);
    if (width === cols) into.set(values);
    else for (let r = 0; r < rows; r++) into.set(values.subarray(r * cols, (r + 1) * cols), r * width);
    // What lies in the margins is worked with: old bits could be numbers that processors are slow with.
    if (width > cols) for (let r = 0; r < rows; r++) into.fill(0, r * width + cols, (r + 1) * width);
    into.fill(0, rows * width);
  }

  #get({ at, bytes, rows, cols, stride }: Panel): Float64Array<ArrayBuffer> {
    const width = stride / 8;
    const from = this.#memory.floats(at, bytes / 8);
    if (width === cols) return from.slice(0, rows * cols);
    const out = new Float64Array(rows * cols);
    for (let r = 0; r < rows; r++) out.set(from.subarray(r * width, r * width + cols), r * cols);
    return out;
  }

  #take(bytes: number): number {
    const at = this.#memory.take(bytes);
    this.#scratch.push({ at, bytes });
    return at;
  }

  /** The strips of a whole panel across its rows, from a column on that is a multiple of four. */
  #across(panel: Panel, col: number): Packed {
    const strip = panel.rows * 32;
    if (!panel.packed) {
      const bytes = (strip * four(panel.cols)) / 4;
      panel.packed = { at: this.#memory.take(bytes), bytes };
      this.#kernels.packAcross(panel.at, panel.stride, panel.rows, panel.cols, panel.packed.at);
    }
    return { at: panel.packed.at + strip * (col / 4), strip };
  }

  /** Strips of rows [row0, row0 + n) along columns [col, col + k), for this command. */
  #along({ at, stride }: Block, k: number, n: number): Packed {
    const strip = k * 32;
    const into = this.#take((strip * four(n)) / 4);
    this.#kernels.packAlong(at, stride, k, n, into);
    return { at: into, strip };
  }

  /** Strips of a part of a panel, for this command. */
  #acrossPart({ at, stride }: Block, k: number, n: number): Packed {
    const strip = k * 32;
    const into = this.#take((strip * four(n)) / 4);
    this.#kernels.packAcross(at, stride, k, n, into);
    return { at: into, strip };
  }

  #multiply(a: Packed, b: Packed, m: number, n: number, k: number, c: Block, subtract: boolean): void {
    const multiply = subtract ? this.#kernels.multiplySubtract : this.#kernels.multiplyAdd;
    for (let from = 0; from < k; from += INNER) {
      const inner = Math.min(INNER, k - from);
      multiply(a.at + from * 32, a.strip, b.at + from * 32, b.strip, m, n, inner, c.at, c.stride);
    }
  }

  #update({ form, c, cCol, a, aCol, b, bCol, n, k, subtract = false, fresh = false }: Update): void {
    const [into, left, right] = [this.#panel(c), this.#panel(a), this.#panel(b)];
    const inner = form === "nt" ? (k ?? 0) : right.rows;
    const fits =
      cCol % 4 === 0 &&
      (n % 4 === 0 || cCol + n === into.cols) &&
      cCol + n <= into.cols &&
      (form === "tn"
        ? aCol % 4 === 0 && left.rows === inner && aCol + into.rows <= left.cols
        : left.rows === into.rows && aCol + inner <= left.cols) &&
      (form === "nt" ? n === right.rows && bCol + inner <= right.cols : bCol % 4 === 0 && bCol + n <= right.cols);
    if (!fits) throw new Error(`An update does not fit its panels: ${form} of ${into.rows} x ${n} over ${inner}.`);
    const packedA =
      form === "tn"
        ? this.#across(left, aCol)
        : this.#along({ at: left.at + aCol * 8, stride: left.stride }, inner, into.rows);
    const packedB =
      form === "nt"
        ? this.#along({ at: right.at + bCol * 8, stride: right.stride }, inner, n)
        : this.#across(right, bCol);
    const block = { at: into.at + cCol * 8, stride: into.stride };
    if (fresh) {
      for (let r = 0; r < into.rows; r++) this.#memory.floats(block.at + r * block.stride, four(n)).fill(0);
    }
    this.#multiply(packedA, packedB, into.rows, n, inner, block, subtract);
    this.#unpack(into);
  }

  /** Rows and columns from (row, col) on. */
  #block({ at, stride }: Panel, row: number, col: number): Block {
    return { at: at + row * stride + col * 8, stride };
  }

  /** Factors n rows from the diagonal's element r on: the first half, what it takes from the second, the second. */
  #factor(panel: Panel, r: number, n: number): Pivot | null {
    const { stride, cols } = panel;
    const head = this.#block(panel, r, r);
    if (n <= LEAF) {
      const row = this.#kernels.factorRows(head.at, stride, n, cols - r);
      if (row < 0) return null;
      return { row: r + row, value: this.#memory.floats(head.at + row * (stride + 8), 1)[0] };
    }
    const half = halfOf(n);
    const failed = this.#factor(panel, r, half);
    if (failed) return failed;
    const rest = this.#acrossPart(this.#block(panel, r, r + half), half, cols - r - half);
    this.#multiply(rest, rest, n - half, cols - r - half, half, this.#block(panel, r + half, r + half), true);
    return this.#factor(panel, r + half, n - half);
  }

  /** Rows [r, r + n) of u^T x = b. */
  #forward(x: Panel, u: Panel, r: number, n: number): void {
    if (n <= LEAF) {
      const rows = this.#block(x, r, 0);
      const head = this.#block(u, r, r);
      this.#kernels.forwardRows(rows.at, rows.stride, head.at, head.stride, n, x.cols);
      return;
    }
    const half = halfOf(n);
    this.#forward(x, u, r, half);
    const a = this.#acrossPart(this.#block(u, r, r + half), half, n - half);
    const b = this.#acrossPart(this.#block(x, r, 0), half, x.cols);
    this.#multiply(a, b, n - half, x.cols, half, this.#block(x, r + half, 0), true);
    this.#forward(x, u, r + half, n - half);
  }

  /** Rows [r, r + n) of u x = b, the last half first. */
  #backward(x: Panel, u: Panel, r: number, n: number): void {
    if (n <= LEAF) {
      const rows = this.#block(x, r, 0);
      const head = this.#block(u, r, r);
      this.#kernels.backwardRows(rows.at, rows.stride, head.at, head.stride, n, x.cols);
      return;
    }
    const half = halfOf(n);
    this.#backward(x, u, r + half, n - half);
    const a = this.#along(this.#block(u, r, r + half), n - half, half);
    const b = this.#acrossPart(this.#block(x, r + half, 0), n - half, x.cols);
    this.#multiply(a, b, half, x.cols, n - half, this.#block(x, r, 0), true);
    this.#backward(x, u, r, half);
  }

  /** Columns [col + r, col + r + n) of X u = t. */
  #solveRight(t: Panel, col: number, u: Panel, r: number, n: number): void {
    const head = this.#block(u, r, r);
    const block = this.#block(t, 0, col + r);
    if (n <= LEAF) {
      this.#kernels.solveRight(block.at, block.stride, t.rows, head.at, head.stride, n);
      return;
    }
    const half = halfOf(n);
    this.#solveRight(t, col, u, r, half);
    const a = this.#along(block, half, t.rows);
    const b = this.#acrossPart(this.#block(u, r, r + half), half, n - half);
    this.#multiply(a, b, t.rows, n - half, half, this.#block(t, 0, col + r + half), true);
    this.#solveRight(t, col, u, r + half, n - half);
  }
}

/** About half of n, in whole leaves. */
const halfOf = (n: number) => LEAF * Math.ceil(n / (2 * LEAF));
