import { type Endpoint, expose, transfer } from "comlink";
import type { Answer, Command } from "../../kernels/linalg/commands.ts";
import { Machine } from "../../kernels/linalg/machine.ts";

/** The machines of one thread, each for one computation, by number. */
export class Machines {
  readonly #machines = new Map<number, Machine>();
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
  }
}

/** Makes a thread's machines reachable on a port. */
export function serveMachines(endpoint: Endpoint): void {
  expose(new Machines(), endpoint);
}
