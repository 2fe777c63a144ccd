import type { ProxiesAnswer, ProxiesRequest } from "../../proxies/request.ts";
import type { Job } from "../job.ts";

/** A formula that foretells which mix of recipes is better, evolved on a model's measured scores and judged on others (EMQ). */
export const proxies: Job<ProxiesRequest, ProxiesAnswer> = {
  async work(request, workbench, control) {
    const { evolveProxiesAt } = await import("../../proxies/at-workbench.ts");
    return evolveProxiesAt(workbench, request, control);
  },
};
