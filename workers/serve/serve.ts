/** A worker's side of the thread boundary: it answers a client by the names of jobs. */
import { type Endpoint, expose, transfer } from "comlink";
import { plainError } from "../errors/plain-error.ts";
import type { PartControl } from "../jobs/job.ts";
import { type Handlers, type JobName, type JobService, type RequestOf, transfersOf } from "../jobs/table.ts";
import { Cancellations } from "../pace/cancellations.ts";
import { type Control, isControl, keepErrorsWhole } from "../wire/wire.ts";

type Handler = (request: RequestOf<JobName>, control: PartControl<unknown>) => Promise<unknown>;

/** Answers a client on a port (a worker's own scope, or a message port) until the port closes. */
export function serve(port: Endpoint, handlers: Partial<Handlers>): void {
  keepErrorsWhole();
  const cancellations = new Cancellations();
  port.addEventListener("message", (event) => {
    const data: unknown = (event as MessageEvent).data;
    if (isControl(data) && data.control === "cancel") cancellations.raise(data.token);
  });
  const send = (message: Control) => port.postMessage(message);
  const answer = (name: JobName, request: RequestOf<JobName>, token: number) => async (signal: AbortSignal) => {
    try {
      const found = await (handlers[name] as Handler)(request, {
        signal,
        progress: (progress) => send({ control: "progress", token, progress }),
        give: (part) => send({ control: "part", token, part }),
      });
      const buffers = transfersOf(name, found);
      return buffers.length > 0 ? transfer(found as object, buffers) : found;
    } catch (error) {
      throw plainError(error);
    }
  };
  const service = {
    call: (name: JobName, request: RequestOf<JobName>, token: Parameters<JobService["call"]>[2]) =>
      cancellations.run(token, answer(name, request, token.id)),
  };
  expose(service, port);
  send({ control: "ready" });
}
