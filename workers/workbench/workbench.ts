/** What a worker has open and at hand: sources, their tensors as matrices, and the last results. Jobs work on it. */
import type { MatrixSource } from "../../kernels/matrix/source.ts";
import type { Backends } from "../backends/backends.ts";
import type { SweepBackends } from "../backends/sweeps.ts";
import type { OpenCalibration } from "../calibration/open.ts";
import { abortable } from "../errors/abort.ts";
import { UserError } from "../errors/user-error.ts";
import { splitAddress } from "../layouts/address.ts";
import type { ModelMachines } from "../models/machines.ts";
import type { Model } from "../models/model.ts";
import type { JobControl } from "../pace/pace.ts";
import { type GivenMatrices, openGiven } from "../runs/given.ts";
import { givenKey, matrixKey, sourcePrefix } from "../runs/identity.ts";
import { type Inputs, noInputs } from "../runs/inputs.ts";
import { Lru } from "../runs/lru.ts";
import { DECODED_BYTES, SMALL_BYTES } from "../runs/memory.ts";
import { type RunOrder, Runs } from "../runs/runs.ts";
import type { RunRequest, Target } from "../runs/target.ts";
import type { SourceInfo } from "../sources/info.ts";
import { type OpenSource, openSource } from "../sources/open.ts";
import type { CalibrationSpec, OpenSpec } from "../sources/spec.ts";
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
  readonly #machines = new Map<string, Promise<ModelMachines>>();
  readonly #models = new Map<string, { opening: Promise<Model>; end: AbortController }>();
  readonly #calibrations = new Map<string, Promise<OpenCalibration>>();
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
  async open(spec: OpenSpec, id: string, signal: AbortSignal): Promise<SourceInfo> {
    if (spec.kind === "calibration" || spec.kind === "synthetic") return this.#openCalibration(spec, id, signal);
    const { base } = this;
    const io = { cache: this.#cache, signal, ...(base !== undefined && { base }) };
    const plain = openSource(spec, id, io);
    const twin = "twin" in spec ? spec.twin : undefined;
    const opening =
      twin === undefined
        ? plain
        : import("../models/twin.ts").then(async ({ openTwin }) => openTwin(await plain, twin, this.#cache, signal));
    this.#sources.set(id, opening);
    opening.catch(() => this.#sources.delete(id));
    return (await opening).info;
  }

  /**
   * A calibration as a source: its kind, its name, its fingerprints and notes, and how it was captured. Of a captured one the activations
   * that it keeps are its tensors; others have none.
   */
  async #openCalibration(spec: CalibrationSpec, id: string, signal: AbortSignal): Promise<SourceInfo> {
    const opening = import("../calibration/open.ts").then(({ openCalibrationSpec }) =>
      openCalibrationSpec(spec, signal),
    );
    this.#calibrations.set(id, opening);
    opening.catch(() => this.#calibrations.delete(id));
    const { info, captured } = await opening;
    const { kind, label, fingerprints, notes, metadata } = info;
    const activations =
      captured && (await import("../calibration/activation-tensors.ts")).activationsOf(captured, id, this.#cache);
    if (activations) this.#sources.set(id, Promise.resolve(activations));
    return { id, kind, label, fingerprints, notes, tensors: activations?.info.tensors ?? [], metadata };
  }

  /** What is known of the inputs of a target's weight. Rejects with UserError, or with AbortError. */
  async inputs({ tensor, calibration, ...target }: Target, control: JobControl): Promise<Inputs> {
    if (calibration === undefined) return noInputs;
    const opening = this.calibration(calibration);
    const { cols } = await this.matrix({ ...target, tensor });
    const { inputsAmongMany } = await import("../calibration/inputs.ts");
    return inputsAmongMany(await opening, { name: splitAddress(tensor)?.name ?? tensor, cols }, control);
  }

  /** An open calibration. Throws UserError where it is not open. */
  calibration(id: string): Promise<OpenCalibration> {
    const opening = this.#calibrations.get(id);
    if (!opening) throw new UserError("The calibration was closed. Choose it again.");
    return opening;
  }

  async close(id: string): Promise<void> {
    const calibration = this.#calibrations.get(id);
    this.#calibrations.delete(id);
    if (calibration) (await calibration).close();
    const closing = this.#sources.get(id);
    this.#sources.delete(id);
    this.#models.get(id)?.end.abort();
    this.#models.delete(id);
    const machines = this.#machines.get(id);
    this.#machines.delete(id);
    void machines?.then((all) => all.end()).catch(() => {});
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

  /** The language model in a source, opened once. Rejects with UserError where there is none, or with AbortError. */
  async model(id: string, signal: AbortSignal): Promise<Model> {
    const known = this.#models.get(id);
    if (known) return abortable(known.opening, signal);
    const source = await this.source(id);
    // Whoever asked first may give up, and another may wait for it by then.
    const end = new AbortController();
    const opening = import("../models/open.ts").then(({ openModel }) => openModel(source, end.signal));
    const entry = { opening, end };
    this.#models.set(id, entry);
    opening.catch(() => {
      if (this.#models.get(id) === entry) this.#models.delete(id);
    });
    return abortable(opening, signal);
  }

  /** The machines that compute the language model in a source. Rejects as `model` does. */
  async machines(id: string, signal: AbortSignal): Promise<ModelMachines> {
    const model = await this.model(id, signal);
    const known = this.#machines.get(id);
    if (known) return known;
    const made = import("../models/machines.ts").then((m) => new m.ModelMachines(model, this.backends.gpu));
    this.#machines.set(id, made);
    return made;
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
      ...(target.calibration !== undefined && {
        calibration: { key: target.calibration, open: (control) => this.inputs(target, control) },
      }),
      ...(target.activations !== undefined && { activations: target.activations }),
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
