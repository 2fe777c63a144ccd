/** From a source and what was asked for to a file whose every byte has its place, or the reason why there is none. */

import type { Definition, Recipe } from "../../kernels/grammar/ast.ts";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import { givenIndex, prepareRecipe } from "../../kernels/index.ts";
import { parseDefinition } from "../../kernels/notation/index.ts";
import type { Plan } from "../../kernels/plan/plan.ts";
import { UserError } from "../errors/user-error.ts";
import { splitAddress } from "../layouts/address.ts";
import { pacer } from "../pace/pace.ts";
import { DECODED_BYTES, estimateBytes, memoryNote } from "../runs/memory.ts";
import type { RunOrder } from "../runs/runs.ts";
import type { OpenSource } from "../sources/open.ts";
import { TensorCache } from "../tensors/cache.ts";
import { matrixOf } from "../tensors/matrix.ts";
import type { Tensor } from "../tensors/tensor.ts";
import { type Container, containerFor } from "./container.ts";
import type { GgufModel } from "./model/index.ts";
import type { OutputFile, OutputTensor } from "./output.ts";
import type { FilePlan, FileRequest } from "./request.ts";
import { isIdentity, type Rules, readRules } from "./rules.ts";

/** What is known of the inputs of a weight, as a run takes it. */
export type InputsOf = (weight: { name: string; cols: number }) => NonNullable<RunOrder["calibration"]>;

export interface PlannedFile {
  file: OutputFile;
  summary: FilePlan;
}

/** Types that hold no weights: indices, masks, counts. */
const INTEGERS = new Set(["BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "U64", "I64"]);

/** Says what will be written. Rejects with RecipeError or with UserError, whose sentence has the reason. */
export async function planFile(
  source: OpenSource,
  request: FileRequest,
  signal?: AbortSignal,
  inputsOf: InputsOf | null = null,
): Promise<PlannedFile> {
  const definitions = request.definitions.map((text) => parseDefinition(text));
  const rules = readRules(request.recipe, definitions);
  const live = signal ?? new AbortController().signal;
  const model = await modelFor(source, request, live);
  const container = containerFor(source, request, rules.text, model);
  const planner = new Planner(source, request, definitions, rules, container, inputsOf);
  const pace = pacer(live);
  const tensors =
    typeof model === "object" && model
      ? model.tensors
      : tensorsOf(source, request).map((tensor) => ({ tensor, from: tensor.info.name }));
  for (const { tensor, from } of tensors) {
    planner.add(tensor, from);
    await pace();
  }
  return planner.planned(signal);
}

/** The model that a whole checkpoint is, for GGUF; or why it is none that llama.cpp would run. Null where it is GGUF already, or only a part is written. */
async function modelFor(
  source: OpenSource,
  { format, tensor }: FileRequest,
  signal: AbortSignal,
): Promise<GgufModel | string | null> {
  if (format !== "gguf" || tensor || source.info.kind === "gguf" || source.files.length === 0) return null;
  const { ggufModel } = await import("./model/index.ts");
  return ggufModel(source, signal);
}

function tensorsOf(source: OpenSource, { tensor, format }: FileRequest): Tensor[] {
  if (tensor) return [underItsName(source.tensor(tensor.name))];
  const names = source.info.tensors.map(({ name }) => name);
  if (format === "npy" && names.length > 1)
    throw new UserError(`npy holds one tensor, and ${source.info.label} has ${names.length}: choose one of them.`);
  return names.map((name) => source.tensor(name));
}

/** A weight that is read in another way than usual, without the way in its name. */
function underItsName(tensor: Tensor): Tensor {
  const name = splitAddress(tensor.info.name)?.name;
  if (name === undefined || !tensor.info.stored) return tensor;
  const read: Tensor["read"] = (begin, end, signal) => tensor.read(begin, end, signal);
  return { info: { ...tensor.info, name }, notes: tensor.notes, read };
}

const GIVEN = "Results that another checkpoint gives are in its own file already: open that one to export it.";

interface Unfit {
  name: string;
  why: string;
}

/** Decoded values kept between the passes over a tensor. Larger tensors are read anew, so that memory stays flat. */
const CACHE_BYTES = 2 ** 26;

class Planner {
  readonly #cache = new TensorCache(CACHE_BYTES);
  /** What is read transposed has to be in memory as a whole. */
  readonly #transposed = new TensorCache(DECODED_BYTES);
  /** By recipe, then by rows and columns: models have many tensors of few sizes. */
  readonly #plans = new Map<Recipe, Map<string, Plan | string>>();
  readonly #outputs: OutputTensor[] = [];
  readonly #unfit: Unfit[] = [];
  readonly #leftOut: Unfit[] = [];
  /** Scales that are in the written values already. */
  readonly #multiplied = new Set<string>();
  readonly #warned: Unfit[] = [];
  #vectors = 0;
  #elements = 0;
  #memory = 0;

  constructor(
    readonly source: OpenSource,
    readonly request: FileRequest,
    readonly definitions: Definition[],
    readonly rules: Rules,
    readonly container: Container,
    readonly inputsOf: InputsOf | null,
  ) {}

  /** `from`: the name by which rules and calibrations know it. */
  add(tensor: Tensor, from: string): void {
    const { name, problem, warning, elements } = tensor.info;
    if (problem) {
      this.#leftOut.push({ name, why: problem });
      return;
    }
    if (warning) this.#warned.push({ name, why: warning });
    this.#elements += elements;
    const recipe = this.rules.recipeOf(from);
    const output = recipe && this.#applies(tensor, recipe) ? this.#quantized(tensor, recipe, from) : null;
    const kept = output ?? this.container.keep(tensor);
    this.#outputs.push(kept);
    // Blocks that are copied are multiplied by whoever reads them next.
    const copied = !kept.quantized && kept.arrays[0].dtype === tensor.blocks?.type.name;
    if (tensor.scaledBy !== undefined && !copied) this.#multiplied.add(tensor.scaledBy);
  }

  /** Of all tensors, those with less than two dimensions and integers stay; one that was named does not. */
  #applies({ info }: Tensor, recipe: Recipe): boolean {
    if (givenIndex(recipe) !== null) throw new UserError(GIVEN);
    if (isIdentity(recipe) || info.elements === 0) return false;
    if (this.request.tensor) return true;
    const applies = info.shape.length >= 2 && !INTEGERS.has(info.dtype);
    if (!applies) this.#vectors++;
    return applies;
  }

  #quantized(tensor: Tensor, recipe: Recipe, from: string): OutputTensor | null {
    const { name } = tensor.info;
    const view = this.request.tensor?.view ?? tensor.info.view;
    const cache = view.transpose ? this.#transposed : this.#cache;
    const matrix = matrixOf(tensor, view, cache, name);
    const plan = this.#planFor(recipe, matrix.rows, matrix.cols);
    const why = typeof plan === "string" ? plan : this.container.objection({ tensor, matrix, recipe, plan });
    if (why !== null) {
      this.#unfit.push({ name, why });
      return null;
    }
    this.#memory = Math.max(this.#memory, estimateBytes(plan as Plan, cache.budget));
    const order = {
      key: name,
      matrix,
      recipe: (plan as Plan).text,
      definitions: this.request.definitions,
      backend: "wasm" as const,
      ...(this.inputsOf && { calibration: this.inputsOf({ name: from, cols: matrix.cols }) }),
    };
    return this.container.write({ tensor, matrix, recipe, plan: plan as Plan, order });
  }

  /** The plan, or why there is none for this size. */
  #planFor(recipe: Recipe, rows: number, cols: number): Plan | string {
    const sizes = this.#plans.get(recipe) ?? new Map<string, Plan | string>();
    this.#plans.set(recipe, sizes);
    const key = `${rows} ${cols}`;
    const known = sizes.get(key);
    if (known !== undefined) return known;
    let plan: Plan | string;
    try {
      plan = prepareRecipe(recipe, this.definitions, rows, cols);
      memoryNote(plan);
    } catch (error) {
      if (!(error instanceof RecipeError || error instanceof UserError)) throw error;
      plan = error.message.replace(/\.$/, "");
    }
    sizes.set(key, plan);
    return plan;
  }

  async planned(signal?: AbortSignal): Promise<PlannedFile> {
    if (this.request.unfit === "refuse") this.#refuse();
    if (this.#outputs.length === 0) throw new UserError(`${this.source.info.label} has no tensor that can be read.`);
    checkNames(this.#outputs);
    const outputs = this.#outputs.filter(({ name }) => !this.#multiplied.has(name));
    const { file, config, notes } = await this.container.finish(outputs, signal);
    const quantized = outputs.filter((output) => output.quantized).length;
    const summary: FilePlan = {
      bytes: file.bytes,
      quantized,
      kept: outputs.length - quantized,
      bitsPerWeight: (8 * file.bytes) / Math.max(1, this.#elements),
      memory: this.#memory,
      recipe: this.rules.text,
      notes: [...this.#notes(), ...notes],
      config,
    };
    return { file, summary };
  }

  #refuse(): void {
    const [broken] = this.#leftOut;
    if (broken) throw new UserError(`${broken.name} cannot be read: ${broken.why}`);
    const [first, ...others] = this.#unfit;
    if (!first) return;
    const more =
      others.length === 0 ? "" : ` ${others.length} more ${others.length === 1 ? "does" : "do"} not fit either.`;
    const way = this.request.tensor ? "" : " A rule before it keeps a tensor as it is, as in *norm*=f32;*=int4/64.";
    throw new UserError(`${first.name}: ${first.why}.${more}${way}`);
  }

  #notes(): string[] {
    const notes: string[] = [];
    if (this.#warned.length > 0)
      notes.push(`warning: ${counted(this.#warned.length)} may hold codes, not values: ${listed(this.#warned)}`);
    if (this.#vectors > 0) notes.push(`kept as they are: ${counted(this.#vectors)} with one dimension or of integers`);
    if (this.#unfit.length > 0)
      notes.push(
        `kept as they are: ${counted(this.#unfit.length)} that ${this.#unfit.length === 1 ? "does" : "do"} not fit: ${listed(this.#unfit)}`,
      );
    if (this.#multiplied.size > 0)
      notes.push(`left out: ${counted(this.#multiplied.size)} that the weights were multiplied by`);
    if (this.#leftOut.length > 0)
      notes.push(`left out: ${counted(this.#leftOut.length)} that cannot be read: ${listed(this.#leftOut)}`);
    return notes;
  }
}

const counted = (n: number): string => (n === 1 ? "1 tensor" : `${n} tensors`);
const SHOWN = 3;
function listed(tensors: readonly Unfit[]): string {
  const shown = tensors.slice(0, SHOWN).map(({ name, why }) => `${name} (${why})`);
  return shown.join(", ") + (tensors.length > SHOWN ? ` and ${tensors.length - SHOWN} more` : "");
}

/** Parts of a weight have names of their own, which another tensor may have already. */
function checkNames(outputs: readonly OutputTensor[]): void {
  const owners = new Map<string, string>();
  for (const { name: owner, arrays } of outputs) {
    for (const { name } of arrays) {
      const other = owners.get(name);
      if (other !== undefined || name === "__metadata__")
        throw new UserError(
          `Two arrays of the file would be called ${name}: one of ${owner}, one of ${other ?? "the format"}.`,
        );
      owners.set(name, owner);
    }
  }
}
