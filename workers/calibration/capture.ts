/**
 * What was captured of a model, a folder of safetensors (or one). Of each linear layer NAME (its weight's whole name) there are
 *
 * | array | shape | what |
 * | --- | --- | --- |
 * | `NAME.tokens` | [] or [1], any integer | finite tokens that were summed; `NAME.left_out` those that were not |
 * | `NAME.gram` | [inputs, inputs] | sum over tokens of x x^T, float64 or float32 |
 * | `NAME.mean`, `NAME.mean_abs`, `NAME.mean_square`, `NAME.min`, `NAME.max` | [inputs] | by channel |
 * | `NAME.rows` | [rows kept, inputs] | whole tokens, in their order |
 * | `NAME.cross` | [inputs, inputs] | sum of x x'^T, before and after the layers upstream were quantized |
 * | `NAME.experts` | [experts, inputs] | mean of x^2 over the tokens of each expert, 1 for one that met none; the rest is of all together |
 * | `NAME.output_gram` | [outputs, outputs] | sum of g g^T, the loss's gradients at the outputs |
 *
 * each but `tokens` where it was captured. Layers that meet the same inputs share them: the metadata's `inputs of NAME` names the layer
 * whose arrays they are; gradients are each layer's own. The metadata also has `format` = `quantscope calibration`, and may tell of the
 * capture (`workers/capture/metadata.ts`).
 */
import {
  type Calibration,
  type CalibrationSource,
  checkGramSize,
  columnQuantiles,
  QUANTILES,
  tokenNotes,
} from "../../kernels/calibration/index.ts";
import { type Dense, dense } from "../../kernels/linalg/index.ts";
import { hex, Sha256 } from "../bytes/sha256.ts";
import { UserError } from "../errors/user-error.ts";
import type { Tensor } from "../tensors/tensor.ts";
import { readFloat64, symmetrize } from "./gram.ts";

export const CAPTURE_FORMAT = "quantscope calibration";

/** The array names of a layer, by what they hold, in the order of the digest. */
export const PARTS = {
  tokens: "tokens",
  leftOut: "left_out",
  gram: "gram",
  mean: "mean",
  meanAbs: "mean_abs",
  meanSquare: "mean_square",
  min: "min",
  max: "max",
  rows: "rows",
  experts: "experts",
  cross: "cross",
  output: "output_gram",
} as const;

/** The layers whose inputs were captured, by the names of their weights. */
export function capturedLayers(names: readonly string[]): string[] {
  const ending = `.${PARTS.tokens}`;
  return names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
}

/** The layer whose arrays hold what a weight meets; null where nothing of it was captured. */
export function capturedAs(
  weight: string,
  layers: ReadonlySet<string>,
  metadata: Record<string, string>,
): string | null {
  const shared = metadata[`inputs of ${weight}`];
  if (layers.has(weight)) return weight;
  return shared !== undefined && layers.has(shared) ? shared : null;
}

/** Whether gradients at the outputs of a weight were captured. */
export const hasGradients = (weight: string, has: (name: string) => boolean): boolean =>
  has(`${weight}.${PARTS.output}`);

/**
 * Reads what was captured of the inputs of a layer, and of the outputs of a weight that meets them. Rejects with UserError where it is not
 * what its names say.
 */
export async function readCaptured(
  layer: string,
  weight: string,
  find: (name: string) => Tensor | undefined,
  source: Omit<CalibrationSource, "digest">,
  signal: AbortSignal,
): Promise<Calibration> {
  const digest = new Sha256();
  const part = (key: keyof typeof PARTS) => find(`${key === "output" ? weight : layer}.${PARTS[key]}`);
  const wide = async (key: keyof typeof PARTS, shape?: number[]): Promise<Float64Array<ArrayBuffer> | null> => {
    const tensor = part(key);
    if (!tensor) return null;
    if (tensor.info.problem) throw new UserError(tensor.info.problem);
    if (shape && String(tensor.info.shape) !== String(shape)) {
      throw new UserError(
        `${tensor.info.name} has the shape [${tensor.info.shape.join(", ")}], and [${shape.join(", ")}] is expected.`,
      );
    }
    const values = await readFloat64(tensor, signal);
    digest.update(new Uint8Array(values.buffer));
    return values;
  };
  const count = async (key: "tokens" | "leftOut"): Promise<number> => {
    const tensor = part(key);
    const value = tensor ? (await tensor.read(0, 1, signal))[0] : 0;
    if (!Number.isInteger(value) || value < 0)
      throw new UserError(`${tensor?.info.name} is ${value}: it is no number of tokens.`);
    return value;
  };
  const cols = colsOf(layer, part);
  const [tokens, leftOut] = [await count("tokens"), await count("leftOut")];
  const square = async (key: "gram" | "cross" | "output"): Promise<Dense | null> => {
    const shape = part(key)?.info.shape;
    if (!shape) return null;
    const side = key === "output" ? (shape[0] ?? 0) : cols;
    checkGramSize(side, part(key)!.info.name);
    const values = await wide(key, [side, side]);
    if (key !== "cross") await symmetrize(values!, side, part(key)!.info.name, signal);
    return dense(side, side, values!);
  };
  const gram = await square("gram");
  const channels = {
    mean: await wide("mean", [cols]),
    meanAbs: await wide("meanAbs", [cols]),
    meanSquare: await wide("meanSquare", [cols]),
    min: await wide("min", [cols]),
    max: await wide("max", [cols]),
  };
  const rows = part("rows");
  const kept = rows ? await rows.read(0, rows.info.elements, signal) : null;
  if (kept) digest.update(new Uint8Array(kept.buffer, kept.byteOffset, kept.byteLength));
  const shares = part("experts")?.info.shape[0] ?? 0;
  const experts = await wide("experts", [shares, cols]);
  const diagonal =
    gram && tokens > 0 ? Float64Array.from({ length: cols }, (_, i) => gram.values[i * (cols + 1)] / tokens) : null;
  return {
    ...{ cols, tokens, leftOut, gram, ...channels },
    meanSquare: channels.meanSquare ?? diagonal,
    ...(experts && { experts: { count: shares, meanSquare: experts } }),
    rows: kept,
    quantiles: kept && columnQuantiles(kept, cols, QUANTILES),
    cross: await square("cross"),
    output: await square("output"),
    source: { ...source, digest: hex(digest.finish()) },
    notes: tokenNotes({ tokens, leftOut, cols }),
  };
}

/** Channels, by the arrays that have them. Throws UserError where there is none, or where one is of another number. */
function colsOf(layer: string, part: (key: keyof typeof PARTS) => Tensor | undefined): number {
  const keys = ["gram", "meanSquare", "meanAbs", "mean", "min", "max", "rows"] as const;
  const found = keys.map(part).filter((tensor) => tensor !== undefined);
  if (found.length === 0) throw new UserError(`Nothing but a number of tokens was captured of ${layer}.`);
  const cols = found[0].info.shape.at(-1) ?? 0;
  const other = found.find(({ info }) => info.shape.at(-1) !== cols || info.elements % Math.max(1, cols) !== 0);
  if (cols === 0 || other) {
    const { name, shape } = (other ?? found[0]).info;
    throw new UserError(
      `${name} has the shape [${shape.join(", ")}], and other arrays of ${layer} have ${cols} channels.`,
    );
  }
  return cols;
}
