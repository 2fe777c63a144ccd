/** Scores asked of the workers: what they would read, their rows as they come, files of them saved and opened again. */

import { signalNamed } from "../../../../kernels/signals/index.ts";
import { carried } from "../../../../workers/scores/carry.ts";
import { factsFor, fileOf, known, readScores } from "../../../../workers/scores/file.ts";
import { checkSame } from "../../../../workers/scores/fingerprint.ts";
import type {
  ScoreFile,
  ScoresFingerprint,
  ScoresPlan,
  ScoresRequest,
  TensorScores,
} from "../../../../workers/scores/types.ts";
import type { SourceInfo } from "../../../../workers/sources/info.ts";
import { download } from "../../../files/download.ts";
import { track } from "../../../state/busy.ts";
import { isAbort, messageOf } from "../../../state/notices.ts";
import { CANCELLED } from "../../../state/results.ts";
import type { Workbench } from "../../../state/workbench.ts";
import { needWords, valueSignals } from "./signals.ts";
import type { MixState } from "./state.ts";
import { mixStoreOf } from "./store.ts";

/** What a press of Score would ask for. */
export interface PlannedScores {
  key: string;
  request: ScoresRequest;
}

export function planScores(
  state: MixState,
  info: SourceInfo,
  recipes: readonly string[],
  definitions: readonly string[],
  calibration: string | undefined,
): PlannedScores {
  const wanted = [...new Set(["nmse", state.signal, ...state.also])];
  const request: ScoresRequest = {
    source: info.id,
    recipes: [...recipes],
    definitions: [...definitions],
    // What needs inputs that are not there is said where it is chosen; the rest is scored.
    signals: wanted.filter((name) => {
      const signal = signalNamed(name);
      return valueSignals.has(name) && signal !== undefined && needWords(signal, calibration !== undefined) === null;
    }),
    kinds: {
      ...{ small: state.kinds.includes("small"), embeddings: state.kinds.includes("embeddings") },
      ...{ head: state.kinds.includes("head"), experts: state.kinds.includes("experts") ? "each" : "one" },
    },
    only: [],
    share: state.share === 0 ? null : state.share / 1000,
    seed: state.seed,
    wholeStatistics: false,
    budget: null,
    ...(calibration !== undefined && { calibration }),
  };
  return { key: JSON.stringify(request), request };
}

/** What a request would read, asked of the workers. A request that makes no sense has its reason as the problem. */
export async function foreseeScores(w: Workbench, { key, request }: PlannedScores, signal: AbortSignal): Promise<void> {
  const store = mixStoreOf(w);
  const tell = (plan: ScoresPlan | null, problem: string | null) =>
    !signal.aborted && store.setState({ plan: { key, plan, problem } });
  try {
    tell(await track(w.client.call("scoresPlan", request, { signal })), null);
  } catch (error) {
    if (!isAbort(error)) tell(null, messageOf(error));
  }
}

/** So many values under so many recipes, a second's work or two, are scored by themselves; of an address so many bytes. */
const AT_ONCE = { values: 1e9, bytes: 6.4e7, tensors: 4000 };

export const beginsAlone = ({ tensors, recipes, bytesRead }: ScoresPlan, remote: boolean): boolean =>
  (!remote || bytesRead <= AT_ONCE.bytes) &&
  tensors.length <= AT_ONCE.tensors &&
  recipes.length *
    tensors.reduce((sum, { elements, rows, rowsRead }) => sum + (rows > 0 ? (elements * rowsRead) / rows : 0), 0) <=
    AT_ONCE.values;

/** Between two looks at what came; the more there is, the longer it takes to put together and to draw. */
const EVERY_MS = 120;
const EVERY_MS_A_ROW = 0.05;

/**
 * Scores what the plan names, but what `earlier` scores have already. Whatever came stays, however it ends.
 */
export async function startScores(
  w: Workbench,
  { key, request }: PlannedScores,
  plan: ScoresPlan,
  { label, calibration }: { label: string; calibration: ScoreFile["calibration"] },
): Promise<void> {
  const store = mixStoreOf(w);
  const before = store.getState();
  before.job?.abort();
  const job = new AbortController();
  const facts = factsFor(plan, request, label, calibration);
  const rows: TensorScores[] = [];
  if (before.scores) rows.push(...knownRows(before.scores, facts, plan, request.signals));
  store.setState({ job, begun: key, key, complete: false, problem: null, progress: null });
  const current = () => store.getState().job === job;
  const order = plan.tensors.map(({ name }) => name);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let took = 0;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (!current() || rows.length === 0) return;
    const began = performance.now();
    const made = fileOf(facts, rows, { planned: plan.tensors, signals: request.signals });
    // What stood beside the scores before has figures of tensors that are not here yet; what was added meanwhile stands beside these.
    const scores = carried(carried(made, before.scores), store.getState().scores);
    took = performance.now() - began;
    store.setState(({ version }) => ({ scores, version: version + 1 }));
  };
  const there = new Set(rows.map(({ tensor }) => tensor.name));
  const missing = order.filter((name) => !there.has(name));
  if (missing.length < order.length) flush();
  try {
    await track(
      w.client.scores(request, missing, {
        signal: job.signal,
        onTensor: (one) => {
          rows.push(one);
          timer ??= setTimeout(flush, Math.max(EVERY_MS + EVERY_MS_A_ROW * rows.length, 4 * took));
        },
        onProgress: (progress) => current() && store.setState({ progress }),
      }),
    );
    flush();
    if (current()) store.setState({ job: null, progress: null, complete: true });
  } catch (error) {
    flush();
    if (current())
      store.setState({ job: null, progress: null, problem: isAbort(error) ? CANCELLED : messageOf(error) });
  }
}

/** Rows of scores on the screen that need not be made again; none where they are of another checkpoint. */
function knownRows(...[file, facts, plan, signals]: Parameters<typeof known>): TensorScores[] {
  try {
    return known(file, facts, plan, signals);
  } catch {
    return [];
  }
}

/** Puts scores that were made elsewhere in the place of those on the screen: of another file, with another signal, or imported. */
export function takeScores(w: Workbench, scores: ScoreFile): void {
  const store = mixStoreOf(w);
  store.getState().job?.abort();
  store.setState(({ version }) => ({
    ...{ scores, version: version + 1, key: null, complete: true, job: null, progress: null, problem: null },
  }));
}

/** Opens a file of scores. Rejects with a sentence for what is none, and for one of another checkpoint. */
export async function openScores(w: Workbench, file: File): Promise<ScoreFile> {
  const scores = readScores(await file.text(), file.name);
  checkSame(scores.fingerprint, await fingerprintOpen(w));
  takeScores(w, scores);
  return scores;
}

/** Of the open checkpoint: the plan has it, and where there is none yet (the grid cannot be read) it is asked for by itself. */
async function fingerprintOpen(w: Workbench): Promise<ScoresFingerprint> {
  const { plan, source } = mixStoreOf(w).getState();
  if (plan?.plan) return plan.plan.fingerprint;
  const request: ScoresRequest = {
    ...{ source: source ?? "", recipes: ["int8"], definitions: [], signals: ["nmse"], only: [], share: 1, seed: 0 },
    kinds: { small: true, embeddings: true, head: true, experts: "one" },
    ...{ wholeStatistics: false, budget: null },
  };
  return (await track(w.client.call("scoresPlan", request))).fingerprint;
}

/** As pieces: the text of half a million tensors would be longer than a string can be. */
export function scoresBlob(scores: ScoreFile): Blob {
  const { tensors, signals, ...facts } = scores;
  const head = JSON.stringify({ ...facts, tensors: [], signals: {} }).replace(/"tensors":\[\],"signals":\{\}\}$/, "");
  const pieces: string[] = [head, '"tensors":['];
  const list = (rows: readonly unknown[]) => {
    for (let i = 0; i < rows.length; i += 1000) {
      const part = rows.slice(i, i + 1000).map((row) => JSON.stringify(row));
      pieces.push(`${i > 0 ? "," : ""}${part.join(",\n")}`);
    }
  };
  list(tensors);
  pieces.push('],"signals":{');
  for (const [k, [name, { values, error, ...about }]] of Object.entries(signals).entries()) {
    pieces.push(`${k > 0 ? "," : ""}${JSON.stringify(name)}:{"values":[`);
    list(values);
    if (error) {
      pieces.push('],"error":[');
      list(error);
    }
    pieces.push(`],${JSON.stringify(about).slice(1)}`);
  }
  pieces.push("}}\n");
  return new Blob(pieces, { type: "application/json" });
}

export const saveScores = (scores: ScoreFile): void =>
  download(scoresBlob(scores), `${scores.source.replace(/[^\w.-]+/g, "-") || "model"}.scores.json`, "application/json");
