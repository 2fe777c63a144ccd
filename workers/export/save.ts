import type { JobControl } from "../pace/pace.ts";
import type { Runs } from "../runs/runs.ts";
import type { OpenSource } from "../sources/open.ts";
import type { Destination } from "./destinations.ts";
import { type InputsOf, planFile } from "./plan.ts";
import type { FileDone, FileRequest } from "./request.ts";
import { writeFile } from "./stream.ts";

/** Plans a file, and only then opens its destination and writes it. What does not become whole is taken back. */
export async function saveFile(
  source: OpenSource,
  request: FileRequest,
  open: () => Promise<Destination>,
  runs: Runs,
  control: JobControl,
  inputsOf: InputsOf | null = null,
): Promise<FileDone> {
  const { file } = await planFile(source, request, control.signal, inputsOf);
  const destination = await open();
  try {
    const notes = await writeFile(file, destination, runs, control);
    return { bytes: file.bytes, notes, file: await destination.finish() };
  } catch (error) {
    await destination.discard();
    throw error;
  }
}
