import type { Plan } from "../../plan/plan.ts";
import { searchedElement } from "../../scales/searches.ts";
import type { Trials, TrialsRoom } from "../../scales/trials.ts";
import { searchOf } from "../../scales/tried.ts";
import { Field } from "./fields.ts";
import { instantiate } from "./instance.ts";
import { Machine } from "./machine.ts";
import { loadWasm } from "./module.ts";

/** The trials of a search on the SIMD kernels, with the reference's bits. In a machine of its own: it may be in use between two tiles. */
class WasmTrials implements Trials {
  owner: object | null = null;
  cost = Infinity;
  readonly #machine: Machine;
  #values = 0;
  #p = 2;
  #shift = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  start(plan: Plan, most: number, candidates: number): TrialsRoom {
    const machine = this.#machine;
    const element = searchedElement(plan);
    this.#p = searchOf(plan).p;
    machine.begin({ ...plan, element });
    const { heap } = machine;
    this.#values = heap.take(4 * most);
    const [scale, zero] = [0, 1].map(() => heap.take(4 * candidates));
    machine.set([
      [Field.scales, scale],
      [Field.reciprocals, 0],
      [Field.zeroPoints, element.affine ? zero : 0],
      [Field.perColumn, 0],
      [Field.flat, 0],
    ]);
    machine.kernels.startTrials();
    return {
      values: machine.floats(this.#values, most),
      weights: null,
      list: {
        scale: machine.floats(scale, candidates),
        zero: new Int32Array(heap.buffer, zero, candidates),
      },
    };
  }

  begin(n: number, shift: number): void {
    this.#shift = shift;
    this.#machine.kernels.beginTrials(this.#values, n);
  }

  run(count: number, best: number): number {
    const { kernels } = this.#machine;
    const found = kernels.runTrials(count, this.#p, this.#shift, best);
    if (found >= 0) this.cost = this.#machine.doubles(kernels.costAddress(), 1)[0];
    return found;
  }
}

let made: Promise<Trials> | null = null;

/** The trials of this thread, made once. Fails where WebAssembly or its SIMD is missing. */
export function wasmTrials(): Promise<Trials> {
  made ??= loadWasm()
    .then(instantiate)
    .then((kernels) => new WasmTrials(new Machine(kernels)));
  return made;
}
