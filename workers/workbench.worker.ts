/** The worker's entry: a workbench on this thread's own port. Its name is the address of the page's folder. */
import type { Endpoint } from "comlink";
import { referenceBackend } from "../kernels/index.ts";
import { Backends } from "./jobs/backends.ts";
import { Cancellations } from "./jobs/pace.ts";
import { serveWorkbench } from "./jobs/serve.ts";
import { createWorkbench } from "./jobs/workbench.ts";

const scope = self as unknown as DedicatedWorkerGlobalScope;
const cancellations = new Cancellations();
const backends = new Backends({ reference: referenceBackend, gpu: navigator.gpu ?? null });
const workbench = createWorkbench({ backends, cancellations, base: scope.name });
serveWorkbench(scope as Endpoint, workbench, cancellations);
