/** The open source as mixes speak of it: names that other programs have for its tensors. Asked of the workers once a source. */
import type { MixModel } from "../../../../workers/mixes/types.ts";
import { type Answered, useAnswer } from "../../../charts/useAnswer.ts";
import { useWorkbench } from "../../../state/workbench.ts";

export function useMixModel(source: string): Answered<MixModel> {
  const w = useWorkbench();
  return useAnswer(`mix model ${source}`, ({ signal }) => w.client.call("mixModel", { source }, { signal }));
}
