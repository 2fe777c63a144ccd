/** The command line as a process of its own. Bundled first, once a test file, since it starts in half the time that way. */
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { afterAll } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Beside the packages that the bundle leaves where they are. */
const outDir = join(root, `node_modules/.cache/quantscope-cli-${process.pid}`);
afterAll(() => rmSync(outDir, { recursive: true, force: true }));

let bundled: Promise<unknown> | undefined;

/** The path of the command, as one file of JavaScript. */
export async function commandPath(): Promise<string> {
  bundled ??= build({
    ...{ root, configFile: false, publicDir: false, logLevel: "error" },
    build: {
      ssr: "workers/cli/main.ts",
      outDir,
      target: "node20",
      rolldownOptions: { output: { entryFileNames: "main.mjs" } },
    },
  });
  await bundled;
  return join(outDir, "main.mjs");
}

export interface Outcome {
  status: number;
  out: string;
  err: string;
}

/** Runs a program to its end, whatever that is. */
export const run = (file: string, args: string[], env: NodeJS.ProcessEnv = process.env): Promise<Outcome> =>
  new Promise((resolve) => {
    execFile(file, args, { cwd: root, env, maxBuffer: 2 ** 26 }, (error, out, err) => {
      resolve({ status: error ? Number(error.code) : 0, out, err });
    });
  });

/** Runs the command with these arguments. */
export const cli = async (...args: string[]): Promise<Outcome> => run(process.execPath, [await commandPath(), ...args]);
