/** Vectors that are searched for neighbours, and what quantizing them does to the search. */
export { type Principal, principal } from "./principal.ts";
export {
  drawn,
  measureRetrieval,
  NEARNESS,
  type Nearness,
  type RetrievalFigures,
  type RetrievalOptions,
  type RetrievalRun,
} from "./retrieval.ts";
export type { Vectors } from "./sources.ts";
