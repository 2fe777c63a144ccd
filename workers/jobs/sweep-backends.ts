/** Which backend evaluates the recipes of a sweep. The reference takes every one; faster ones are asked first. */
import type { Plan } from "../../kernels/plan/plan.ts";
import type { BackendName } from "../../kernels/report.ts";
import { referenceSweep, type SweepBackend } from "../../kernels/sweep/index.ts";

/** A backend that is made when it is first needed. */
export interface SweepMaker {
  name: BackendName;
  make(): Promise<SweepBackend>;
}

export class SweepBackends {
  readonly #makers: readonly SweepMaker[];
  readonly #made = new Map<BackendName, Promise<SweepBackend>>();

  /** In order of preference; the reference follows by itself. */
  constructor(makers: readonly SweepMaker[]) {
    this.#makers = makers;
  }

  /** The best backend for a plan, or the one of this name; with a note where that could not be had. Never rejects. */
  async choose(asked: BackendName | null, plan: Plan): Promise<{ backend: SweepBackend; note: string | null }> {
    if (asked === "reference") return { backend: referenceSweep, note: null };
    let note: string | null =
      asked === null ? null : `there is no sweep on the ${asked} backend: the CPU computed this`;
    for (const maker of this.#makers) {
      if (asked !== null && maker.name !== asked) continue;
      try {
        const backend = await this.#get(maker);
        const refusal = backend.refuses(plan);
        if (refusal === null) return { backend, note: null };
        if (asked !== null) note = `the ${asked} backend ${refusal}: the CPU computed this`;
      } catch (error) {
        this.#made.delete(maker.name);
        note = `the ${maker.name} backend could not be had (${(error as Error).message}): the CPU computed this`;
      }
    }
    return { backend: referenceSweep, note };
  }

  #get(maker: SweepMaker): Promise<SweepBackend> {
    const known = this.#made.get(maker.name) ?? maker.make();
    this.#made.set(maker.name, known);
    return known;
  }
}

/** The sweep backends of this build, for a worker, the command line and tests alike. */
export const standardSweeps = (): SweepBackends =>
  new SweepBackends([
    {
      name: "wasm",
      // Loaded with its kernels when first needed.
      make: async () => (await import("../../kernels/sweep/wasm.ts")).createWasmSweep(),
    },
  ]);
