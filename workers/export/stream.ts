/** Writing a planned file piece by piece. One piece is in memory at a time: the next is made when this one is written. */
import { checkpointFor, type JobControl } from "../pace/pace.ts";
import type { Runs } from "../runs/runs.ts";
import type { OutputFile, PlacedTensor, WriteTools } from "./output.ts";
import { sizeOf } from "./output.ts";

/** Where a file goes. Rejects with UserError when it takes no more. */
export interface Sink {
  /** Makes room for so many bytes, all zero. */
  resize(bytes: number): Promise<void>;
  /** Writes at a place. */
  write(position: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

/** The share of a quantized tensor's work that is done before its first byte: two passes of three. */
const BEFORE_WRITING = 2 / 3;

/**
 * Writes the whole file. Progress is in bytes; a quantized tensor's are counted evenly over the work on it. Resolves with
 * what the person should know of the result, and rejects with UserError, RecipeError or AbortError.
 */
export async function writeFile(file: OutputFile, sink: Sink, runs: Runs, control: JobControl): Promise<string[]> {
  const notes = new Set<string>();
  const checkpoint = checkpointFor(control, "bytes");
  await sink.resize(file.bytes);
  await sink.write(0, file.head);
  let before = file.head.length;
  for (const [i, placed] of file.tensors.entries()) {
    const { name, quantized } = placed.tensor;
    const phase = `${name}, ${i + 1} of ${file.tensors.length}`;
    const size = sizeOf(placed.tensor);
    let head = 0;
    let written = 0;
    const done = () => before + head * size + (1 - head) * written;
    const tools: WriteTools = {
      quantize: (order, own) => runs.quantized(order, own),
      release: (order) => runs.forget(order.key),
      signal: control.signal,
      pace: () => checkpoint(done(), file.bytes, phase),
      note: (text) => notes.add(text),
    };
    const quantizing = (share: number) => {
      head = BEFORE_WRITING * share;
      control.progress({ done: done(), total: file.bytes, unit: "bytes", phase });
    };
    for await (const [position, bytes] of positions(placed, tools, quantizing)) {
      written += bytes.length;
      await sink.write(position, bytes);
    }
    if (written !== size) throw new Error(`${name} took ${written} bytes, and ${size} were announced`);
    before += size;
    if (quantized) await checkpoint(before, file.bytes, phase);
  }
  control.progress({ done: file.bytes, total: file.bytes, unit: "bytes", phase: "written" });
  return [...notes];
}

async function* positions(
  { tensor, begins }: PlacedTensor,
  tools: WriteTools,
  quantizing: (share: number) => void,
): AsyncGenerator<[number, Uint8Array<ArrayBuffer>]> {
  const next = [...begins];
  for await (const { array, bytes } of tensor.pieces(tools, quantizing)) {
    const position = next[array];
    next[array] += bytes.length;
    yield [position, bytes];
  }
}
