// The entry of one of Node's threads for scores. It is JavaScript, since a thread does not read TypeScript by what its process was
// started with.
import { parentPort, workerData } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
const { serveScores } = await import("./score-thread.ts");
await serveScores(parentPort, workerData);
