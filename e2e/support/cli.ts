/** The command line, run as a user runs it, for figures that the page has to repeat. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const main = `${root}workers/cli/main.ts`;

export interface Line {
  tensor: string;
  shape: number[];
  recipe: string;
  backend: string;
  metrics: Record<string, number | null>;
}

/** `quantize FILE --tensor NAME --recipe RECIPE --json` and further arguments. */
export async function quantize(file: string, tensor: string, recipe: string, ...more: string[]): Promise<Line> {
  const args = ["--import", "tsx", main, "quantize", file, "--tensor", tensor, "--recipe", recipe, "--json", ...more];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  return JSON.parse(stdout);
}

/** A bundled sample's file, as the build serves it. */
export const sampleFile = (id: string): string => `${root}public/samples/${id}.safetensors`;
