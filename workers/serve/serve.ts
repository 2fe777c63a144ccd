import { type Endpoint, expose } from "comlink";
import { plainError } from "../errors/plain-error.ts";
import type { Cancellations } from "../pace/cancellations.ts";
import type { Progress } from "../pace/progress.ts";
import type { Workbench } from "../protocol.ts";
import { type Control, isControl, keepErrorsWhole, type RemoteWorkbench, TENSORS_PER_MESSAGE } from "../wire/wire.ts";

/** Answers a client on a port (a worker's own scope, or a message port) until the port closes. */
export function serveWorkbench(port: Endpoint, workbench: Workbench, cancellations: Cancellations): void {
  keepErrorsWhole();
  port.addEventListener("message", (event) => {
    const data: unknown = (event as MessageEvent).data;
    if (isControl(data) && data.control === "cancel") cancellations.raise(data.token);
  });
  const send = (message: Control) => port.postMessage(message);
  const progress = (token: number) => (told: Progress) => send({ control: "progress", token, progress: told });
  const remote: RemoteWorkbench = {
    backends: () => workbench.backends(),
    generators: () => workbench.generators(),
    samples: () => workbench.samples(),
    list: (address, accessToken, token) => plainly(workbench.list(address, accessToken, token)),
    async open(spec, id, token) {
      const info = await plainly(workbench.open(spec, id, token));
      const { tensors } = info;
      if (tensors.length <= TENSORS_PER_MESSAGE) return info;
      for (let at = 0; at < tensors.length; at += TENSORS_PER_MESSAGE) {
        send({ control: "tensors", token: token.id, tensors: tensors.slice(at, at + TENSORS_PER_MESSAGE) });
      }
      return { ...info, tensors: [] };
    },
    close: (source) => workbench.close(source),
    keep: (runs, decoded) => workbench.keep(runs, decoded),
    summarize: (target, token) => plainly(workbench.summarize(target, token)),
    run: (request, token) => plainly(workbench.run(request, progress(token.id), token)),
    window: (request, token) => plainly(workbench.window(request, token)),
    inspect: (run, row, col, token) => plainly(workbench.inspect(run, row, col, token)),
    stored: (target, token) => plainly(workbench.stored(target, token)),
    histogram: (target, lo, hi, bins, token) => plainly(workbench.histogram(target, lo, hi, bins, token)),
    entering: (run, range, token) => plainly(workbench.entering(run, range, token)),
    sweep: (part, token) => plainly(workbench.sweep(part, token)),
    export: (request, token) => plainly(workbench.export(request, progress(token.id), token)),
    planFile: (request, token) => plainly(workbench.planFile(request, token)),
    saveFile: (request, handle, token) => plainly(workbench.saveFile(request, handle, progress(token.id), token)),
  };
  expose(remote, port);
  send({ control: "ready" });
}

async function plainly<T>(result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw plainError(error);
  }
}
