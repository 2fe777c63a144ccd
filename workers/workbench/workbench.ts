/** What a worker has open and at hand: sources, their tensors as matrices, and the last results. Jobs work on it. */
import type { MatrixSource } from "../../kernels/matrix/source.ts";
import type { Backends } from "../backends/backends.ts";
import type { SweepBackends } from "../backends/sweeps.ts";
import { UserError } from "../errors/user-error.ts";
import { type GivenMatrices, openGiven } from "../runs/given.ts";
import { givenKey, matrixKey, sourcePrefix } from "../runs/identity.ts";
import { Lru } from "../runs/lru.ts";
import { DECODED_BYTES, SMALL_BYTES } from "../runs/memory.ts";
import { type RunOrder, Runs } from "../runs/runs.ts";
import type { RunRequest, Target } from "../runs/target.ts";
import type { SourceInfo } from "../sources/info.ts";
import { type OpenSource, openSource } from "../sources/open.ts";
import type { SourceSpec } from "../sources/spec.ts";
import { TensorCache } from "../tensors/cache.ts";
import { sampleRows } from "../tensors/sample.ts";

export interface Surroundings {
  backends: Backends;
  /** What computes sweeps; those of this build where absent. */
  sweeps?: SweepBackends;
  /** Address of the folder the page lies in; samples are below it. */
  base?: string;
}

const KEPT_MATRICES = 32;

export class Workbench {
  readonly backends: Backends;
  readonly base: string | undefined;
  /** Results that windows, inspections and exports are made from. */
  readonly runs: Runs;
  readonly #cache = new TensorCache(DECODED_BYTES);
  readonly #sources = new Map<string, Promise<OpenSource>>();
  // One object a matrix, so that the engine recognises it and what it found out about it.
  readonly #matrices = new Lru<MatrixSource>(KEPT_MATRICES);
  #sweeps: SweepBackends | undefined;

  constructor({ backends, sweeps, base }: Surroundings) {
    this.backends = backends;
    this.base = base;
    this.runs = new Runs(backends, { scalesLater: true });
    this.#sweeps = sweeps;
  }

  /** Opens a source under a name. Rejects with UserError, or with AbortError. */
  async open(spec: SourceSpec, id: string, signal: AbortSignal): Promise<SourceInfo> {
    const { base } = this;
    const opening = openSource(spec, id, { cache: this.#cache, signal, ...(base !== undefined && { base }) });
    this.#sources.set(id, opening);
    opening.catch(() => this.#sources.delete(id));
    return (await opening).info;
  }

  async close(id: string): Promise<void> {
    const closing = this.#sources.get(id);
    this.#sources.delete(id);
    this.runs.forget(sourcePrefix(id));
    this.#matrices.deleteWhere((key) => key.startsWith(sourcePrefix(id)));
    (await closing)?.close();
  }

  /** Throws UserError where it is not open. */
  source(id: string): Promise<OpenSource> {
    const open = this.#sources.get(id);
    if (!open) throw new UserError("The source of this tensor was closed. Open it again.");
    return open;
  }

  async matrix(target: Target): Promise<MatrixSource> {
    const key = matrixKey(target);
    const known = this.#matrices.get(key);
    if (known) return known;
    const whole = (await this.source(target.source)).matrix(target.tensor, target.view);
    const made = target.sample === undefined ? whole : sampleRows(whole, target.sample);
    this.#matrices.set(key, made);
    return made;
  }

  /** What recipes take results from that stand in another source. */
  given(target: Target): Promise<GivenMatrices> {
    return openGiven(target, (one) => this.matrix(one));
  }

  /** What to give `runs`: without a backend, whatever result is there. */
  async order(
    target: Target,
    run: Pick<RunRequest, "recipe" | "definitions"> & { backend?: RunRequest["backend"] },
  ): Promise<RunOrder> {
    return {
      key: matrixKey(target),
      matrix: await this.matrix(target),
      given: { key: givenKey(target), open: () => this.given(target) },
      recipe: run.recipe,
      definitions: run.definitions,
      backend: run.backend,
    };
  }

  /** What computes sweeps; loaded when it is first asked for. */
  async sweeps(): Promise<SweepBackends> {
    const { standardSweeps } = await import("../backends/sweeps.ts");
    this.#sweeps ??= standardSweeps(this.backends);
    return this.#sweeps;
  }

  /**
   * Lets go of what takes much memory and is not looked at: results of other runs than these and, unless all decoded tensors
   * stay, the values of other tensors.
   */
  async keep(looked: readonly RunRequest[], decoded: "all" | "theirs"): Promise<void> {
    const here = looked.filter(({ target }) => this.#sources.has(target.source));
    const orders = await Promise.allSettled(here.map((run) => this.order(run.target, run)));
    await this.runs.forgetLarge(orders.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])));
    if (decoded === "all") return;
    const tensors = here.flatMap(({ target }) => [target, ...(target.given ?? []).filter((given) => given !== null)]);
    for (const [id, opening] of this.#sources) {
      const names = tensors.flatMap((tensor) => (tensor.source === id ? [tensor.tensor] : []));
      (await opening).forgetLarge(SMALL_BYTES, new Set(names));
    }
  }
}
