// The entry of one of Node's threads for linear algebra. It is JavaScript, since a thread does not read TypeScript by what
// its process was started with.
import { workerData } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
const { serveMachines } = await import("./machines.ts");
serveMachines(workerData);
