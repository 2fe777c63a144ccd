/** Tensors as ggml's blocks. */
import { importanceOf } from "../../kernels/engine/importance.ts";
import { codecOf, decodeBlocks, encodeBlocks, type GgmlType, type Importance } from "../../kernels/ggml/index.ts";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import type { Plan } from "../../kernels/plan/plan.ts";
import { UserError } from "../errors/user-error.ts";
import type { RunOrder } from "../runs/runs.ts";
import type { Tensor } from "../tensors/tensor.ts";
import type { OutputTensor, WriteTools } from "./output.ts";
import { copied, type QuantizedItem } from "./plain.ts";

/** Elements read at a time, and quantized between two looks at the message queue: the slowest types take some 10 ms. */
const READ_ELEMENTS = 2 ** 18;
const ENCODE_ELEMENTS = 2 ** 14;

const blocksSize = ({ elements, bytes }: GgmlType, count: number): number => (count / elements) * bytes;

/** Blocks that are in a file already, copied. Only for little-endian ones. */
export function copiedBlocks({ info, blocks }: Tensor): OutputTensor {
  const { source, type, begin } = blocks!;
  const bytes = blocksSize(type, info.elements);
  return {
    name: info.name,
    quantized: false,
    arrays: [{ name: info.name, dtype: type.name, shape: info.shape, bytes }],
    pieces: (tools) => copied((from, to) => source.slice(begin + from, begin + to, tools.signal), bytes, tools),
  };
}

/**
 * Values quantized to blocks of a type, by what is known of the inputs where there is a calibration. The last dimension is a multiple of
 * the block.
 */
export function encodedBlocks({ tensor, plan, order }: QuantizedItem & { plan: Plan }, type: GgmlType): OutputTensor {
  const { name, shape, elements } = tensor.info;
  return {
    name,
    quantized: true,
    arrays: [{ name, dtype: type.name, shape, bytes: blocksSize(type, elements) }],
    async *pieces(tools) {
      const codec = codecOf(type)!;
      await codec.load?.();
      const importance = codec.weighs ? await importanceFor(name, plan, order, tools) : null;
      const overflow = new Overflow(name, type);
      const step = importance ? wholeRows(READ_ELEMENTS, plan.cols) : READ_ELEMENTS;
      for (let at = 0; at < elements; at += step) {
        const values = await tensor.read(at, Math.min(at + step, elements), tools.signal);
        checkFinite(name, type, values, at);
        const bytes = new Uint8Array(blocksSize(type, values.length));
        const most = importance ? plan.cols : ENCODE_ELEMENTS;
        for (let from = 0, since = 0; from < values.length; from += most, since += most) {
          if (since >= ENCODE_ELEMENTS || from === 0) {
            await tools.pace();
            since = 0;
          }
          const to = Math.min(from + most, values.length);
          const weights = importance && weightsAt(importance, (at + from) / plan.cols, plan.cols);
          const into = bytes.subarray(blocksSize(type, from), blocksSize(type, to));
          encodeNamed(name, () => encodeBlocks(type, values.subarray(from, to), into, weights));
        }
        overflow.look(values, bytes, at);
        // Of a tensor that does not fit, the rest is only counted.
        if (overflow.blocks === 0) yield { array: 0, bytes };
      }
      overflow.refuse();
    },
  };
}

/** Elements of whole rows, about as many. */
const wholeRows = (elements: number, cols: number): number => Math.max(1, Math.floor(elements / cols)) * cols;

/** How much each column matters, where it is known; says what there is to say where it is not. */
async function importanceFor(
  name: string,
  plan: Plan,
  { calibration }: RunOrder,
  tools: WriteTools,
): Promise<Importance | null> {
  const inputs = await calibration?.open({ signal: tools.signal, progress: () => {} });
  if (inputs?.why) tools.note(`${name}: ${inputs.why}`);
  const importance = importanceOf(plan, inputs?.calibration ?? null);
  if (!importance && plan.unweighted !== undefined) tools.note(plan.unweighted);
  for (const note of importance ? (inputs?.calibration?.notes ?? []) : []) tools.note(`${name}: ${note}`);
  return importance;
}

/** The weights of a row of the matrix. */
function weightsAt({ values, rowsEach }: Importance, row: number, cols: number): Float32Array {
  const at = Math.floor(row / rowsEach) * cols;
  return values.subarray(at, at + cols);
}

/** Says of which tensor a quantizer complains. */
function encodeNamed(name: string, encode: () => void): void {
  try {
    encode();
  } catch (error) {
    throw error instanceof RecipeError ? new UserError(`${name}: ${error.message}.`) : error;
  }
}

/** The largest float16. Scales and offsets of blocks are no larger than the values that they are made of. */
const MAX_HALF = 65_504;

/** Blocks whose scale is beyond float16, which their bytes hold as Inf: every value of such a block would be NaN or Inf. */
class Overflow {
  blocks = 0;
  #first = 0;
  readonly #name: string;
  readonly #type: GgmlType;

  constructor(name: string, type: GgmlType) {
    this.#name = name;
    this.#type = type;
  }

  /** `values` are whole blocks from element `at` on, and `bytes` what became of them. */
  look(values: Float32Array, bytes: Uint8Array, at: number): void {
    if (!values.some((value) => Math.abs(value) > MAX_HALF)) return;
    const { elements } = this.#type;
    const back = new Float32Array(values.length);
    decodeBlocks(this.#type, bytes, back);
    for (let from = 0; from < back.length; from += elements) {
      const block = back.subarray(from, from + elements);
      if (block.every((value) => Number.isFinite(value))) continue;
      if (this.blocks === 0) this.#first = at + from;
      this.blocks++;
    }
  }

  /** Throws UserError where there was one. */
  refuse(): void {
    if (this.blocks === 0) return;
    const one = this.blocks === 1;
    throw new UserError(
      `${this.#name}: ${one ? "1 block" : `${this.blocks} blocks`} of ${this.#type.name} would have a scale beyond float16 (${MAX_HALF}), which the file could hold as Inf only: ${one ? "its" : "their"} values would be lost. The first begins at value ${this.#first}. Keep this tensor as it is with a rule before, such as ${this.#name}=f32, or write its results as f32.`,
    );
  }
}

function checkFinite(name: string, type: GgmlType, values: Float32Array, at: number): void {
  const bad = values.findIndex((value) => value - value !== 0);
  if (bad < 0) return;
  throw new UserError(
    `${name}: value ${at + bad} is ${values[bad]}, and blocks of ${type.name} hold finite values only, in ggml too.`,
  );
}
