import type { SolversAnswer, SolversRequest } from "../../frontier/request.ts";
import type { Job } from "../job.ts";

/** What other ways of choosing come to at one budget. */
export const solvers: Job<SolversRequest, SolversAnswer> = {
  async work(request, _workbench, control) {
    return (await import("../../frontier/solvers.ts")).compareSolvers(request, control);
  },
};
