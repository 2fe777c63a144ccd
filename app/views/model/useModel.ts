/** The model of the open source and the experiment's rules for it, read once for all parts of the view. */
import { useMemo } from "react";
import type { Definition } from "../../../kernels/grammar/ast.ts";
import { readDefinitions } from "../../controls/definitions.ts";
import { useArrivals } from "../../state/vocabulary.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { type ModelInfo, modelStoreOf } from "./binding.ts";
import { type NetworkPart, tensorsOf } from "./parts.ts";
import { type ReadRules, readModelRules } from "./rules.ts";
import { type ModelState, modelOf } from "./state.ts";

export interface ModelInView {
  info: ModelInfo | null;
  state: ModelState;
  /** What rules may name. */
  tensors: readonly NetworkPart[];
  /** Those of them that are weights of linear layers. */
  weights: readonly NetworkPart[];
  definitions: readonly Definition[];
  definitionTexts: readonly string[];
  a: ReadRules;
  b: ReadRules;
}

export function useModel(): ModelInView {
  const w = useWorkbench();
  const info = useStoreOf(modelStoreOf(w), (s) => s.info);
  const state = useExperiment(modelOf);
  const definitionTexts = useExperiment((e) => e.definitions);
  const { definitions } = readDefinitions(definitionTexts);
  const tensors = useMemo(() => (info ? tensorsOf(info.parts) : []), [info]);
  const weights = useMemo(() => tensors.filter(({ linear }) => linear), [tensors]);
  const steps = useArrivals();
  // biome-ignore lint/correctness/useExhaustiveDependencies: texts are read again when steps come
  const a = useMemo(() => readModelRules(state.a, tensors, definitions), [state.a, tensors, definitions, steps]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: texts are read again when steps come
  const b = useMemo(() => readModelRules(state.b, tensors, definitions), [state.b, tensors, definitions, steps]);
  return useMemo(
    () => ({ info, state, tensors, weights, definitions, definitionTexts, a, b }),
    [info, state, tensors, weights, definitions, definitionTexts, a, b],
  );
}
