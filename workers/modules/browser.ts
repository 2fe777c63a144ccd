/** Modules of a browser, run on threads that the worker of a job starts. */
import { type Modules, moduleName } from "../../kernels/codes/module/provide.ts";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import { digestOf } from "./names.ts";
import { keptModule } from "./store.ts";
import { type ModuleThread, runOnThread } from "./thread.ts";

export const browserModules: Modules = {
  async run(digest, matrix, pace) {
    const bytes = await keptModule(digest);
    if (!bytes) {
      throw new RecipeError(`${moduleName(digest)} is not here: drop its file (.wasm) on the page`);
    }
    if (digestOf(bytes) !== digest) throw new RecipeError(`${moduleName(digest)} was kept, and is another now`);
    return runOnThread(spawn(), { ...matrix, bytes }, digest, pace);
  },
};

function spawn(): ModuleThread {
  const worker = new Worker(new URL("./module.worker.ts", import.meta.url), { type: "module" });
  return {
    post: (request) => worker.postMessage(request),
    onReply: (take) => worker.addEventListener("message", ({ data }) => take(data)),
    onFailure(report) {
      worker.addEventListener("error", (event) => report(event.message || "no cause was given"));
      worker.addEventListener("messageerror", () => report("a message could not be read"));
    },
    terminate: () => worker.terminate(),
  };
}
