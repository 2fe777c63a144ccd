/** The experiment as a file, for what does not fit into a link. */
import { NUMBERS_VERSION } from "../../kernels/report/report.ts";
import type { Experiment } from "../state/experiment.ts";
import type { Decoded } from "./fragment.ts";
import { readExperiment } from "./schema.ts";
import type { Scheme } from "./scheme.ts";
import { bringUp, earlierVersion } from "./versions.ts";

/** What views and panels keep stood among other things in files of the first version. */
const FILE_VERSION = 2;
const READ_VERSIONS: readonly unknown[] = [1, FILE_VERSION];
export const EXPERIMENT_FILE = "experiment.quantscope.json";

export function printExperimentFile(experiment: Experiment): string {
  return `${JSON.stringify({ quantscope: "experiment", version: FILE_VERSION, numbers: NUMBERS_VERSION, experiment }, null, 2)}\n`;
}

/** The experiment in a JSON text, or null where the text is something else. Never throws. */
export function parseExperimentFile(scheme: Scheme, text: string): Decoded | null {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof data !== "object" || data === null || !("quantscope" in data) || data.quantscope !== "experiment")
    return null;
  const {
    version,
    numbers,
    experiment: given,
  } = data as { version?: unknown; numbers?: unknown; experiment?: unknown };
  const said: string[] = [];
  if (!READ_VERSIONS.includes(version))
    said.push(`The file is of version ${String(version)}, this page reads version ${FILE_VERSION}.`);
  const earlier = earlierVersion(String(numbers));
  if (earlier === null) said.push(`The file's figures were made with version ${String(numbers)} of the numbers.`);
  const { experiment, dropped } = readExperiment(scheme, given);
  if (dropped.length > 0) said.push(`In the file, ${dropped.join(", ")} made no sense; left out.`);
  if (earlier === null) return { experiment, said };
  const now = bringUp(scheme, experiment, earlier, "file");
  return { experiment: now.experiment, said: [...said, ...now.said] };
}
