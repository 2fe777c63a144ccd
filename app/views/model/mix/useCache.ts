/** Bits of the KV cache at the context that the budget covers. */
import { useMemo } from "react";
import { cacheSize } from "../../../../workers/mixes/cache.ts";
import { readDefinitions } from "../../../controls/definitions.ts";
import { messageOf } from "../../../state/notices.ts";
import { useExperiment } from "../../../state/workbench.ts";
import type { MixState } from "./state.ts";
import { useMixModel } from "./useMixModel.ts";

export interface CacheInView {
  /** 0 where the cache does not count. */
  bits: number;
  problem: string | null;
}

const NONE: CacheInView = { bits: 0, problem: null };

export function useCache(source: string, { context, cache }: Pick<MixState, "context" | "cache">): CacheInView {
  const model = useMixModel(source);
  const definitionTexts = useExperiment((e) => e.definitions);
  const { definitions } = readDefinitions(definitionTexts);
  const found = model.answer;
  const failed = model.problem;
  return useMemo(() => {
    if (context === 0) return NONE;
    if (!found) return failed === null ? NONE : { bits: 0, problem: failed };
    try {
      return { bits: cacheSize(found, context, cache, definitions).bits, problem: null };
    } catch (error) {
      return { bits: 0, problem: messageOf(error) };
    }
  }, [context, cache, found, failed, definitions]);
}
