/**
 * Which backend computes a job. The reference is always there; another is taken where it is worth it or asked for by
 * name, and when it cannot be had the reference computes and the report says why.
 */
import type { Backend } from "../../kernels/backends/backend.ts";
import type { Plan } from "../../kernels/plan/plan.ts";
import type { BackendName } from "../../kernels/report/report.ts";
import { isNotLoaded } from "../errors/not-loaded.ts";
import { findAdapter, judgeAdapter } from "./gpu.ts";
import type { BackendVerdict } from "./verdict.ts";

export interface BackendOptions {
  reference: Backend;
  /** `navigator.gpu` or Dawn's; `null` where there is none. */
  gpu: GPU | null;
  /**
   * Makes the WebGPU backend and checks it against the reference; rejects where they differ. Absent where the build
   * has none.
   */
  createWebgpu?(gpu: GPU): Promise<CheckedBackend>;
  /** Makes the WebAssembly backend; rejects where the engine has no SIMD. Absent where the build has none. */
  createWasm?(): Promise<Backend>;
}

export interface CheckedBackend {
  backend: Backend;
  /** Values on which it was compared with the reference and agreed. */
  agreed: number;
  /**
   * Checks what a plan asks for beyond what was compared at first, once: compiling for it takes a moment. What is left to
   * the processor, in a clause for a note; `null` where nothing is.
   */
  admit?(plan: Plan): Promise<string | null>;
}

export interface Choice {
  backend: Backend;
  /** Why it is not the one that was asked for, or what it leaves to the processor; `null` where neither. */
  note: string | null;
}

export class Backends {
  readonly #options: BackendOptions;
  #verdict: Promise<BackendVerdict> | null = null;
  readonly #made = new Map<BackendName, Promise<CheckedBackend>>();

  constructor(options: BackendOptions) {
    this.#options = options;
  }

  get reference(): Backend {
    return this.#options.reference;
  }

  /** What WebGPU there is, for what makes devices of its own. */
  get gpu(): GPU | null {
    return this.#options.gpu;
  }

  /** What there is and what is taken by itself. The adapter is asked for once. */
  verdict(): Promise<BackendVerdict> {
    this.#verdict ??= this.#judge();
    return this.#verdict;
  }

  /**
   * The backend of this name for a plan, or the best where it is `null`. Never fails: the next in order stands in, at
   * last the reference. The note says why it is not the one that was asked for, or that the GPU failed.
   */
  async choose(name: BackendName | null, plan: Plan): Promise<Choice> {
    const { available, chosen, note } = await this.verdict();
    if (name && !available.includes(name)) {
      const why = name === "webgpu" ? note : `This build has no ${name} backend here.`;
      return { ...(await this.choose(null, plan)), note: why };
    }
    const first = name ?? chosen;
    const notes: string[] = [];
    // A GPU that is a program on the processor is taken by name only.
    const order = [first, ...available.filter((b) => b !== first && b !== "webgpu")];
    for (const candidate of order) {
      if (candidate === "reference") break;
      try {
        const { backend, admit } = await this.#make(candidate);
        const refusal = backend.refuses(plan);
        if (refusal === null) return { backend, note: notes[0] ?? (await admit?.(plan)) ?? null };
        if (name || candidate === "webgpu") notes.push(`the ${candidate} backend ${refusal}: the CPU computed this`);
      } catch (error) {
        this.#made.delete(candidate);
        notes.push(candidate === "webgpu" ? gpuFailed(error) : `the ${candidate} backend failed${because(error)}`);
      }
    }
    return { backend: this.reference, note: notes[0] ?? null };
  }

  /** The best backend for a plan that needs no GPU. */
  async onProcessor(plan: Plan): Promise<Backend> {
    const { available } = await this.verdict();
    const [best] = available.filter((name) => name !== "webgpu");
    return (await this.choose(best, plan)).backend;
  }

  #make(name: BackendName): Promise<CheckedBackend> {
    const { createWebgpu, createWasm, gpu } = this.#options;
    const known = this.#made.get(name);
    if (known) return known;
    const unchecked = (backend: Backend) => ({ backend, agreed: 0 });
    const made = name === "webgpu" ? createWebgpu!(gpu!) : createWasm!().then(unchecked);
    this.#made.set(name, made);
    return made;
  }

  /** Forgets a GPU that failed; the next job that wants one asks for it anew. */
  drop(): void {
    this.#made.delete("webgpu");
    this.#verdict = null;
  }

  async #judge(): Promise<BackendVerdict> {
    const wasm: BackendName[] = this.#options.createWasm ? ["wasm"] : [];
    const processor: BackendName[] = [...wasm, "reference"];
    const cpu = (note: string, adapter: string | null = null): BackendVerdict => ({
      available: processor,
      chosen: processor[0],
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
      try {
        const { agreed } = await this.#make("webgpu");
        const note = `The GPU computes (${label}); it agreed with the CPU on ${agreed} test values.`;
        return { available: ["webgpu", ...processor], chosen: "webgpu", note, adapter: label };
      } catch (error) {
        this.#made.delete("webgpu");
        if (isNotLoaded(error)) this.#verdict = null;
        return cpu(`The GPU (${label}) is not used${because(error)}: the CPU computes.`, label);
      }
    }
    return {
      ...cpu(`WebGPU here is a program on the processor (${label}): the CPU computes directly.`, label),
      available: [...processor, "webgpu"],
    };
  }
}

const because = (error: unknown): string =>
  error instanceof Error && error.message ? ` (${error.message.replace(/\.$/, "")})` : "";

/** The note for a job that a GPU did not finish. */
export function gpuFailed(error: unknown): string {
  return `the GPU was lost or failed${because(error)}: the CPU computed this`;
}
