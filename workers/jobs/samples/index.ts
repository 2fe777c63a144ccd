import { UserError } from "../../errors/user-error.ts";
import { loadSamples, type Sample } from "../../samples/list.ts";
import type { Job, Place } from "../job.ts";

/** The checkpoints that come with the page. */
export const samples: Job<Place, Sample[]> = {
  async work(_, { base }) {
    if (base === undefined) throw new UserError("Bundled samples can only be opened from the page.");
    return loadSamples(base);
  },
};
