import { UserError } from "../../errors/user-error.ts";
import { isLogical } from "../../layouts/logical-tensor.ts";
import type { StoredFigures } from "../../layouts/stored-figures.ts";
import { pacer } from "../../pace/pace.ts";
import type { Target } from "../../runs/target.ts";
import type { Job } from "../job.ts";

/** What a sample of a quantized weight shows: its codes and scales, and how plausible its readings are. */
export const stored: Job<{ target: Target }, StoredFigures> = {
  async work({ target }, workbench, { signal }) {
    const weight = (await workbench.source(target.source)).tensor(target.tensor);
    if (!isLogical(weight)) throw new UserError(`${weight.info.name} is stored as plain numbers.`);
    const { storedFigures } = await import("../../layouts/figures.ts");
    return storedFigures(weight, pacer(signal), signal);
  },
};
