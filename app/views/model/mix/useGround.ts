/** The ground that runs of the model stand on, as the experiment and the page have it now. */
import { useMemo } from "react";
import { useExperiment, useStoreOf, useWorkbench } from "../../../state/workbench.ts";
import { modelStoreOf } from "../binding.ts";
import { type ModelState, modelOf } from "../state.ts";
import { textsOf } from "../texts.ts";
import { useSampleText } from "../useSampleText.ts";
import { type Grounded, groundOf } from "./ground.ts";

/** @param some what is not as the Model view has it: another text, fewer windows */
export function useGround(some: Partial<ModelState> = {}): Grounded {
  const w = useWorkbench();
  const info = useStoreOf(modelStoreOf(w), (s) => s.info);
  const state = useExperiment(modelOf);
  const definitions = useExperiment((e) => e.definitions);
  const held = useStoreOf(textsOf(w), (s) => s);
  const calibration = useStoreOf(w.calibration.store, (s) => s.info?.id ?? (s.status === "none" ? undefined : null));
  useSampleText(info, some.text === undefined ? state.text : some.text);
  const given = JSON.stringify(some);
  return useMemo(
    () => groundOf({ info, state: { ...state, ...JSON.parse(given) }, held, definitions, calibration }),
    [info, state, held, definitions, calibration, given],
  );
}
