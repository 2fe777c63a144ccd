/** Files of other programs, each taken for what it holds: scores, an importance matrix, a log, a checkpoint's assignment. */
import { readPerplexityLog } from "../../../../../workers/mixes/perplexity-log.ts";
import { withSignals } from "../../../../../workers/scores/imports/beside.ts";
import type { ScoreFile } from "../../../../../workers/scores/types.ts";
import { track } from "../../../../state/busy.ts";
import { messageOf } from "../../../../state/notices.ts";
import type { Workbench } from "../../../../state/workbench.ts";
import { bring, broughtOf } from "../measured/brought.ts";
import { candidateOf } from "../measured/otherMixes.ts";
import { takeScores } from "../scoring.ts";
import { withMix } from "../state.ts";
import { mixStoreOf } from "../store.ts";
import { type FileKind, kindOf } from "./kinds.ts";
import { pointsOfLog } from "./log.ts";
import { type Said, saidOf } from "./store.ts";

/** So many bytes say what a file is. */
const LOOKED_AT = 4096;

/** Takes the files one after the other; what became of each is in the store. `source`: the open one. */
export async function takeFiles(w: Workbench, source: string, files: readonly File[]): Promise<void> {
  for (const file of files) {
    let said: Said;
    try {
      const head = new Uint8Array(await file.slice(0, LOOKED_AT).arrayBuffer());
      said = { ok: true, words: await takers[kindOf(file.name, head)](w, source, file) };
    } catch (error) {
      said = { ok: false, words: messageOf(error) };
    }
    saidOf(w).setState((s) => ({ said: [said, ...s.said].slice(0, 20) }));
  }
}

type Taker = (w: Workbench, source: string, file: File) => Promise<string>;

const scores: Taker = async (w, source, file) => {
  const came = await track(w.client.call("importScores", { source, file }));
  const before = mixStoreOf(w).getState();
  const own = before.source === source ? before.scores : null;
  const names = Object.keys(came.signals).join(", ");
  const notes = came.notes.length > 0 ? ` ${came.notes.join(". ")}.` : "";
  const beside = own && besideOf(own, came);
  if (beside) {
    // Scores that are still coming would have it for some tensors alone.
    if (before.job) throw new Error(`${file.name}: the scores are still being made. Bring it when they are there.`);
    mixStoreOf(w).setState({ scores: beside, version: before.version + 1 });
    return `${file.name}: ${names} of ${came.tensors.length} tensors stand beside the scores.${notes}`;
  }
  if (came.recipes.length === 0)
    throw new Error(
      `${file.name} says one figure of each tensor (${names}), whatever the recipe: score the model first, and it stands beside the signals.`,
    );
  takeScores(w, came);
  const signal = Object.hasOwn(came.signals, "nmse") ? "nmse" : Object.keys(came.signals)[0];
  w.timeline.change((e) => withMix(e, { grid: came.recipes.join(";"), signal }));
  return `${file.name}: ${came.tensors.length} tensors under ${came.recipes.length} recipes, by ${names}. They took the place of the scores.${notes}`;
};

/** The scores with the file's signals beside their own; null where they share no recipe. */
function besideOf(own: ScoreFile, came: ScoreFile): ScoreFile | null {
  // Scores of the same kind that were made here take the place of those on the screen.
  if (came.recipes.length > 0 && Object.hasOwn(came.signals, "nmse")) return null;
  try {
    return withSignals(own, came);
  } catch {
    return null;
  }
}

/** An importance matrix is what is known of inputs, and its statistics stand beside the signals. */
const imatrix: Taker = async (w, source, file) => {
  const { scores: own } = mixStoreOf(w).getState();
  // Before it is known of the inputs: then scores are made anew, and keep what stands beside them.
  const statistics = own ? `${await scores(w, source, file)} ` : "";
  await w.calibration.openFiles([file]);
  return `${statistics}${file.name} is now what is known of the inputs: signals that need them can be scored.`;
};

const checkpoint: Taker = async (w, source, file) => {
  const info = await track(w.client.open({ kind: "files", files: [file] }));
  try {
    const { mixes, refused } = await track(w.client.call("mixPlan", { source, named: [], stored: [info.id] }));
    const [mix] = mixes;
    if (!mix) throw new Error(`${file.name}: ${refused[0].why}`);
    if (mix.rules === "")
      throw new Error(
        `${file.name}: none of its tensors stands for a quantized one of the open model. ${mix.notes.join(" ")}`.trim(),
      );
    const candidate = candidateOf({ ...mix, name: `as in ${file.name}` }, "file");
    bring(broughtOf(w), source, (s) => ({ files: [...s.files.filter(({ rules }) => rules !== mix.rules), candidate] }));
    const given = mix.tensors.filter(({ recipe }) => recipe !== "keep").length;
    return `${file.name}: its assignment has recipes for ${given} of ${mix.tensors.length} tensors, and can be measured beside the mix. ${mix.notes.join(" ")}`.trim();
  } finally {
    void w.client.close(info.id).catch(() => {});
  }
};

const log: Taker = async (w, source, file) => {
  const runs = readPerplexityLog(await file.text());
  const points = pointsOfLog(file.name, runs);
  if (points.length === 0)
    throw new Error(
      `${file.name} has perplexities alone: a divergence is measured by llama-perplexity with --kl-divergence and the logits of the model as it is.`,
    );
  bring(broughtOf(w), source, ({ logs }) => {
    const others = logs.filter(({ id }) => !points.some((point) => point.id === id));
    return { logs: [...others, ...points] };
  });
  return `${file.name}: ${points.length} measured ${points.length === 1 ? "point" : "points"} (${points.map(({ label }) => label).join(", ")}) beside the mix.`;
};

const nothing: Taker = async (_w, _source, file) => {
  throw new Error(
    `${file.name} is nothing that is read here. Expected are scores (JSON of this page, ExLlamaV3 or MLX), an importance matrix, a log of llama-perplexity, or a quantized checkpoint (GGUF, safetensors).`,
  );
};

const takers: Readonly<Record<FileKind, Taker>> = { scores, imatrix, checkpoint, log, nothing };
