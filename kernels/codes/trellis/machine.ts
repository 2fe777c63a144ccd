import { CodeMachine } from "../machine.ts";
import type { Trellis } from "./viterbi.ts";

const STATES = 2 ** 16;

/** Finds walks through tiles in wasm: the states that `tailBite` of `viterbi.ts` finds. */
export class WalkMachine {
  readonly #machine: CodeMachine;
  readonly #trellis: Trellis;
  readonly #book: number;
  readonly #costs: number;
  #tile: { length: number; values: number; back: number; states: number } | null = null;

  private constructor(machine: CodeMachine, trellis: Trellis) {
    this.#machine = machine;
    this.#trellis = trellis;
    this.#book = machine.take(4 * STATES * trellis.width);
    this.#costs = machine.take((2 * 4 * STATES) >> trellis.bits);
    machine.floats(this.#book, trellis.book.length).set(trellis.book);
  }

  static start = async (trellis: Trellis): Promise<WalkMachine> => new WalkMachine(await CodeMachine.start(), trellis);

  /** The states of tiles of `tile` values, which lie one after the other. */
  walk(values: Float32Array, tile: number): Uint16Array {
    const { bits, width } = this.#trellis;
    const steps = tile / width;
    const room = this.#roomFor(tile);
    const states = new Uint16Array(values.length / width);
    for (let t = 0; t < values.length / tile; t++) {
      this.#machine.floats(room.values, tile).set(values.subarray(t * tile, (t + 1) * tile));
      const { kernels } = this.#machine;
      kernels.tailBite(room.values, steps, bits, width === 2, this.#book, this.#costs, room.back, room.states);
      states.set(this.#machine.halves(room.states, steps), t * steps);
    }
    return states;
  }

  #roomFor(length: number) {
    if (this.#tile?.length === length) return this.#tile;
    const steps = length / this.#trellis.width;
    const machine = this.#machine;
    const back = machine.take(steps * (STATES >> this.#trellis.bits));
    this.#tile = { length, values: machine.take(4 * length), back, states: machine.take(2 * steps) };
    return this.#tile;
  }
}
