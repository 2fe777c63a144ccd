import { work as nmse } from "../nmse/work.ts";
import type { RowSignal } from "../signal.ts";
import { ratio } from "../terms.ts";

export const work: RowSignal = { ...nmse, value: ({ error }, model) => ratio(error, model.signal) };
