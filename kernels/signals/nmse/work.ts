import type { RowSignal } from "../signal.ts";
import { ratio, squaredTerms } from "../terms.ts";

export const work: RowSignal = {
  of: "rows",
  terms: async (rows) => squaredTerms(rows),
  value: ({ error, signal }) => ratio(error, signal),
};
