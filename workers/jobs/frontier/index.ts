import { arraysOf } from "../../frontier/arrays.ts";
import type { FrontierAnswer, FrontierRequest } from "../../frontier/request.ts";
import type { Job } from "../job.ts";

/** The whole frontier of an allocation. What comes back is opened on the page, which looks budgets up by itself. */
export const frontier: Job<FrontierRequest, FrontierAnswer> = {
  async work(request, _workbench, control) {
    return (await import("../../frontier/find.ts")).findFrontier(request, control);
  },
  transfers: arraysOf,
};
