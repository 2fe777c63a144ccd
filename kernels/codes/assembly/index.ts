// What codes of whole matrices search most. Memory is laid out by whoever calls: `machine.ts`.
export { heapAddress } from "./memory";
export { nearestCentres } from "./nearest";
export { bestCentres } from "./scores";
export { nearestE8p } from "./e8p";
export { tailBite } from "./viterbi";
