import { work as nmse } from "../nmse/work.ts";
import type { RowSignal } from "../signal.ts";
import { ratio } from "../terms.ts";

export const work: RowSignal = {
  ...nmse,
  value({ error, signal, elements }, model) {
    const own = ratio(error, signal);
    return own === null || !(model.elements > 0) ? null : own * (elements / model.elements);
  },
};
