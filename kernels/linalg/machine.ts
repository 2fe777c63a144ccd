/** The kernels of one thread with panels in a memory of their own. */
import type { Answer, Command, Dots, Jacobi, Rotate, Update } from "./commands.ts";
import { instantiate } from "./module.ts";
import { reflect, reflected } from "./reflections.ts";
import { backward, factor, forward, solveRight } from "./triangles.ts";
import { type Area, extentOf, four, from, type Packed, Workspace } from "./workspace.ts";

interface Panel extends Area {
  bytes: number;
  /** The panel in strips across its rows, once it was needed so. */
  packed: { at: number; bytes: number } | null;
}

export class Machine {
  readonly #work: Workspace;
  readonly #panels = new Map<number, Panel>();

  constructor(work: Workspace) {
    this.#work = work;
  }

  static async start(): Promise<Machine> {
    return new Machine(new Workspace(await instantiate()));
  }

  /** Throws RangeError without memory, and Error for a command that does not fit its panels. */
  execute(command: Command): Answer {
    try {
      return this.#execute(command);
    } finally {
      this.#work.release();
    }
  }

  #execute(command: Command): Answer {
    const work = this.#work;
    switch (command.do) {
      case "put":
        work.write(this.#make(command.id, command.rows, command.cols), command.values);
        return null;
      case "zeros": {
        const { rows, cols, identity, col = 0 } = command;
        const panel = this.#make(command.id, rows, cols);
        const values = work.memory.floats(panel.at, panel.bytes / 8).fill(0);
        if (identity) for (let i = 0; i < Math.min(rows, cols - col); i++) values[(i * panel.stride) / 8 + col + i] = 1;
        return null;
      }
      case "get":
        return this.#get(this.#panel(command.id), command.row);
      case "drop":
        for (const id of command.ids) this.#drop(id);
        return null;
      case "update":
        this.#update(command);
        return null;
      case "factor":
        return factor(work, this.#change(command.id));
      case "forward":
        forward(work, this.#change(command.x), this.#panel(command.u));
        return null;
      case "backward":
        backward(work, this.#change(command.x), this.#panel(command.u));
        return null;
      case "solveRight":
        solveRight(work, this.#change(command.t), command.col, this.#panel(command.u));
        return null;
      case "dots":
        return this.#dots(command);
      case "rotate":
        this.#rotate(command);
        return null;
      case "jacobi":
        return this.#jacobi(command);
      case "reflect": {
        const panel = this.#change(command.id);
        const t = reflect(work, from(panel, 0, command.col), panel.rows, panel.cols - command.col);
        work.write(this.#make(command.t, t.rows, t.cols), work.read(t));
        return null;
      }
      case "reflected": {
        const c = this.#change(command.c);
        const v = this.#panel(command.v);
        reflected(work, from(c, 0, command.cCol), c.rows, v, this.#across(v, 0), this.#panel(command.t));
        return null;
      }
    }
  }

  #get(panel: Panel, row?: number): Float64Array<ArrayBuffer> {
    if (row === undefined) return this.#work.read(panel);
    return this.#work.memory.floats(panel.at + row * panel.stride, panel.cols).slice();
  }

  #dots({ ids, col, x }: Dots): Float64Array<ArrayBuffer> {
    const { kernels, memory } = this.#work;
    const panels = ids.map((id) => this.#panel(id));
    const rows = panels.reduce((sum, panel) => sum + panel.rows, 0);
    const [into, vector] = [this.#work.take(8 * rows), this.#work.take(8 * x.length)];
    memory.floats(vector, x.length).set(x);
    let at = into;
    for (const panel of panels) {
      const block = from(panel, 0, col);
      kernels.dotRows(block.at, block.stride, panel.rows, vector + col * 8, panel.cols - col, at);
      at += panel.rows * 8;
    }
    return memory.floats(into, rows).slice();
  }

  #rotate({ ids, rotations }: Rotate): void {
    const { kernels, memory } = this.#work;
    const list = this.#work.take(8 * rotations.length);
    memory.floats(list, rotations.length).set(rotations);
    for (const id of ids) {
      const { at, stride } = this.#change(id);
      kernels.rotateRows(at, stride, stride / 8, list, rotations.length / 3);
    }
  }

  #jacobi({ id, turns, from: first, to }: Jacobi): Float64Array<ArrayBuffer> {
    const [b, t] = [this.#change(id), this.#change(turns)];
    let turned = 0;
    for (let p = first; p < to; p++) {
      turned += this.#work.kernels.jacobiRow(b.at, b.stride, b.rows, b.stride / 8, t.at, t.stride, t.stride / 8, p);
    }
    return new Float64Array([turned]);
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
    const { bytes, stride } = extentOf(rows, cols);
    const panel: Panel = { at: this.#work.memory.take(bytes), bytes, rows, cols, stride, packed: null };
    this.#panels.set(id, panel);
    return panel;
  }

  #drop(id: number): void {
    const panel = this.#panels.get(id);
    if (!panel) return;
    this.#unpack(panel);
    this.#work.memory.give(panel.at, panel.bytes);
    this.#panels.delete(id);
  }

  #unpack(panel: Panel): void {
    if (panel.packed) this.#work.memory.give(panel.packed.at, panel.packed.bytes);
    panel.packed = null;
  }

  /** The strips of a whole panel across its rows, from a column on that is a multiple of four. They stay until it changes. */
  #across(panel: Panel, col: number): Packed {
    const strip = panel.rows * 32;
    if (!panel.packed) {
      const bytes = (strip * four(panel.cols)) / 4;
      panel.packed = { at: this.#work.memory.take(bytes), bytes };
      this.#work.kernels.packAcross(panel.at, panel.stride, panel.rows, panel.cols, panel.packed.at);
    }
    return { at: panel.packed.at + strip * (col / 4), strip };
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
    const work = this.#work;
    const packedA = form === "tn" ? this.#across(left, aCol) : work.along(from(left, 0, aCol), inner, into.rows);
    const packedB = form === "nt" ? work.along(from(right, 0, bCol), inner, n) : this.#across(right, bCol);
    const block = from(into, 0, cCol);
    if (fresh) {
      for (let r = 0; r < into.rows; r++) work.memory.floats(block.at + r * block.stride, four(n)).fill(0);
    }
    work.multiply(packedA, packedB, [into.rows, n, inner], block, subtract);
    this.#unpack(into);
  }
}
