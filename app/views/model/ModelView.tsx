/**
 * A language model under recipes: rules for A and B, what they do to what it says, the network as a map, and the text. Its
 * other side, which tensor gets which recipe, is loaded when it is first seen.
 */
import { useEffect, useMemo } from "react";
import type { Side } from "../../charts/types.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { lazyPart } from "../../widgets/lazyPart.ts";
import { Split } from "../../widgets/Split.tsx";
import { useNarrow } from "../../widgets/useMedia.ts";
import { modelStoreOf, useBinding } from "./binding.ts";
import { useCaptureCancel } from "./InputsPane.tsx";
import { Lower } from "./Lower.tsx";
import { Measured } from "./Measured.tsx";
import { mixOf } from "./mix/state.ts";
import { NoModel } from "./NoModel.tsx";
import { RulesPane } from "./RulesPane.tsx";
import { RunBar } from "./RunBar.tsx";
import { beginsAlone, planRun, shareOf, startRun, workOf } from "./run.ts";
import { SideSwitch } from "./SideSwitch.tsx";
import { lmStoreOf } from "./store.ts";
import { textsOf } from "./texts.ts";
import { useModel } from "./useModel.ts";

const MixView = lazyPart(async () => (await import("./mix/MixView.tsx")).MixView);

export function ModelView() {
  const mixed = useExperiment((e) => mixOf(e).side === "mix");
  useBinding();
  return mixed ? <MixView /> : <RunView />;
}

function RunView() {
  const w = useWorkbench();
  const narrow = useNarrow();
  useCaptureCancel();
  const model = useModel();
  const experiment = useExperiment((e) => e);
  const binding = useStoreOf(modelStoreOf(w), (s) => s);
  const held = useStoreOf(textsOf(w), (s) => s);
  const calibrated = useStoreOf(w.calibration.store, (s) => s.info?.id ?? (s.status === "none" ? undefined : null));
  const run = useStoreOf(lmStoreOf(w), (s) => s.run);
  const job = useStoreOf(lmStoreOf(w), (s) => s.job);
  const begun = useStoreOf(lmStoreOf(w), (s) => s.begun);
  const rate = useStoreOf(lmStoreOf(w), (s) => s.rate);
  const { info, state, definitionTexts } = model;
  const mistaken = model.a.mistake !== null || model.b.mistake !== null;
  const plan = useMemo(
    () => planRun({ info, state, held, definitions: definitionTexts, mistaken, calibration: calibrated }),
    [info, state, held, definitionTexts, mistaken, calibrated],
  );
  const { planned } = plan;
  const foreseen = useStoreOf(lmStoreOf(w), (s) => s.foreseen);
  const whole = planned && info ? workOf(planned, info) : 0;
  // A text may have fewer windows than are asked for.
  const work = planned ? whole * shareOf(planned, foreseen) : 0;
  // What was run, or cancelled, is not run again unasked.
  useEffect(() => {
    if (!planned || planned.key === begun || planned.key === run?.key) return;
    if (beginsAlone(work, rate)) void startRun(w, planned, whole);
  }, [w, planned, work, whole, rate, begun, run]);

  const wanted = planned?.key ?? null;
  const rules = (["a", "b"] as const).map((side: Side) => (
    <RulesPane key={side} side={side} model={model} tensors={run?.tensors[side] ?? NONE} />
  ));
  // On a phone the bar is long: there it stands below the rules, and the switch above them.
  const bar = <RunBar before={narrow ? null : <SideSwitch />} plan={plan} work={work} whole={whole} model={model} />;
  const measured = <Measured wanted={wanted} model={model} narrow={narrow} />;
  const lower = <Lower wanted={wanted} plan={plan} model={model} narrow={narrow} experiment={experiment} />;
  if (binding.status !== "known" || !info) return <NoModel />;
  if (narrow) {
    return (
      <div className="flex flex-col gap-2 p-2" data-model={info.source} data-running={job !== null}>
        <h2 className="sr-only">Model</h2>
        <SideSwitch />
        {rules}
        {bar}
        {measured}
        {lower}
      </div>
    );
  }
  return (
    <div
      className="flex h-full min-h-[780px] flex-col gap-1.5 px-1.5 pb-1.5 max-[1199px]:min-h-[940px]"
      data-model={info.source}
      data-running={job !== null}
    >
      <h2 className="sr-only">Model</h2>
      {bar}
      <div className="grid grid-cols-2 gap-1.5">{rules}</div>
      <div className="min-h-0 flex-1">
        <Split
          direction="column"
          initial="52%"
          least={[180, 180]}
          label="Resize figures and network"
          first={measured}
          second={lower}
        />
      </div>
    </div>
  );
}

const NONE: ReadonlyMap<string, never> = new Map<string, never>();
