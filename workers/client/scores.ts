/** Scores of a model spread over the workers: each takes some tensors at a time, and the next ones when it is done. */
import { aborted } from "../errors/abort.ts";
import type { Progress } from "../pace/progress.ts";
import type { ScoresRequest, TensorScores } from "../scores/types.ts";
import type { Pool } from "./pool.ts";

export interface ScoresOptions {
  /** Rejects with an AbortError at once and stops the work behind it within 100 ms. */
  signal?: AbortSignal;
  /** Called with each tensor's scores as soon as they are known, in no particular order. */
  onTensor?(scores: TensorScores): void;
  /** In tensors. */
  onProgress?(progress: Progress): void;
}

/** Tensors that a worker is given at a time: enough to have the next ones' rows on their way, few enough that all end together. */
const BATCH = 16;

export async function scoresOver(
  pool: Pool,
  request: ScoresRequest,
  tensors: readonly string[],
  { signal: outer, onTensor, onProgress }: ScoresOptions,
): Promise<void> {
  const stop = new AbortController();
  const signal = outer ? AbortSignal.any([outer, stop.signal]) : stop.signal;
  const workers = Math.min(pool.sharing(request.source), tensors.length);
  const total = tensors.length;
  let [next, done] = [0, 0];
  const tell = (phase: string) => onProgress?.({ done, total, unit: "tensors", phase });
  const onPart = (scores: TensorScores) => {
    if (signal.aborted) return;
    done++;
    onTensor?.(scores);
    tell(scores.tensor.name);
  };
  const loop = async (): Promise<void> => {
    while (next < total) {
      const size = Math.max(1, Math.min(BATCH, Math.ceil((total - next) / (2 * workers))));
      const names = tensors.slice(next, next + size);
      next += names.length;
      await pool.call("scores", { ...request, tensors: names }, { signal, onPart });
    }
  };
  tell("");
  const loops = Array.from({ length: workers }, () => loop());
  try {
    await Promise.all(loops);
  } catch (error) {
    stop.abort();
    await Promise.allSettled(loops);
    throw outer?.aborted ? aborted() : error;
  }
}
