/** The network as a map, and beside it the text, what is written on, or what is known of inputs. */

import { findTensor } from "../../../workers/layouts/address.ts";
import { Choice } from "../../charts/Controls.tsx";
import { type Experiment, withLook, withRecipe, withTensor } from "../../state/experiment.ts";
import { useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { Split } from "../../widgets/Split.tsx";
import { Continuation } from "./Continuation.tsx";
import { continueKey, startWriting } from "./continue.ts";
import { InputsPane } from "./InputsPane.tsx";
import { useShownRun } from "./Measured.tsx";
import { NetworkMap } from "./NetworkMap.tsx";
import { weightToOpen } from "./placeFigures.ts";
import type { Place } from "./places.ts";
import type { Plan } from "./run.ts";
import { type ModelState, withModel } from "./state.ts";
import { lmStoreOf } from "./store.ts";
import { TextPane } from "./TextPane.tsx";
import type { ModelInView } from "./useModel.ts";

interface Props {
  wanted: string | null;
  plan: Plan;
  model: ModelInView;
  narrow: boolean;
  experiment: Experiment;
}

/** What a continuation begins with, until somebody writes something else. */
const PROMPT = "Fellow citizens of the Senate";

export function Lower({ wanted, plan, model, narrow }: Props) {
  const w = useWorkbench();
  const { run, stale } = useShownRun(wanted);
  const tensors = useStoreOf(lmStoreOf(w), (s) => s.run?.tensors) ?? NONE;
  const continued = useStoreOf(lmStoreOf(w), (s) => s.continued);
  const info = useStoreOf(w.source.store, (s) => s.info);
  const { state } = model;
  const look = (some: Partial<ModelState>) => w.timeline.change((e) => withModel(e, some));
  /** A weight on the Bench, with the recipes that the rules give it; where they give none the Bench keeps its own. */
  const open = (place: Place) => {
    const name = weightToOpen(place, tensors[state.map === "b" ? "b" : "a"]);
    const tensor = info && name !== null ? findTensor(info, name) : undefined;
    if (!tensor) return;
    w.timeline.change((e) => {
      const there = withLook(withTensor(e, tensor), { tab: null });
      return (["a", "b"] as const).reduce((next, side) => {
        const recipe = model[side].recipeOf(tensor.name);
        return recipe === null ? next : withRecipe(next, side, recipe);
      }, there);
    });
  };
  const map = (
    <section aria-label="Network" className="pane h-full p-2" style={narrow ? { height: 320 } : undefined}>
      <NetworkMap
        model={model}
        tensors={tensors}
        stale={null}
        mode={state.map}
        onMode={(mode) => look({ map: mode })}
        onOpen={open}
      />
    </section>
  );
  const prompt = state.prompt ?? PROMPT;
  const beside = (
    <section
      aria-label="Text"
      className="pane flex h-full flex-col gap-1 p-2"
      style={narrow ? { height: 420 } : undefined}
    >
      <div className="flex flex-wrap items-center gap-2">
        <Choice
          label="Beside the network"
          value={state.pane}
          options={[
            { value: "text", label: "text" },
            { value: "go", label: "continuation" },
            { value: "in", label: "inputs" },
          ]}
          onChange={(pane) => look({ pane })}
        />
      </div>
      <div className="min-h-0 flex-1">
        {state.pane === "in" ? (
          <InputsPane model={model} />
        ) : state.pane === "go" ? (
          <Continuation
            prompt={prompt}
            unable={plan.planned ? null : plan.why}
            old={continued !== null && plan.planned !== null && continued.key !== continueKey(plan.planned, prompt)}
            onPrompt={(typed) => look({ prompt: typed === PROMPT ? null : typed })}
            onWrite={(typed) => plan.planned && void startWriting(w, plan.planned, typed)}
          />
        ) : (
          <TextPane windows={run?.windows ?? EMPTY} stale={stale?.badge ?? null} />
        )}
      </div>
    </section>
  );
  if (narrow) {
    return (
      <>
        {map}
        {beside}
      </>
    );
  }
  return <Split direction="row" initial="50%" least={[320, 320]} label="Resize network" first={map} second={beside} />;
}

const NONE = { a: new Map<string, never>(), b: new Map<string, never>() };
const EMPTY: readonly never[] = [];
