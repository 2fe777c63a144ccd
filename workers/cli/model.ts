/** `model MODEL`: scores of every tensor under a grid of recipes, and the best mix of them for a budget. */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { parseDefinition } from "../../kernels/notation/index.ts";
import { signalNamed } from "../../kernels/signals/index.ts";
import { expandSweep, parseSweep } from "../../kernels/sweep/index.ts";
import { UserError } from "../errors/user-error.ts";
import { carried } from "../scores/carry.ts";
import { calibrationFacts, factsFor, fileOf, known, readScores } from "../scores/file.ts";
import { planOf } from "../scores/plan.ts";
import { isScored, NMSE } from "../scores/signals.ts";
import { KEEP_CHOICE } from "../scores/table.ts";
import { type ScoreFile, type ScoresRequest, type TensorScores, USUAL_KINDS } from "../scores/types.ts";
import { bytesArgument, wholeArgument } from "./amounts.ts";
import { CALIBRATION_OPTIONS, openCalibrationArgument } from "./calibration.ts";
import { exportArguments, writeExports } from "./mix-export.ts";
import { allocate, cacheAsked, mixArguments } from "./model-mix.ts";
import { MODEL_SIGNAL_OPTIONS, modelSignal, scoreByModel } from "./model-signals.ts";
import { MODULE_OPTIONS, openModules } from "./modules.ts";
import { complain, jsonLine, say } from "./say.ts";
import { ScoreThreads } from "./score-run.ts";
import { notesOf, planLines, scoresJson, scoresText } from "./scores-text.ts";
import { onlyFile, openArgument } from "./source.ts";
import { Outputs } from "./write.ts";

const OPTIONS = {
  recipes: { type: "string" },
  define: { type: "string", multiple: true, default: [] as string[] },
  signal: { type: "string" },
  share: { type: "string" },
  seed: { type: "string" },
  only: { type: "string", multiple: true, default: [] as string[] },
  "with-small": { type: "boolean", default: false },
  "with-embeddings": { type: "boolean", default: false },
  "with-head": { type: "boolean", default: false },
  experts: { type: "string" },
  "whole-statistics": { type: "boolean", default: false },
  memory: { type: "string" },
  threads: { type: "string" },
  budget: { type: "string" },
  context: { type: "string" },
  "kv-recipe": { type: "string" },
  "cache-recipes": { type: "string" },
  runtime: { type: "string" },
  fresh: { type: "boolean", default: false },
  out: { type: "string" },
  scores: { type: "string" },
  assign: { type: "string" },
  "assign-kv": { type: "string" },
  export: { type: "string", multiple: true, default: [] as string[] },
  json: { type: "boolean", default: false },
} as const;

export async function model(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    ...{ args, allowPositionals: true },
    options: { ...OPTIONS, ...MODULE_OPTIONS, ...CALIBRATION_OPTIONS, ...MODEL_SIGNAL_OPTIONS },
  });
  const { json, out, assign, "assign-kv": assignKv } = values;
  const file = onlyFile("model", positionals);
  const mix = mixArguments(values);
  const exported = exportArguments(values.export);
  if (exported.length > 0 && !mix.budget)
    throw new UserError("--export is about a mix for a budget: say it with --budget 4.25 or --budget 4.2GB.");
  const modules = await openModules(values.wasm, values.define);
  const earlier = values.scores === undefined ? null : await scoresAt(values.scores);
  const source = await openArgument(file);
  const calibration = await openCalibrationArgument(values);
  const outputs = new Outputs();
  try {
    const request = requestOf(values, modules.definitions, earlier, calibration !== null);
    const plan = await planOf(source.info, request);
    const of = calibration && calibrationFacts(calibration.info);
    const facts = factsFor(plan, request, source.info.label, of);
    const rows: TensorScores[] = earlier ? known(earlier, facts, plan, request.signals) : [];
    const done = new Set(rows.map(({ tensor }) => tensor.name));
    const names = plan.tensors.flatMap(({ name }) => (done.has(name) ? [] : [name]));
    if (out !== undefined) await outputs.claim(out, "--out");
    if (assign !== undefined) await outputs.claim(assign, "--assign");
    if (assignKv !== undefined) await outputs.claim(assignKv, "--assign-kv");
    for (const { path } of exported) await outputs.claim(path, "--export");
    if (!json) for (const line of planLines(plan, done.size, names.length)) say(line);
    let byModel: ScoreFile | null = null;
    const scoresOf = (): ScoreFile =>
      byModel ?? carried(fileOf(facts, rows, { planned: plan.tensors, signals: request.signals }), earlier);
    const cache = await cacheAsked(mix, scoresOf().cache, request.definitions, source);
    if (assignKv !== undefined && !cache)
      throw new UserError("--assign-kv is about keys and values that are chosen by layer: say --cache-recipes.");
    const save = async () => {
      if (out === undefined) return;
      await outputs.write(out, "--out", [new TextEncoder().encode(`${JSON.stringify(scoresOf())}\n`)]);
    };
    const threads = new ScoreThreads({
      ...{ source, argument: file, calibration: values, inputs: calibration },
      threads: modules.notes.length > 0 ? 1 : wholeArgument("--threads", values.threads, null),
      work: names.length * plan.recipes.length,
    });
    const stop = stopping();
    try {
      const give = (one: TensorScores) => {
        rows.push(one);
        tell(rows.length, plan.tensors.length);
      };
      await threads.score(request, names, give, stop.signal);
    } catch (error) {
      // What was computed stays, and is taken up again by --scores.
      threads.end();
      tellEnd();
      await save();
      const kept =
        out === undefined
          ? ""
          : ` ${rows.length} of ${plan.tensors.length} tensors are in ${out}: go on with --scores ${out}.`;
      if (stop.signal.aborted) throw new UserError(`Stopped.${kept}`);
      if (error instanceof UserError) throw new UserError(`${error.message}${kept}`);
      throw error;
    } finally {
      stop.end();
    }
    tellEnd();
    await save();
    const missing = modelSignal(values.signal, scoresOf());
    if (missing || cache) {
      const control = { signal: new AbortController().signal, say: json ? () => {} : say };
      byModel = await scoreByModel(scoresOf(), missing, cache, source, calibration, values, control);
      await save();
    }
    const scores = scoresOf();
    const fresh = values.fresh
      ? (part: ScoresRequest, tensors: readonly string[], give: (one: TensorScores) => void) =>
          threads.score(part, tensors, give, new AbortController().signal)
      : null;
    const found = await allocate(scores, request, mix, cache && scores.cache!, source, fresh);
    threads.end();
    if (assign !== undefined && found) {
      await outputs.write(assign, "--assign", [new TextEncoder().encode(`${found.rules.replaceAll(";", ";\n")}\n`)]);
    }
    if (assignKv !== undefined && found?.cache) {
      await outputs.write(assignKv, "--assign-kv", [new TextEncoder().encode(`${found.cache.rules}\n`)]);
    }
    if (found) {
      const defined = request.definitions.map((text) => parseDefinition(text));
      found.notes.push(...(await writeExports(exported, source, found.rules, defined, outputs)));
    }
    if (json) process.stdout.write(jsonLine(scoresJson(scores, plan, found, mix.signal)));
    else process.stdout.write(scoresText(scores, found, mix.signal));
    if (!json) for (const note of notesOf(scores)) complain(note);
  } finally {
    calibration?.close();
    source.close();
  }
}

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

function requestOf(
  values: Values,
  definitions: string[],
  earlier: ScoreFile | null,
  calibrated: boolean,
): ScoresRequest {
  const listed = values.recipes === undefined ? null : recipesOf(values.recipes, definitions);
  if (!listed && !earlier) {
    throw new UserError(
      'model needs a grid of recipes, --recipes "int4/128;nvfp4;q4_k", or scores that have one, --scores FILE.',
    );
  }
  const share = values.share === undefined ? null : Number(values.share);
  if (share !== null && !(share > 0 && share <= 1)) {
    throw new UserError(`--share is a share of the rows, above 0 and at most 1, not "${values.share}".`);
  }
  const experts = values.experts ?? USUAL_KINDS.experts;
  if (experts !== "one" && experts !== "each")
    throw new UserError(`--experts is one or each, not "${values.experts}".`);
  return {
    source: "",
    recipes: listed ?? earlier!.recipes,
    definitions: definitions.length > 0 || !earlier ? definitions : earlier.definitions,
    signals: signalsOf(values.signal, earlier),
    kinds: {
      small: values["with-small"]!,
      embeddings: values["with-embeddings"]!,
      head: values["with-head"]!,
      experts,
    },
    only: values.only!,
    share: share ?? earlier?.share ?? null,
    seed: wholeArgument("--seed", values.seed, earlier?.seed ?? 0, 0),
    wholeStatistics: values["whole-statistics"]!,
    budget: bytesArgument("--memory", values.memory, null),
    ...(calibrated && { calibration: "" }),
  };
}

/** A list of recipes, or a grid as sweeps have it. `keep` is understood. Throws RecipeError. */
function recipesOf(text: string, definitionTexts: readonly string[]): string[] {
  const listed = text.split(";").map((one) => one.trim());
  const grid = listed.filter((one) => one !== "" && one !== KEEP_CHOICE).join(";");
  const definitions = definitionTexts.map((one) => parseDefinition(one));
  return grid === ""
    ? []
    : expandSweep(parseSweep(grid, { definitions }), { definitions }).recipes.map((one) => one.text);
}

/** nmse, which all scores have, and the one that was asked for, unless the scores that are gone on with bring it. */
function signalsOf(name: string | undefined, earlier: ScoreFile | null): string[] {
  const there = name !== undefined && earlier && Object.hasOwn(earlier.signals, name) ? earlier.signals[name] : null;
  // What another program made is taken as it is; what was made of rows is made again where these are others.
  if (name === undefined || (there && !isScored(name, there))) return [NMSE];
  const signal = signalNamed(name);
  if (!signal) throw new UserError(`There is no signal "${name}".`);
  // The model is run for it when all else is known.
  if (modelSignal(name, null)) return [NMSE];
  return [...new Set([NMSE, name])];
}

async function scoresAt(path: string): Promise<ScoreFile> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new UserError(
      `--scores: ${path} could not be read: ${error.code === "ENOENT" ? "there is no such file" : error.message}.`,
    );
  });
  return readScores(text, path);
}

/** Ctrl-C stops the scoring, once: what was computed is written first. */
function stopping(): { signal: AbortSignal; end(): void } {
  const stop = new AbortController();
  const cancel = () => stop.abort();
  process.once("SIGINT", cancel);
  return { signal: stop.signal, end: () => void process.off("SIGINT", cancel) };
}

const tell = (done: number, total: number): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${done} of ${total} tensors`);
};
const tellEnd = (): void => {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
};
