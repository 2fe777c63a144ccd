/**
 * Recipes applied to matrices, and the last few results kept: windows, inspections and exports are made from the result
 * of the run before them. Used by the worker and by the command line alike.
 */
import type { Backend } from "../../kernels/backends/backend.ts";
import type { ActivationsRecipe, QuantizeOptions } from "../../kernels/backends/options.ts";
import type { Quantized } from "../../kernels/engine/types.ts";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import { type Given, prepareRecipe, quantizeMatrix } from "../../kernels/index.ts";
import { LinalgError } from "../../kernels/linalg/errors.ts";
import type { MatrixSource } from "../../kernels/matrix/source.ts";
import { parseDefinition, parseRecipe } from "../../kernels/notation/index.ts";
import type { Plan } from "../../kernels/plan/plan.ts";
import type { BackendName } from "../../kernels/report/report.ts";
import { type Backends, gpuFailed } from "../backends/backends.ts";
import { abortable } from "../errors/abort.ts";
import { UserError } from "../errors/user-error.ts";
import { checkpointFor, type JobControl } from "../pace/pace.ts";
import { activationsText, parseActivations } from "./activations.ts";
import { type GivenMatrices, givenFor, takesGiven } from "./given.ts";
import { inputsKeys, resultKey } from "./identity.ts";
import { type Inputs, noInputs, withReason } from "./inputs.ts";
import { Lru } from "./lru.ts";
import { memoryNote, RESULT_BYTES, resultBytes, SMALL_BYTES, tileElements } from "./memory.ts";

const KEPT_RESULTS = 8;
/** How often a lost GPU is asked for anew. */
const MOST_RETRIES = 2;

/** A matrix, what to do to it, and who should. */
export interface RunOrder {
  /** Names the matrix among all that may be asked for. */
  key: string;
  matrix: MatrixSource;
  recipe: string;
  definitions: readonly string[];
  /** `null` takes the best. `undefined` takes whatever result is there. */
  backend: BackendName | null | undefined;
  /** What recipes that take given results find them in, and its name among all there may be. */
  given?: { key: string; open(): Promise<GivenMatrices> };
  /** What is known of the weight's inputs, and its name among all there may be. */
  calibration?: { key: string; open(control: JobControl): Promise<Inputs> };
  /** With a calibration: how activations are quantized beside the weight (see `activations.ts`). */
  activations?: string;
}

/** A recipe made ready: to be computed, or to be taken from another checkpoint. */
interface Ready {
  plan: Plan;
  given: Given | null;
  calibration: RunOrder["calibration"];
  activations: ActivationsRecipe | null;
  /** Names the result: recipes that mean the same share one. */
  key: string;
}

interface Result {
  /** The backend as it was asked for. */
  asked: BackendName | null;
  quantized: Promise<Quantized>;
  bytes: number;
  /** Whether it is still being made. */
  running: boolean;
}

export class Runs {
  readonly #backends: Backends;
  readonly #scalesLater: boolean;
  readonly #results = new Lru<Result>(KEPT_RESULTS, RESULT_BYTES, (result) => result.bytes);

  /** `scalesLater`: stored scales are found when someone asks a result to be complete, and reports are ready sooner. */
  constructor(backends: Backends, { scalesLater = false } = {}) {
    this.#backends = backends;
    this.#scalesLater = scalesLater;
  }

  /**
   * The recipe applied, from the results kept or anew. Rejects with RecipeError (column where known) for a recipe that
   * cannot be read or does not fit the matrix, with UserError, or with AbortError.
   */
  async quantized(order: RunOrder, control: JobControl): Promise<Quantized> {
    const ready = await readyFor(order);
    const { plan, key } = ready;
    for (;;) {
      const known = this.#results.get(key);
      if (!known || (order.backend !== undefined && order.backend !== known.asked)) break;
      try {
        return await abortable(known.quantized, control.signal);
      } catch (error) {
        // Whoever asked first cancelled; this caller did not.
        if (!isAbort(error) || control.signal.aborted) throw error;
      }
    }
    const asked = order.backend ?? null;
    const quantized = this.#compute(order.matrix, ready, asked, control);
    const result: Result = { asked, quantized, bytes: resultBytes(plan) + claimBytes(ready), running: true };
    this.#keep(key, result);
    // A read over a slow network looks at no signal before it is through: whoever cancels does not wait for it.
    return abortable(result.quantized, control.signal);
  }

  /**
   * Looks at a result through `look`. A GPU that is lost meanwhile is replaced: the recipe runs again on the CPU, and
   * `look` too.
   */
  async look<T>(order: RunOrder, control: JobControl, look: (quantized: Quantized) => Promise<T>): Promise<T> {
    const quantized = await this.quantized(order, control);
    try {
      return await look(quantized);
    } catch (error) {
      if (quantized.report.backend !== "webgpu" || isForPerson(error)) throw error;
      this.#backends.drop();
      const ready = await readyFor(order);
      const result: Result = {
        asked: order.backend ?? null,
        quantized: this.#withoutGpu(order.matrix, ready, error, control),
        bytes: resultBytes(ready.plan) + claimBytes(ready),
        running: true,
      };
      this.#keep(ready.key, result);
      return look(await result.quantized);
    }
  }

  /** Forgets the results of matrices whose key begins so. */
  forget(prefix: string): void {
    this.#results.deleteWhere((key) => key.startsWith(prefix));
  }

  /** Forgets results that are no longer looked at and take much, but for those of `orders`. */
  async forgetLarge(orders: readonly RunOrder[]): Promise<void> {
    const ready = await Promise.allSettled(orders.map((order) => readyFor(order)));
    const kept = new Set(ready.flatMap((one) => (one.status === "fulfilled" ? [one.value.key] : [])));
    this.#results.deleteWhere((key, { bytes, running }) => bytes > SMALL_BYTES && !running && !kept.has(key));
  }

  /** Bytes of the results kept. */
  get bytes(): number {
    return this.#results.weight;
  }

  #keep(key: string, result: Result): void {
    this.#results.set(key, result);
    result.quantized.then(
      () => {
        result.running = false;
      },
      () => this.#results.deleteWhere((_, held) => held === result),
    );
  }

  async #compute(
    matrix: MatrixSource,
    ready: Ready,
    asked: BackendName | null,
    control: JobControl,
  ): Promise<Quantized> {
    for (let losses = 0; ; ) {
      const { backend, note } = await this.#backends.choose(asked, ready.plan);
      const notes = note === null ? [] : [note];
      try {
        return await this.#quantize(matrix, ready, backend, notes, control);
      } catch (error) {
        if (backend === this.#backends.reference || isForPerson(error)) throw error;
        if (backend.name !== "webgpu") {
          return this.#quantize(matrix, ready, this.#backends.reference, [kernelsFailed(error)], control);
        }
        this.#backends.drop();
        // Drivers start again after a loss; where one is lost time after time something here is too much for it.
        if (isLoss(error) && losses++ < MOST_RETRIES) continue;
        return this.#withoutGpu(matrix, ready, error, control);
      }
    }
  }

  /** The same by the processor, with a note on what became of the GPU. */
  async #withoutGpu(matrix: MatrixSource, ready: Ready, error: unknown, control: JobControl): Promise<Quantized> {
    const notes = [gpuFailed(error)];
    const { reference } = this.#backends;
    const backend = await this.#backends.onProcessor(ready.plan);
    try {
      return await this.#quantize(matrix, ready, backend, notes, control);
    } catch (failure) {
      if (backend === reference || isForPerson(failure)) throw failure;
      return this.#quantize(matrix, ready, reference, [...notes, kernelsFailed(failure)], control);
    }
  }

  async #quantize(
    matrix: MatrixSource,
    { plan, given, calibration, activations }: Ready,
    backend: Backend,
    notes: string[],
    control: JobControl,
  ): Promise<Quantized> {
    const memory = memoryNote(plan);
    const inputs = (await calibration?.open(control)) ?? noInputs;
    const known = inputs.calibration;
    const options: QuantizeOptions = {
      backend,
      ...(known && { calibration: known }),
      ...(known && activations && { activations }),
      checkpoint: checkpointFor(control, "elements"),
      now: () => performance.now(),
      tileElements: tileElements(plan, backend),
      scalesLater: this.#scalesLater,
    };
    const working = given
      ? loadGiven().then(({ quantizeGiven }) => quantizeGiven(matrix, plan, given, options))
      : quantizeMatrix(matrix, plan, options);
    const quantized = await working.catch((error: unknown) => {
      throw withReason(error, inputs);
    });
    const why = inputs.why === null ? [] : [inputs.why];
    quantized.report.notes.push(...notes, ...why, ...(memory ? [memory] : []));
    return quantized;
  }
}

/** What was made for this result alone stays with it. */
const claimBytes = ({ plan, given }: Ready): number =>
  given?.claim ? 4 * (plan.rows * plan.cols + (given.claim.codes?.values.length ?? 0)) : 0;

/** The note for a job that the wasm kernels did not finish, for want of memory as a rule. */
function kernelsFailed(error: unknown): string {
  const cause = error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
  return `the wasm kernels failed (${cause}): plain TypeScript computed this`;
}

/** What measures results made elsewhere: loaded with the first of them. */
const loadGiven = () => import("../../kernels/engine/given.ts");

/** Reads a recipe for a matrix. Rejects with RecipeError, or as opening what is given does. */
async function readyFor(order: RunOrder): Promise<Ready> {
  const { key, recipe, definitions, matrix, given, calibration } = order;
  const known = definitions.map((text) => parseDefinition(text));
  const tree = parseRecipe(recipe, { definitions: known });
  const plan = prepareRecipe(tree, known, matrix.rows, matrix.cols);
  const activations = order.activations === undefined ? null : parseActivations(order.activations, known);
  const inputs = inputsKeys({
    ...(calibration && { calibration: calibration.key }),
    ...(activations && { activations: activationsText(activations) }),
  });
  const named = (beside?: string) => resultKey(key, plan.text, definitions, beside, inputs);
  if (!takesGiven(tree)) return { plan, given: null, calibration, activations, key: named() };
  const results = givenFor(tree, (await given?.open()) ?? []);
  const { planGiven } = await loadGiven();
  return { plan: planGiven(plan, results), given: results, calibration, activations, key: named(given?.key) };
}

/** By name: the class is in the part that loads with the GPU's kernels. */
const isLoss = (error: unknown) => error instanceof Error && error.name === "DeviceLostError";

const isAbort = (error: unknown) => error instanceof Error && error.name === "AbortError";

/** Failures that another backend would meet as well. */
function isForPerson(error: unknown): boolean {
  return error instanceof RecipeError || error instanceof UserError || error instanceof LinalgError || isAbort(error);
}
