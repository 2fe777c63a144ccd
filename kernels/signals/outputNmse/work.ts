import { outputTermsFor } from "../outputError/work.ts";
import type { RowSignal } from "../signal.ts";
import { ratio } from "../terms.ts";

export const work: RowSignal = {
  of: "rows",
  terms: outputTermsFor("outputNmse"),
  value: ({ error, signal }) => ratio(error, signal),
};
