/** The worker's entry: the jobs on a workbench, on this thread's own port. Its name is the address of the page's folder. */
import type { Endpoint } from "comlink";
import { expectWasm } from "../../kernels/backends/wasm/module.ts";
import { provideModules } from "../../kernels/codes/module/provide.ts";
import { provideWalks } from "../../kernels/codes/trellis/pool.ts";
import { providePool } from "../../kernels/linalg/pool.ts";
import { standardBackends } from "../backends/standard.ts";
import { handlersOf } from "../jobs/table.ts";
import { liveOn } from "../wire/life.ts";
import { isControl } from "../wire/wire.ts";
import { Workbench } from "../workbench/workbench.ts";
import { serve } from "./serve.ts";

const scope = self as unknown as DedicatedWorkerGlobalScope;
liveOn(scope);
// Compiled by the client, once for all workers.
expectWasm(
  new Promise((resolve) => {
    scope.addEventListener("message", ({ data }) => {
      if (isControl(data) && data.control === "wasm") resolve(data.module);
    });
  }),
);
provideModules(async () => (await import("../modules/browser.ts")).browserModules);
providePool(async () => (await import("../linalg/browser.ts")).browserPool());
provideWalks(async () => (await import("../linalg/browser.ts")).browserPool()?.walks ?? null);
const workbench = new Workbench({ backends: standardBackends(navigator.gpu ?? null), base: scope.name });
serve(scope as Endpoint, handlersOf(workbench));
