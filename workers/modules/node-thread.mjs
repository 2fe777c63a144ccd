// The entry of one of Node's threads for a module of the reader's. It is JavaScript, since a thread does not read TypeScript by what
// its process was started with.
import { parentPort } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
const { buffersOf, replyTo } = await import("./thread.ts");
parentPort.on("message", (request) => {
  const reply = replyTo(request);
  parentPort.postMessage(reply, buffersOf(reply));
});
