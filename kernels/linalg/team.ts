import type { Answer, Command } from "./commands.ts";
import { Machine } from "./machine.ts";
import { type Host, providedPool } from "./pool.ts";
import { noPace, type Pace, type Run } from "./run.ts";

/** Operations below which other threads are not worth their messages: some 50 ms of one thread. */
const WORTHWHILE = 1e9;

async function providedHosts(): Promise<Host[] | null> {
  try {
    return (await (await providedPool())?.open()) ?? null;
  } catch {
    return null;
  }
}

/** A machine in this thread. */
async function ownHost(): Promise<Host> {
  const machine = await Machine.start();
  return { execute: async (command) => machine.execute(command), close() {} };
}

/**
 * The machines of one computation, and how far it is. Every machine has a script of its own, which waits for each of its
 * commands: none is ever more than one command away from being cancelled.
 */
export class Team {
  readonly hosts: Host[];
  readonly #pace: Pace;
  readonly #total: number;
  #done = 0;
  #failure: { error: unknown } | null = null;
  readonly #onFailure: ((error: unknown) => void)[] = [];

  private constructor(hosts: Host[], pace: Pace, total: number) {
    this.hosts = hosts;
    this.#pace = pace;
    this.#total = total;
  }

  /**
   * `total` is what `done` adds up to at the end. Threads that the run names are used; those that were provided are where so
   * many `operations` are worth it, and missed without harm where they cannot be had.
   */
  static async open({ pool, pace = noPace }: Run, operations: number, total: number): Promise<Team> {
    await pace(0, total);
    const hosts = pool
      ? await pool.open()
      : pool === undefined && operations >= WORTHWHILE
        ? await providedHosts()
        : null;
    return new Team(hosts ?? [await ownHost()], pace, total);
  }

  get size(): number {
    return this.hosts.length;
  }

  /** Whose a panel is: forth and back, since panels of a triangle grow shorter. */
  owner(panel: number): number {
    const place = panel % (2 * this.size);
    return place < this.size ? place : 2 * this.size - 1 - place;
  }

  /** The panels of a machine, of so many. */
  ownedBy(host: number, panels: number): number[] {
    return Array.from({ length: panels }, (_, i) => i).filter((i) => this.owner(i) === host);
  }

  /** Makes one machine carry a command out; `work` is what it adds to what is done. */
  async send(host: number, command: Command, work = 0): Promise<Answer> {
    await this.#pace(this.#done, this.#total);
    if (this.#failure) throw this.#failure.error;
    const answer = await this.hosts[host].execute(command);
    this.#done += work;
    return answer;
  }

  /** A panel's values. */
  async get(host: number, id: number): Promise<Float64Array<ArrayBuffer>> {
    return (await this.send(host, { do: "get", id })) as Float64Array<ArrayBuffer>;
  }

  /** Lets every machine go through its script. Ends with the first failure, once all have ended. */
  async all(script: (host: number) => Promise<void>): Promise<void> {
    await Promise.all(
      this.hosts.map(async (_, host) => {
        try {
          await script(host);
        } catch (error) {
          if (this.#failure) return;
          this.#failure = { error };
          for (const tell of this.#onFailure) tell(error);
        }
      }),
    );
    if (this.#failure) throw this.#failure.error;
  }

  /** Values that one machine's script makes and others wait for; a failure anywhere ends the waiting. */
  promised(count: number): Promised[] {
    return Array.from({ length: count }, () => {
      const made = {} as Promised;
      made.values = new Promise((resolve, reject) => {
        made.resolve = resolve;
        this.#onFailure.push(reject);
      });
      // Nobody may be waiting when another machine fails.
      made.values.catch(() => {});
      return made;
    });
  }

  close(): void {
    for (const host of this.hosts) host.close();
  }
}

export interface Promised {
  values: Promise<Float64Array<ArrayBuffer>>;
  resolve(values: Float64Array<ArrayBuffer>): void;
}

/** Opens a team, lets it work, and closes it. */
export async function withTeam<T>(
  run: Run,
  operations: number,
  total: number,
  work: (team: Team) => Promise<T>,
): Promise<T> {
  const team = await Team.open(run, operations, total);
  try {
    return await work(team);
  } finally {
    team.close();
  }
}
