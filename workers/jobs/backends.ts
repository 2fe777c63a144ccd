/**
 * Which backend computes a job. The reference is always there; another is taken where it is worth it or asked for by
 * name, and when it cannot be had the reference computes and the report says why.
 */
import type { Backend } from "../../kernels/backend.ts";
import type { Plan } from "../../kernels/plan/plan.ts";
import type { BackendName } from "../../kernels/report.ts";
import type { BackendVerdict } from "../protocol.ts";
import { findAdapter, judgeAdapter } from "./gpu.ts";

export interface BackendOptions {
  reference: Backend;
  /** `navigator.gpu` or Dawn's; `null` where there is none. */
  gpu: GPU | null;
  /** Makes the WebGPU backend; loaded when first needed. Absent where the build has none. */
  createWebgpu?(gpu: GPU): Promise<Backend>;
}

export interface Choice {
  backend: Backend;
  /** Why it is not the one that was asked for; `null` where it is. */
  note: string | null;
}

export class Backends {
  readonly #options: BackendOptions;
  #verdict: Promise<BackendVerdict> | null = null;
  #webgpu: Promise<Backend> | null = null;

  constructor(options: BackendOptions) {
    this.#options = options;
  }

  get reference(): Backend {
    return this.#options.reference;
  }

  /** What there is and what is taken by itself. The adapter is asked for once. */
  verdict(): Promise<BackendVerdict> {
    this.#verdict ??= this.#judge();
    return this.#verdict;
  }

  /** The backend of this name for a plan, or the best where it is `null`. Never fails: the reference stands in. */
  async choose(name: BackendName | null, plan: Plan): Promise<Choice> {
    const { available, chosen, note } = await this.verdict();
    const wanted = name ?? chosen;
    if (wanted === "reference") return { backend: this.reference, note: null };
    if (!available.includes(wanted)) {
      const why = wanted === "webgpu" ? note : "This build has no wasm backend: the CPU computes.";
      return { backend: this.reference, note: why };
    }
    this.#webgpu ??= this.#options.createWebgpu!(this.#options.gpu!);
    try {
      const backend = await this.#webgpu;
      const refusal = backend.refuses(plan);
      if (refusal === null) return { backend, note: null };
      return { backend: this.reference, note: `the ${wanted} backend ${refusal}: the CPU computed this` };
    } catch (error) {
      this.#webgpu = null;
      return { backend: this.reference, note: gpuFailed(error) };
    }
  }

  /** Forgets a GPU that failed; the next job that wants one asks for it anew. */
  drop(): void {
    this.#webgpu = null;
    this.#verdict = null;
  }

  async #judge(): Promise<BackendVerdict> {
    const cpu = (note: string, adapter: string | null = null): BackendVerdict => ({
      available: ["reference"],
      chosen: "reference",
      note,
      adapter,
    });
    const { gpu, createWebgpu } = this.#options;
    if (!createWebgpu) return cpu("This build computes on the CPU.");
    if (!gpu) return cpu("There is no WebGPU here: the CPU computes.");
    const adapter = await findAdapter(gpu);
    if (!adapter) return cpu("WebGPU found no GPU that it may use: the CPU computes.");
    const { label, hardware } = judgeAdapter(adapter.info);
    if (hardware) {
      return {
        available: ["webgpu", "reference"],
        chosen: "webgpu",
        note: `The GPU computes (${label}).`,
        adapter: label,
      };
    }
    return {
      ...cpu(`WebGPU here is a program on the processor (${label}): the CPU computes directly.`, label),
      available: ["reference", "webgpu"],
    };
  }
}

/** The note for a job that a GPU did not finish. */
export function gpuFailed(error: unknown): string {
  const why = error instanceof Error && error.message ? ` (${error.message.replace(/\.$/, "")})` : "";
  return `the GPU was lost or failed${why}: the CPU computed this`;
}
