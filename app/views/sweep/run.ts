/** Asks the workers for a sweep and keeps what comes in step with the page. */
import type { MatrixView } from "../../../kernels/report/report.ts";
import type { SweepPlan } from "../../../kernels/sweep/index.ts";
import type { SweepPoint, SweepRequest } from "../../../workers/jobs/sweep/request.ts";
import { findTensor, sourceOf, splitAddress } from "../../../workers/layouts/address.ts";
import type { SourceInfo } from "../../../workers/sources/info.ts";
import type { TensorInfo } from "../../../workers/tensors/info.ts";
import { withoutSmall } from "../../../workers/tensors/small.ts";
import { track } from "../../state/busy.ts";
import type { CalibrationKeeper } from "../../state/calibration.ts";
import type { Experiment } from "../../state/experiment.ts";
import type { LargeTensors } from "../../state/large.ts";
import { isAbort, messageOf } from "../../state/notices.ts";
import { givenOf, type OthersKeeper } from "../../state/others.ts";
import type { Workbench } from "../../state/workbench.ts";
import { rateOf, workOf } from "./cost.ts";
import { gather } from "./gather.ts";
import { keptPoints, missingRecipes, spread } from "./order.ts";
import { type Sweep, sweepOf } from "./state.ts";
import { type SweepRun, sweepStoreOf } from "./store.ts";

/** Stands for every tensor of the source: a link cannot hold the names of a large checkpoint. */
export const ALL = "*";

export interface SweptTensors {
  tensors: { info: TensorInfo; view: MatrixView }[];
  /** Names that this source cannot give. */
  missing: string[];
  /** Norms, biases and one-dimensional tensors among those asked for, which are left out. */
  small: string[];
}

/** The names a sweep asks for, `*` written out. */
export function namesAsked(
  { tensors }: Pick<Sweep, "tensors">,
  tensor: string | null,
  info: SourceInfo | null,
): string[] {
  if (tensors.length === 0) return tensor === null ? [] : [tensor];
  const own = new Set(info?.tensors.map((t) => t.name));
  if (!info || own.has(ALL) || !tensors.includes(ALL)) return [...new Set(tensors)];
  return info.tensors.flatMap((t) => (t.problem || t.elements === 0 ? [] : [t.name]));
}

/** The tensors a sweep is over, and names it asks for that this source cannot give or that are left out. */
export function sweptTensors(
  sweep: Pick<Sweep, "tensors" | "small">,
  { tensor, view }: Pick<Experiment, "tensor" | "view">,
  info: SourceInfo | null,
): SweptTensors {
  const wanted = namesAsked(sweep, tensor, info);
  // What a quantized weight is stored in can be asked for as well; a link may ask for thousands of names.
  const parts = info?.tensors.flatMap(({ stored }) => stored?.parts.map((part) => part.info) ?? []) ?? [];
  const captured = info?.activations?.tensors ?? [];
  const byName = new Map([...parts, ...captured, ...(info?.tensors ?? [])].map((t) => [t.name, t]));
  const found = wanted.flatMap((name) => {
    const one = byName.get(name) ?? (info && splitAddress(name) ? findTensor(info, name) : undefined);
    return !one || one.problem || one.elements === 0 ? [] : [one];
  });
  const { kept, small } = sweep.small || sweep.tensors.length === 0 ? { kept: found, small: [] } : withoutSmall(found);
  const given = new Set(found.map((t) => t.name));
  return {
    tensors: kept.map((one) => ({ info: one, view: (one.name === tensor ? view : null) ?? one.view })),
    missing: info ? wanted.filter((name) => !given.has(name)) : [],
    small: small.map((t) => t.name),
  };
}

/** What a press of Run would ask for; null where there is nothing to sweep over, or what is given is still being opened. */
export function planRun(
  experiment: Experiment,
  info: SourceInfo | null,
  plan: SweepPlan | null,
  others?: OthersKeeper,
  large?: LargeTensors,
  calibration?: CalibrationKeeper,
): SweepRun | null {
  const swept = sweepOf(experiment);
  const { tensors, small } = sweptTensors(swept, experiment, info);
  if (!info || !plan || plan.recipes.length === 0 || tensors.length === 0) return null;
  const given = plan.recipes.some((recipe) => givenOf(recipe.text) !== null);
  // What is about to be there would be missed by a run that began before it.
  if (given && others?.store.getState().list.some(({ status }) => status === "opening")) return null;
  const beside = calibration ? calibration.beside(experiment) : {};
  if (!beside) return null;
  const request: SweepRequest = {
    targets: tensors.map((t) => {
      const sample = large?.sampleFor(info, t.info);
      return {
        source: sourceOf(info, t.info),
        tensor: t.info.name,
        view: t.view,
        ...(sample && { sample }),
        ...(given && { given: others?.given({ ...t.info, view: t.view }) }),
        ...beside,
      };
    }),
    recipes: plan.recipes.map((recipe) => recipe.text),
    definitions: experiment.definitions,
    phases: swept.phases,
    backend: experiment.look.backend,
    // One tensor alone would be shown what another recipe does to it.
    ...(tensors.length > 1 && swept.fallBack && { fallBack: true }),
  };
  return {
    // What is left out is said beside the points: another list is another run, if of the same points.
    key: JSON.stringify([request, small]),
    request,
    tensors: tensors.map(({ info: { name, shape, elements } }) => ({ name, shape, elements })),
    small,
    recipes: plan.recipes,
    grid: swept.grid,
    ...varianceOf(experiment.source),
    points: [],
    notes: [],
    complete: false,
    seconds: 0,
  };
}

/** Of the generators whose values are a Gaussian's about zero. */
function varianceOf(source: Experiment["source"]): Pick<SweepRun, "variance"> {
  if (source?.kind !== "generator") return {};
  const { name, params } = source.generator;
  const { mean = 0, std = 1 } = params;
  return name === "normal" && mean === 0 ? { variance: std ** 2 } : {};
}

export const CANCELLED = "Cancelled.";

/**
 * Runs a sweep; one that is under way ends first. The run before stays, as old, until this one has ended. With `keep`,
 * what that run found for the same tensors is taken over, and only other recipes are computed.
 */
export async function startSweep(w: Workbench, planned: SweepRun, { keep = false } = {}): Promise<void> {
  const { client, source } = w;
  const sweep = sweepStoreOf(w);
  const before = sweep.getState();
  before.job?.abort();
  const job = new AbortController();
  const old = before.run?.complete ? before.run : before.old;
  const points = keep && before.run ? keptPoints(before.run, planned) : [];
  sweep.setState({ run: { ...planned, points }, old, job, progress: null, problem: null });
  const current = () => sweep.getState().job === job;
  const patch = (change: (run: SweepRun) => Partial<SweepRun>) =>
    sweep.setState(({ run }) => (run ? { run: { ...run, ...change(run) } } : {}));
  const gathered = gather<SweepPoint>((more) => current() && patch((run) => ({ points: [...run.points, ...more] })));
  // Another source takes the place of the one that is being read.
  const unwatch = source.store.subscribe(({ info }) => {
    if (info?.id !== planned.request.targets[0].source) job.abort();
  });
  try {
    const order = spread(planned.recipes, missingRecipes(planned, points));
    const recipes = order.map((i) => planned.request.recipes[i]);
    const kept = { notes: points.length > 0 ? (before.run?.notes ?? []) : [], seconds: 0 };
    const { notes, seconds } =
      recipes.length === 0
        ? kept
        : await track(
            client.sweep(
              { ...planned.request, recipes },
              {
                signal: job.signal,
                onPoints: (more) => gathered.add(more.map((point) => ({ ...point, recipe: order[point.recipe] }))),
                onProgress: (progress) => current() && sweep.setState({ progress }),
              },
            ),
          );
    gathered.flush();
    if (!current()) return;
    patch(() => ({ notes: [...new Set([...kept.notes, ...notes])], seconds, complete: true }));
    const part = workOf({ ...planned, recipes: order.map((i) => planned.recipes[i]) });
    const rate = rateOf(part, seconds) ?? sweep.getState().rate;
    sweep.setState({ job: null, progress: null, old: null, rate });
  } catch (error) {
    gathered.flush();
    if (!current()) return;
    sweep.setState({ job: null, progress: null, problem: isAbort(error) ? CANCELLED : messageOf(error) });
  } finally {
    unwatch();
  }
}
