/** Which backend evaluates the recipes of a sweep. The reference takes every one; faster ones are asked first. */

import type { Backend } from "../../kernels/backends/backend.ts";
import type { ActivationsRecipe } from "../../kernels/backends/options.ts";
import type { Calibration } from "../../kernels/calibration/types.ts";
import type { Given } from "../../kernels/engine/given.ts";
import { hasLayers } from "../../kernels/plan/layers.ts";
import type { Plan } from "../../kernels/plan/plan.ts";
import type { BackendName } from "../../kernels/report/report.ts";
import { type MatrixSweep, referenceSweep, type SweepBackend } from "../../kernels/sweep/index.ts";
import { isNotLoaded } from "../errors/not-loaded.ts";
import type { Backends } from "./backends.ts";
import { answered } from "./gpu.ts";

/** A backend of either kind. */
export type AnySweep = SweepBackend | MatrixSweep;

/** A backend that is made when it is first needed. */
export interface SweepMaker {
  name: BackendName;
  /** Rejects with a sentence for the person where it cannot be had. */
  make(): Promise<AnySweep>;
  /** Whether it is taken without being asked for; always where absent. */
  automatic?(): Promise<boolean>;
}

export interface SweepChoice {
  backend: AnySweep;
  /** Why it is not the one that was asked for, or that one failed; else `null`. */
  note: string | null;
}

/** Where a GPU begins to be worth the way there and back. */
const LEAST_ELEMENTS = 2 ** 16;
/** How often a backend that failed is made anew. */
const RETRIES = 2;

export class SweepBackends {
  readonly #makers: readonly SweepMaker[];
  readonly #made = new Map<BackendName, Promise<AnySweep>>();
  #layers: Promise<Backend> | null = null;
  readonly #failures = new Map<BackendName, { count: number; why: string }>();

  /** In order of preference; the reference follows by itself. */
  constructor(makers: readonly SweepMaker[]) {
    this.#makers = makers;
  }

  /**
   * The best backend for a plan, or the one of this name, and not those that are passed over; with a note where the one
   * asked for, or the best, could not be had. Never rejects.
   */
  async choose(
    asked: BackendName | null,
    plan: Plan,
    passed: ReadonlySet<BackendName> = new Set(),
  ): Promise<SweepChoice> {
    if (hasLayers(plan)) {
      const { layeredSweep } = await import("../../kernels/sweep/layers.ts");
      return this.#whole(asked, plan, passed, "recipes with layers", layeredSweep);
    }
    if (asked === "reference") return { backend: referenceSweep, note: null };
    const known = this.#makers.some((maker) => maker.name === asked);
    let note = asked === null || known ? null : `there is no sweep on the ${asked} backend: the CPU computed this`;
    for (const maker of this.#makers) {
      const wanted = asked === maker.name;
      // What replaces a GPU is the next in order; what replaces the processor's vector units is the reference.
      if (passed.has(maker.name) || (asked !== null && !wanted && (asked !== "webgpu" || !known))) continue;
      if (!wanted && maker.automatic && !(await maker.automatic())) continue;
      const backend = await this.#get(maker);
      if (typeof backend === "string") {
        note ??= backend;
        continue;
      }
      const refusal = backend.refuses(plan);
      if (refusal === null) return { backend, note };
      if (wanted) note = `the ${asked} backend ${refusal}: the CPU computed this`;
    }
    return { backend: referenceSweep, note };
  }

  /** The same where a calibration is given, and for a plan whose results another program made (`given`). Never rejects. */
  async chooseCalibrated(
    asked: BackendName | null,
    plan: Plan,
    inputs: { calibration: Calibration; activations: ActivationsRecipe | null },
    passed: ReadonlySet<BackendName> = new Set(),
    given: Given | null = null,
  ): Promise<SweepChoice> {
    const { calibratedSweep } = await import("../../kernels/sweep/calibrated.ts");
    return this.#whole(asked, plan, passed, "with a calibration", (backend) => calibratedSweep(backend, inputs, given));
  }

  /** Recipes that run one by one, as reports are made, on the processor. */
  async #whole(
    asked: BackendName | null,
    plan: Plan,
    passed: ReadonlySet<BackendName>,
    what: string,
    make: (backend: Backend) => MatrixSweep,
  ): Promise<SweepChoice> {
    const { referenceBackend } = await import("../../kernels/backends/reference/backend.ts");
    this.#layers ??= import("../../kernels/backends/wasm/index.ts")
      .then(({ createWasmBackend }) => createWasmBackend())
      .catch(() => referenceBackend);
    const wasm = asked === "reference" || passed.has("wasm") ? referenceBackend : await this.#layers;
    const backend = wasm.refuses(plan) === null ? wasm : referenceBackend;
    const note = asked === "webgpu" ? `the webgpu backend does not sweep ${what}: the CPU computed this` : null;
    return { backend: make(backend), note };
  }

  /** Forgets a backend that failed: it is made anew, a few times. Says whether it is worth another try. */
  failed(name: BackendName, why: string): boolean {
    const count = (this.#failures.get(name)?.count ?? 0) + 1;
    this.#failures.set(name, { count, why });
    this.#made.delete(name);
    return count <= RETRIES;
  }

  /** The backend, or why there is none. */
  async #get(maker: SweepMaker): Promise<AnySweep | string> {
    const { name } = maker;
    const known = this.#made.get(name);
    try {
      const failure = this.#failures.get(name);
      if (!known && failure && failure.count > RETRIES) return couldNot(name, failure.why);
      const made = known ?? maker.make();
      this.#made.set(name, made);
      return await made;
    } catch (error) {
      const why = (error as Error).message;
      // What could not be fetched is no failure of its own.
      if (isNotLoaded(error)) this.#made.delete(name);
      else this.failed(name, why);
      return couldNot(name, why);
    }
  }
}

const couldNot = (name: BackendName, why: string): string =>
  `the ${name} backend could not be had (${why}): the CPU computed this`;

/** The GPU's sweeps, after they agreed with the reference on ties, values next to them, NaN, Inf and subnormals. */
async function createCheckedSweep(gpu: GPU): Promise<MatrixSweep> {
  const [{ createWebgpuSweep }, { requestComputeDevice }, { sweepSelfCheck }] = await Promise.all([
    import("../../kernels/backends/webgpu/sweep/backend.ts"),
    import("../../kernels/backends/webgpu/device/device.ts"),
    import("../../kernels/sweep/self-check.ts"),
  ]);
  const backend = await createWebgpuSweep(() => answered(requestComputeDevice(gpu)));
  const check = await sweepSelfCheck(backend);
  if (!check.ok) throw new Error(`its sweeps disagree with the reference: ${check.first}`);
  return {
    ...backend,
    declines: async (source, plan, pace) =>
      source.rows * source.cols < LEAST_ELEMENTS
        ? "leaves small tensors to the processor"
        : backend.declines(source, plan, pace),
  };
}

const wasmSweeps: SweepMaker = {
  name: "wasm",
  // Loaded with its kernels when first needed.
  make: async () => (await import("../../kernels/backends/wasm/sweep.ts")).createWasmSweep(),
};

const webgpuSweeps = (backends: Pick<Backends, "gpu" | "verdict">): SweepMaker => ({
  name: "webgpu",
  async make() {
    const { available, note } = await backends.verdict();
    if (!backends.gpu || !available.includes("webgpu"))
      throw new Error(note.replace(/(: the CPU computes( directly)?)?\.$/, ""));
    return createCheckedSweep(backends.gpu);
  },
  automatic: async () => (await backends.verdict()).chosen === "webgpu",
});

/** The sweep backends of this build, for a worker, the command line and tests alike; `backends` knows of a GPU. */
export const standardSweeps = (backends: Pick<Backends, "gpu" | "verdict"> | null = null): SweepBackends =>
  new SweepBackends(backends ? [webgpuSweeps(backends), wasmSweeps] : [wasmSweeps]);
