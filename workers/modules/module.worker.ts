/** The entry of a browser's thread for a module of the reader's. */
import { buffersOf, type ModuleRequest, replyTo } from "./thread.ts";

const scope = self as unknown as DedicatedWorkerGlobalScope;
scope.addEventListener("message", ({ data }: MessageEvent<ModuleRequest>) => {
  const reply = replyTo(data);
  scope.postMessage(reply, buffersOf(reply));
});
