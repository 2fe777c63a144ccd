/** Gradients of the loss at the outputs of linear layers, summed up as g g^T, from the last layer to the first. */
import { finiteTokens, tokensAt } from "../../kernels/calibration/index.ts";
import { type Dense, dense, type GramSum, matrixBytes, startGram } from "../../kernels/linalg/index.ts";
import type { GradientTaps, Hidden, Part } from "../../kernels/network/index.ts";
import { formatBytes } from "../bytes/format-bytes.ts";
import { UserError } from "../errors/user-error.ts";
import type { BoundPart, StoredMatrix } from "../models/model.ts";
import type { CapturedGradients, CapturedLayer, Running } from "./capture.ts";
import type { Stream } from "./stream.ts";

interface OutputSum {
  name: string;
  gram: GramSum;
  tokens: number;
  leftOut: number;
  /** The row of the stored matrix that each output comes from; null where they are in its order. */
  rows: Uint32Array | null;
}

/**
 * The loss is the sum over predictions of the negative log-likelihood, in nats. `entering`: of each layer the windows before it. Rejects
 * with UserError where the sums of a layer are more than the budget, or with AbortError.
 */
export async function captureGradients(
  behind: Stream,
  entering: Float32Array[][],
  run: Running,
  give: (layer: CapturedLayer) => Promise<void>,
): Promise<void> {
  const { model, network, options, control, progress, ends } = run;
  const gradients: Hidden[] = [];
  try {
    for (const [w, { targets }] of options.windows.entries()) {
      const { gradient } = await network.loss(ends, behind.hidden[w], targets);
      gradients.push(gradient);
      await progress.pace();
    }
    for (let layer = model.architecture.layers - 1; layer >= 0; layer--) {
      progress.enter(layer, "gradients of layer");
      const sums = await startOutputs(layer, run);
      const weights = await run.weights.take(layer);
      try {
        const taps = outputTaps(sums, control.signal);
        for (const [w, { tokens }] of options.windows.entries()) {
          const hidden = await network.write(entering[layer][w], tokens.length);
          const before = await network.backward(layer, weights, hidden, gradients[w], taps);
          network.release(hidden);
          network.release(gradients[w]);
          gradients[w] = before;
          await progress.passed(3 * tokens.length);
        }
        const made: CapturedGradients[] = [];
        for (const { name, gram, tokens, leftOut, rows } of sums.values()) {
          if (tokens > 0) made.push({ name, gram: storedOrder(await gram.finish(), rows), tokens, leftOut });
        }
        entering[layer] = [];
        await give({ layer, inputs: [], attention: [], gradients: made });
      } finally {
        for (const { gram } of sums.values()) gram.close();
        run.weights.leave(weights);
      }
    }
  } finally {
    for (const one of gradients) network.release(one);
  }
}

/** Sums by the names of parts; of a tensor that is read in several parts there is none. */
async function startOutputs(
  layer: number,
  { model, options, plan, progress }: Running,
): Promise<Map<string, OutputSum>> {
  const out = new Map<string, OutputSum>();
  const bound = model.architecture.parts(layer).flatMap((part) => {
    const found = part.linear ? model.parts.get(part.name) : undefined;
    return found && options.wanted(found.stored) ? [{ part, stored: found.stored, adapt: found.adapt }] : [];
  });
  const whole = bound.filter(
    ({ stored }) => bound.filter((other) => other.stored.tensor === stored.tensor).length === 1,
  );
  const bytes = whole.reduce((sum, { part }) => sum + matrixBytes(part.shape[0], part.shape[0], 1.5), 0);
  if (bytes > options.budget - plan.held) {
    throw new UserError(
      `The gradients of layer ${layer} take ${formatBytes(bytes)} (sums at the outputs of ${whole.length} weights), and ${formatBytes(options.budget - plan.held)} of the budget are left for them: allow more, or capture fewer layers.`,
    );
  }
  for (const { part, stored, adapt } of whole) {
    const gram = await startGram(part.shape[0], { pace: progress.pace });
    out.set(part.name, { name: stored.tensor, gram, tokens: 0, leftOut: 0, rows: rowsOf(stored, adapt) });
  }
  return out;
}

function outputTaps(sums: ReadonlyMap<string, OutputSum>, signal: AbortSignal): GradientTaps {
  return {
    wants: ({ name }: Part) => ({ output: sums.has(name) }),
    async output(part, values, rows, cols) {
      signal.throwIfAborted();
      const sum = sums.get(part.name)!;
      const finite = finiteTokens(values, cols);
      sum.tokens += finite.length;
      sum.leftOut += rows - finite.length;
      await sum.gram.add(tokensAt(values, cols, finite));
    },
  };
}

/** Where each output's row stands in the stored matrix, found by the numbers of rows in the place of its values. */
function rowsOf({ rows, cols }: StoredMatrix, adapt: BoundPart["adapt"]): Uint32Array | null {
  const numbers = new Float32Array(rows * cols);
  for (let r = 0; r < rows; r++) numbers.fill(r, r * cols, (r + 1) * cols);
  const adapted = adapt(numbers);
  const out = Uint32Array.from({ length: rows }, (_, r) => adapted[r * cols]);
  return out.every((row, r) => row === r) ? null : out;
}

function storedOrder(gram: Dense, rows: Uint32Array | null): Dense {
  if (!rows) return gram;
  const n = gram.cols;
  const out = dense(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) out.values[rows[i] * n + rows[j]] = gram.values[i * n + j];
  }
  return out;
}
