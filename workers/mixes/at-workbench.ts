/** Mixes of the sources that are open on a workbench. */
import { RecipeError } from "../../kernels/grammar/errors.ts";
import { parseDefinition } from "../../kernels/notation/index.ts";
import { UserError } from "../errors/user-error.ts";
import { pacer } from "../pace/pace.ts";
import type { OpenSource } from "../sources/open.ts";
import type { Workbench } from "../workbench/workbench.ts";
import { assignmentOf } from "./assignment.ts";
import { exportMix } from "./exports/index.ts";
import { type FileType, fileTypeNamed } from "./llama/file-types.ts";
import { mixModel } from "./model.ts";
import { namedMix } from "./named.ts";
import { mixSize } from "./size.ts";
import { storedMix, transferred } from "./stored.ts";
import type { Mix, MixExport, MixExportRequest, MixModel, MixPlan, MixPlanRequest, MixSizeRequest } from "./types.ts";

const models = new WeakMap<OpenSource, Promise<MixModel>>();

/** The model in an open source, told once. Rejects with UserError, or with AbortError. */
export async function modelAt(workbench: Workbench, id: string, signal: AbortSignal): Promise<MixModel> {
  const source = await workbench.source(id);
  const known = models.get(source);
  if (known) return known;
  const made = mixModel(source, () => workbench.model(id, signal), signal);
  models.set(source, made);
  made.catch(() => models.delete(source));
  return made;
}

/** The mixes that are asked for. One that cannot be is named with its reason, and the others come. */
export async function plannedMixes(
  request: MixPlanRequest,
  workbench: Workbench,
  signal: AbortSignal,
): Promise<MixPlan> {
  const model = await modelAt(workbench, request.source, signal);
  const mixes: Mix[] = [];
  const refused: MixPlan["refused"] = [];
  const add = (name: string, make: () => Mix) => {
    try {
      mixes.push(make());
    } catch (error) {
      if (!(error instanceof UserError || error instanceof RecipeError)) throw error;
      refused.push({ name, why: error.message });
    }
  };
  const pace = pacer(signal);
  for (const name of request.named) {
    await pace();
    const fileType = fileTypeNamed(name);
    add(name, () => namedMix(model, known(fileType, name), { imatrix: request.imatrix ?? false }));
  }
  for (const id of request.stored ?? []) {
    const { info } = await workbench.source(id);
    add(info.label, () => (id === request.source ? storedMix(info) : transferred(storedMix(info), model)));
  }
  return { model, mixes, refused };
}

function known(fileType: FileType | undefined, name: string): FileType {
  if (fileType) return fileType;
  throw new UserError(`llama-quantize has no type "${name}".`);
}

export async function exportedMix(
  request: MixExportRequest,
  workbench: Workbench,
  signal: AbortSignal,
): Promise<MixExport> {
  const model = await modelAt(workbench, request.source, signal);
  const definitions = request.definitions.map((text) => parseDefinition(text));
  return exportMix(request.tool, assignmentOf(model, request.rules, definitions));
}

export async function sizeAt(request: MixSizeRequest, workbench: Workbench, signal: AbortSignal) {
  const { source: id, rules, definitions, format, dtype = null, unfit = "refuse", cache = null } = request;
  const source = await workbench.source(id);
  const file = { source: id, tensor: null, recipe: rules, definitions, format, dtype, unfit };
  const model = await modelAt(workbench, id, signal);
  const parsed = definitions.map((text) => parseDefinition(text));
  return mixSize(source, model, file, cache, parsed, signal);
}
