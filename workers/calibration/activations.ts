import { type Calibration, type CalibrationSource, startReduction } from "../../kernels/calibration/index.ts";
import { hex, Sha256 } from "../bytes/sha256.ts";
import { UserError } from "../errors/user-error.ts";
import { checkpointFor, type JobControl } from "../pace/pace.ts";
import type { Tensor } from "../tensors/tensor.ts";

/** Values read at a time; fewer where each is worked out. */
const PIECE = 2 ** 20;
const DRAWN = 2 ** 17;

/** Bytes hashed between two looks at whoever cancels. */
const HASHED = 2 ** 20;

/** Tokens and channels of an array of activations: the last dimension is the channels, all before it tokens. Throws UserError. */
export function tokensOf({ info }: Tensor): { tokens: number; cols: number } {
  const { name, shape, problem } = info;
  if (problem) throw new UserError(problem);
  if (shape.length < 2) {
    throw new UserError(
      `${name} has the shape [${shape.join(", ")}]: activations are tokens x inputs, two dimensions or more, the inputs last.`,
    );
  }
  const cols = shape[shape.length - 1];
  if (info.elements === 0) throw new UserError(`${name} holds no activations: its shape is [${shape.join(", ")}].`);
  return { tokens: info.elements / cols, cols };
}

/** Reduces an array of activations, tokens x inputs, as it is read. Rejects with UserError, or with AbortError. */
export async function readActivations(
  tensor: Tensor,
  source: Omit<CalibrationSource, "digest">,
  control: JobControl,
): Promise<Calibration> {
  const { tokens, cols } = tokensOf(tensor);
  const checkpoint = checkpointFor(control, "tokens");
  let done = 0;
  const pace = () => checkpoint(done, tokens, "calibration");
  const reduction = await startReduction(cols, { pace });
  const digest = new Sha256();
  try {
    const step = Math.max(1, Math.floor((tensor.stored ? PIECE : DRAWN) / cols));
    for (; done < tokens; done = Math.min(tokens, done + step)) {
      await pace();
      const values = await tensor.read(done * cols, Math.min(tokens, done + step) * cols, control.signal);
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      for (let at = 0; at < bytes.length; at += HASHED) {
        digest.update(bytes.subarray(at, at + HASHED));
        await pace();
      }
      await reduction.add(values);
    }
    const found = await reduction.finish({ ...source, digest: hex(digest.finish()) });
    if (found.tokens === 0) throw new UserError(`${source.name}: every one of its ${tokens} tokens holds NaN or Inf.`);
    return { ...found, notes: [...tensor.notes.map((note) => `calibration: ${note}`), ...found.notes] };
  } catch (error) {
    reduction.close();
    throw error;
  }
}
