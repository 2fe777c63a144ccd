/** The switch between a model and its twin with outliers, which computes the same. */
import type { Action } from "../../actions/action.ts";
import { type Experiment, USUAL_TWIN, withTwin } from "../../state/experiment.ts";
import type { Workbench } from "../../state/workbench.ts";
import { modelStoreOf } from "./binding.ts";

const isTwin = ({ source }: Experiment): boolean => "twin" in source && !!source.twin;

export const twinAction = (w: Workbench): Action => ({
  id: "twin",
  label: "Switch between a model and its twin with outliers",
  group: "Source",
  // Of a twin there is always the model; what is no model has no twin.
  enabled: () => isTwin(w.timeline.getState().experiment) || modelStoreOf(w).getState().info?.problems.length === 0,
  run: () => w.timeline.change((e) => withTwin(e, isTwin(e) ? null : USUAL_TWIN)),
});
