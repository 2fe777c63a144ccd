/** Modules of the command line: read from files, run on threads of Node's. */
import { Worker } from "node:worker_threads";
import { type Modules, moduleName } from "../../kernels/codes/module/provide.ts";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import { type ModuleThread, runOnThread } from "./thread.ts";

const held = new Map<string, Uint8Array>();

/** Keeps a module for this process. */
export const holdModule = (digest: string, bytes: Uint8Array): void => void held.set(digest, bytes);

/** `seconds` is the time that a module has for one matrix, the usual one where it is left out. */
export const processModules = (seconds?: number): Modules => ({
  async run(digest, matrix, pace) {
    const bytes = held.get(digest);
    if (!bytes) throw new RecipeError(`${moduleName(digest)} is not here: name its file with --wasm`);
    return runOnThread(spawn(), { ...matrix, bytes }, digest, pace, seconds);
  },
});

function spawn(): ModuleThread {
  const worker = new Worker(new URL("./node-thread.mjs", import.meta.url), { execArgv: [] });
  return {
    post: (request) => worker.postMessage(request),
    onReply: (take) => worker.on("message", take),
    onFailure: (report) => worker.on("error", (error: Error) => report(error.message)),
    terminate: () => void worker.terminate(),
  };
}
