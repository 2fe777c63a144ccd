/** Runs of llama-perplexity as measured points: of another program, on a text of its own. */
import { baseName } from "../../../../../workers/bytes/paths.ts";
import type { LoggedRun } from "../../../../../workers/mixes/perplexity-log.ts";
import type { MeasuredPoint } from "../measured/points.ts";

/** Those that were measured against another model's logits; a run of perplexity alone has no KL. */
export function pointsOfLog(file: string, runs: readonly LoggedRun[]): MeasuredPoint[] {
  return runs.flatMap((run, i): MeasuredPoint[] => {
    if (!run.against) return [];
    const { model, bitsPerWeight, context, chunks, against } = run;
    const over = chunks === null ? "an unknown number of chunks" : `${chunks.toLocaleString("en")} chunks`;
    const of = context === null ? "" : ` of ${context.toLocaleString("en")} tokens`;
    return [
      {
        ...{ id: `log ${file} ${i}`, kind: "log", label: model === null ? `${file}, run ${i + 1}` : baseName(model) },
        ...{ bits: bitsPerWeight, predicted: null },
        measured: { value: against.kl.value, stderr: against.kl.error },
        notes: [
          `measured by llama-perplexity over ${over}${of} of its own text (${file}): to be compared with others of the same log alone`,
          ...(bitsPerWeight === null ? ["the log does not say its size, so that it is not on the chart by size"] : []),
        ],
      },
    ];
  });
}
