import { type Endpoint, type Remote, transfer, wrap } from "comlink";
import type { WalkHost, WalkPool } from "../../kernels/codes/trellis/pool.ts";
import type { Trellis } from "../../kernels/codes/trellis/viterbi.ts";
import type { Answer, Command } from "../../kernels/linalg/commands.ts";
import type { Host, Pool } from "../../kernels/linalg/pool.ts";
import { UserError } from "../errors/user-error.ts";
import type { Machines } from "./machines.ts";

/** What the pool needs of a thread that serves `Machines`: a browser's Worker, or one of Node's. */
export interface Thread {
  endpoint: Endpoint;
  /** Called when the thread fails by itself, with the cause as far as it is known. */
  onFailure(report: (cause: string) => void): void;
  /** Whether somebody waits for it: a process may end while nobody does. */
  awaited(wanted: boolean): void;
  terminate(): void;
}

/** Threads that are started when first needed, and again where one failed. Memory is copied between them, never shared. */
export class ThreadPool implements Pool {
  readonly size: number;
  readonly #spawn: () => Thread;
  #members: Member[] = [];

  constructor(size: number, spawn: () => Thread) {
    this.size = size;
    this.#spawn = spawn;
  }

  open(): Promise<Host[]> {
    return Promise.all(this.#living().map((member) => member.open()));
  }

  /** The same threads, for walks. */
  readonly walks: WalkPool = {
    open: (trellis) => Promise.all(this.#living().map((member) => member.openWalks(trellis))),
  };

  #living(): Member[] {
    this.#members = this.#members.filter((member) => !member.failed);
    while (this.#members.length < this.size) this.#members.push(new Member(this.#spawn()));
    return this.#members;
  }

  /** Ends the threads; the next computation starts new ones. */
  dispose(): void {
    for (const member of this.#members) member.stop("it was closed");
    this.#members = [];
  }
}

/** A thread and the calls that wait for it: comlink never ends those of a thread that died (GoogleChromeLabs/comlink#655). */
class Member {
  readonly #thread: Thread;
  // Held as long as the thread lives (GoogleChromeLabs/comlink#692).
  readonly #remote: Remote<Machines>;
  readonly #waiting = new Set<(error: unknown) => void>();
  #failure: UserError | null = null;

  constructor(thread: Thread) {
    this.#thread = thread;
    this.#remote = wrap<Machines>(thread.endpoint);
    thread.onFailure((cause) => this.stop(cause));
  }

  get failed(): boolean {
    return this.#failure !== null;
  }

  stop(cause: string): void {
    if (this.#failure) return;
    this.#failure = new UserError(`A thread of the linear algebra stopped (${cause}).`);
    this.#thread.terminate();
    for (const fail of this.#waiting) fail(this.#failure);
  }

  async open(): Promise<Host> {
    const machine = await this.#call(() => this.#remote.open());
    return {
      execute: (command) => this.#call(() => this.#remote.execute(machine, onItsWay(command)) as Promise<Answer>),
      close: () => this.#close(machine),
    };
  }

  async openWalks(trellis: Trellis): Promise<WalkHost> {
    const machine = await this.#call(() => this.#remote.openWalks(trellis));
    return {
      walk: (values, tile) => this.#call(() => this.#remote.walk(machine, transfer(values, [values.buffer]), tile)),
      close: () => this.#close(machine),
    };
  }

  #close(machine: number): void {
    if (!this.failed) this.#call(() => this.#remote.close(machine)).catch(() => {});
  }

  #call<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#failure) {
        reject(this.#failure);
        return;
      }
      const end = () => {
        this.#waiting.delete(reject);
        if (this.#waiting.size === 0) this.#thread.awaited(false);
      };
      if (this.#waiting.size === 0) this.#thread.awaited(true);
      this.#waiting.add(reject);
      work().then(resolve, reject).finally(end);
    });
  }
}

/** Values go over as a copy of their own, since the caller keeps its. */
function onItsWay(command: Command): Command {
  if (command.do !== "put") return command;
  const values = command.values.slice();
  return transfer({ ...command, values }, [values.buffer]);
}
