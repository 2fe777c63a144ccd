/** The open source as mixes speak of it, and llama.cpp's named mixes of it. Asked of the workers once a source. */
import { defaultType, fileTypes, isFloatType } from "../../../../workers/mixes/llama/file-types.ts";
import type { MixPlan } from "../../../../workers/mixes/types.ts";
import { type Answered, useAnswer } from "../../../charts/useAnswer.ts";
import { useWorkbench } from "../../../state/workbench.ts";

const named = fileTypes.filter((fileType) => !isFloatType(defaultType(fileType)));

/** @param source null asks for nothing */
export function useMixPlan(source: string | null): Answered<MixPlan> {
  const w = useWorkbench();
  return useAnswer(source === null ? null : `mix plan ${source}`, ({ signal }) =>
    w.client.call("mixPlan", { source: source!, named }, { signal }),
  );
}
