/** A part of a sweep: some recipes over one tensor. Each gives a point, with its figures or with why there are none. */

import type { ActivationsRecipe } from "../../../kernels/backends/options.ts";
import type { Calibration } from "../../../kernels/calibration/types.ts";
import { type CalibrationUse, usedOf } from "../../../kernels/calibration/use.ts";
import type { Given } from "../../../kernels/engine/given.ts";
import { planGiven } from "../../../kernels/engine/given.ts";
import type { Definition } from "../../../kernels/grammar/ast.ts";
import { RecipeError } from "../../../kernels/grammar/errors.ts";
import { prepareRecipe } from "../../../kernels/index.ts";
import { LinalgError } from "../../../kernels/linalg/errors.ts";
import type { MatrixSource } from "../../../kernels/matrix/source.ts";
import { parseDefinition, parseRecipe, printRecipe } from "../../../kernels/notation/index.ts";
import type { Plan } from "../../../kernels/plan/plan.ts";
import { withoutMisfits } from "../../../kernels/prepare/fit.ts";
import type { BackendName } from "../../../kernels/report/report.ts";
import {
  givenSweep,
  type MatrixSweep,
  referenceSweep,
  type SweepBackend,
  type SweepOutcome,
  sweepMatrix,
} from "../../../kernels/sweep/index.ts";
import type { AnySweep, SweepBackends, SweepChoice } from "../../backends/sweeps.ts";
import { plainError } from "../../errors/plain-error.ts";
import { UserError } from "../../errors/user-error.ts";
import { type JobControl, pacer } from "../../pace/pace.ts";
import { parseActivations } from "../../runs/activations.ts";
import { type GivenMatrices, givenFor, takesGiven } from "../../runs/given.ts";
import { type Inputs, noInputs, withReason } from "../../runs/inputs.ts";
import { memoryNote } from "../../runs/memory.ts";
import type { Target } from "../../runs/target.ts";
import type { SweepPart, SweepReply } from "./request.ts";

type Point = SweepReply["points"][number];

/** A recipe that can run: its place in the part, and who runs it. */
interface Runnable {
  index: number;
  /** Of the recipe that was asked for, canonical. */
  text: string;
  /** What runs in its place. */
  instead: Point["instead"];
  plan: Plan;
  given: Given | null;
  backend: AnySweep;
}

/**
 * Evaluates a part. Rejects with AbortError when cancelled and for nothing else: a recipe that cannot be read or run, or
 * a tensor that cannot be opened, gives points that say so. `given` opens what recipes that take given results find them in,
 * `openInputs` what is known of the weight's inputs.
 */
export async function sweepPart(
  part: Omit<SweepPart, "target"> & Pick<Target, "activations">,
  open: () => Promise<MatrixSource>,
  backends: SweepBackends,
  control: JobControl,
  given: () => Promise<GivenMatrices> = async () => [],
  openInputs: (control: JobControl) => Promise<Inputs> = async () => noInputs,
): Promise<SweepReply> {
  const { signal } = control;
  const pace = pacer(signal);
  const points = part.recipes.map((text) => failed(text, ""));
  const notes = new Set<string>();
  let inputs = noInputs;
  const fail = (index: number, error: unknown) => {
    if (isAbort(error)) throw error;
    points[index] = failed(points[index].text, sentence(withReason(error, inputs)));
  };
  const failAll = (error: unknown) => {
    points.forEach((_, i) => void fail(i, error));
    return { points, notes: [] };
  };
  let source: MatrixSource;
  let definitions: Definition[];
  let calibration: Calibration | null;
  let activations: ActivationsRecipe | null;
  try {
    source = await open();
    inputs = await openInputs(control);
    calibration = inputs.calibration;
    definitions = part.definitions.map((text) => parseDefinition(text));
    activations =
      part.activations === undefined || !calibration ? null : parseActivations(part.activations, definitions);
  } catch (error) {
    return failAll(error);
  }
  const choose: Run["choose"] = (one, passed) =>
    calibration
      ? backends.chooseCalibrated(part.backend, one.plan, { calibration, activations }, passed, one.given)
      : backends.choose(part.backend, one.plan, passed);
  const runnable: Runnable[] = [];
  for (const [index, text] of part.recipes.entries()) {
    try {
      const recipe = parseRecipe(text, { definitions });
      points[index].text = printRecipe(recipe, { definitions });
      const fitted = part.fallBack ? withoutMisfits(recipe, definitions, source.cols) : null;
      const plan = prepareRecipe(fitted?.recipe ?? recipe, definitions, source.rows, source.cols);
      const instead = fitted ? { text: plan.text, reason: fitted.reason } : undefined;
      const known = { index, text: points[index].text, instead };
      if (takesGiven(recipe)) {
        const results = givenFor(recipe, await given());
        const whole = planGiven(plan, results);
        if (results.claim) for (const note of whole.notes.slice(plan.notes.length)) notes.add(note);
        const one = { ...known, plan: whole, given: results };
        const backend = calibration ? (await choose(one, new Set())).backend : givenSweep(results);
        runnable.push({ ...one, backend });
        continue;
      }
      memoryNote(plan);
      const { backend, note } = await choose({ plan, given: null }, new Set());
      if (note !== null) notes.add(note);
      runnable.push({ ...known, plan, given: null, backend });
    } catch (error) {
      fail(index, error);
    }
  }
  const run: Run = { choose, source, phases: part.phases, pace, points, notes, fail, backends, asked: part.backend };
  await runGroups(runnable, run, new Set());
  signal.throwIfAborted();
  const used = calibration && usedOf(calibration);
  const told = used ? [usedNote(used, part.activations), ...calibration!.notes] : [];
  for (const note of [...source.notes, ...told, ...(inputs.why === null ? [] : [inputs.why])]) notes.add(note);
  return { points, notes: [...notes], ...(used && { calibration: used }) };
}

/** Where figures that used a calibration have it from. */
const usedNote = ({ name, kind, tokens }: CalibrationUse, activations: string | undefined): string => {
  const over = tokens === null ? kind : `${kind}, ${tokens} tokens`;
  return `inputs are those of ${name} (${over})${activations === undefined ? "" : `, activations quantized by ${activations}`}`;
};

/** What the runs of a part share. */
interface Run {
  choose(one: Pick<Runnable, "plan" | "given">, passed: ReadonlySet<BackendName>): Promise<SweepChoice>;
  source: MatrixSource;
  phases: number;
  pace(): Promise<void>;
  points: Point[];
  notes: Set<string>;
  fail(index: number, error: unknown): void;
  backends: SweepBackends;
  asked: BackendName | null;
}

/** Runs recipes with those that share their backend; those over which backends were passed go to the next. */
async function runGroups(runnable: readonly Runnable[], run: Run, passed: ReadonlySet<BackendName>): Promise<void> {
  for (const backend of new Set(runnable.map((one) => one.backend))) {
    const members = runnable.filter((one) => one.backend === backend);
    if ("totals" in backend) await runOnMatrix(members, backend, run, passed);
    else await runTogether(members, backend, run);
  }
}

/**
 * Runs recipes on a backend that takes whole matrices. A GPU that is lost or fails meanwhile is tried again, at most
 * twice; then, or where it leaves the matrix to others, the next backend takes over.
 */
async function runOnMatrix(
  members: readonly Runnable[],
  backend: MatrixSweep,
  run: Run,
  passed: ReadonlySet<BackendName>,
): Promise<void> {
  const { source, phases, pace, points, backends, notes } = run;
  const note = (text: string) => void notes.add(text);
  const others = new Set([...passed, backend.name]);
  const declined: Runnable[] = [];
  const taken: Runnable[] = [];
  try {
    for (const one of members) {
      const why = await backend.declines(source, one.plan, pace);
      (why === null ? taken : declined).push(one);
      if (why !== null && run.asked === backend.name)
        notes.add(`the ${backend.name} backend ${why}: the CPU computed this`);
    }
    const plans = taken.map((one) => one.plan);
    const outcomes = plans.length > 0 ? await sweepMatrix(source, plans, { backend, pace, phases, note }) : [];
    taken.forEach((one, i) => {
      points[one.index] = point(one, outcomes[i], backend.name);
    });
  } catch (error) {
    if (isAbort(error)) throw error;
    // What whole reports are made by on the reference has nobody to go to.
    if (isForPerson(error) || backend.name === "reference") {
      return members.forEach(({ index }) => void run.fail(index, error));
    }
    const more = backends.failed(backend.name, sentence(error));
    if (!more) notes.add(`the ${backend.name} backend failed (${sentence(error)}): the CPU computed this`);
    const next = more ? passed : others;
    return runGroups(await again(members, run, next), run, next);
  }
  await runGroups(await again(declined, run, others), run, others);
}

/** The recipes with the backends that take them now. */
async function again(members: readonly Runnable[], run: Run, passed: ReadonlySet<BackendName>): Promise<Runnable[]> {
  const chosen: Runnable[] = [];
  for (const one of members) {
    const { backend, note } = await run.choose(one, passed);
    if (note !== null) run.notes.add(note);
    chosen.push({ ...one, backend });
  }
  return chosen;
}

/**
 * Runs recipes that share a backend. Where one of them brings the others down, each runs by itself, and what a fast
 * backend cannot do the reference does.
 */
async function runTogether(members: readonly Runnable[], backend: SweepBackend, run: Run): Promise<void> {
  const { source, phases, pace, points } = run;
  const plans = members.map((one) => one.plan);
  try {
    const outcomes = await sweepMatrix(source, plans, { backend, pace, phases });
    members.forEach((one, i) => {
      points[one.index] = point(one, outcomes[i], backend.name);
    });
  } catch (error) {
    if (isAbort(error)) throw error;
    if (members.length > 1) {
      for (const one of members) await runTogether([one], backend, run);
      return;
    }
    if (backend === referenceSweep || isForPerson(error)) {
      return run.fail(members[0].index, error);
    }
    run.notes.add(`the ${backend.name} backend failed (${sentence(error)}): the CPU computed this`);
    await runTogether(members, referenceSweep, run);
  }
}

const point = ({ text, instead }: Runnable, outcome: SweepOutcome, backend: BackendName): Point => ({
  text,
  ...outcome,
  backend,
  error: null,
  ...(instead && { instead }),
});

const failed = (text: string, error: string): Point => ({
  text,
  metrics: null,
  measured: null,
  phase: null,
  backend: null,
  error,
});

/** Failures that every backend would meet. */
const isForPerson = (error: unknown): boolean =>
  error instanceof RecipeError || error instanceof UserError || error instanceof LinalgError;

const isAbort = (error: unknown) => error instanceof Error && error.name === "AbortError";

/** A failure as a sentence for the person. */
function sentence(cause: unknown): string {
  const error = plainError(cause);
  const message = error instanceof Error ? error.message : String(error);
  const where = error instanceof RecipeError && error.column !== null ? `column ${error.column}: ` : "";
  return where + message;
}
