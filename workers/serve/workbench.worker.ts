/** The worker's entry: a workbench on this thread's own port. Its name is the address of the page's folder. */
import type { Endpoint } from "comlink";
import { expectWasm } from "../../kernels/backends/wasm/module.ts";
import { standardBackends } from "../backends/standard.ts";
import { Cancellations } from "../pace/cancellations.ts";
import { liveOn } from "../wire/life.ts";
import { isControl } from "../wire/wire.ts";
import { serveWorkbench } from "./serve.ts";
import { createWorkbench } from "./workbench.ts";

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
const cancellations = new Cancellations();
const backends = standardBackends(navigator.gpu ?? null);
const workbench = createWorkbench({ backends, cancellations, base: scope.name });
serveWorkbench(scope as Endpoint, workbench, cancellations);
