import { type Endpoint, expose, transfer } from "comlink";
import type { WalkMachine } from "../../kernels/codes/trellis/machine.ts";
import type { Trellis } from "../../kernels/codes/trellis/viterbi.ts";
import type { Answer, Command } from "../../kernels/linalg/commands.ts";
import { Machine } from "../../kernels/linalg/machine.ts";

/** The machines of one thread, each for one computation, by number: for linear algebra, and for walks through trellises. */
export class Machines {
  readonly #machines = new Map<number, Machine>();
  readonly #walks = new Map<number, WalkMachine>();
  #last = 0;

  async open(): Promise<number> {
    const machine = await Machine.start();
    this.#machines.set(++this.#last, machine);
    return this.#last;
  }

  /** What comes back goes over, not as a copy. */
  execute(machine: number, command: Command): Answer {
    const found = this.#machines.get(machine);
    if (!found) throw new Error("This computation was ended.");
    const answer = found.execute(command);
    return ArrayBuffer.isView(answer) ? transfer(answer, [answer.buffer]) : answer;
  }

  close(machine: number): void {
    this.#machines.delete(machine);
    this.#walks.delete(machine);
  }

  async openWalks(trellis: Trellis): Promise<number> {
    const { WalkMachine } = await import("../../kernels/codes/trellis/machine.ts");
    this.#walks.set(++this.#last, await WalkMachine.start(trellis));
    return this.#last;
  }

  walk(machine: number, values: Float32Array, tile: number): Uint16Array {
    const found = this.#walks.get(machine);
    if (!found) throw new Error("This computation was ended.");
    const states = found.walk(values, tile);
    return transfer(states, [states.buffer]);
  }
}

/** Makes a thread's machines reachable on a port. */
export function serveMachines(endpoint: Endpoint): void {
  expose(new Machines(), endpoint);
}
