/** One model recipe: rules for weights as text and as a list, and the recipes of activations and of the KV cache beside them. */

import { useCallback, useEffect, useMemo } from "react";
import type { LmTensor } from "../../../workers/lm/request.ts";
import type { Side } from "../../charts/types.ts";
import { RecipeText } from "../../controls/RecipeText.tsx";
import { useTextDraft } from "../../controls/useDraft.ts";
import { useWorkbench } from "../../state/workbench.ts";
import { Icon } from "../../widgets/icons.tsx";
import { LazyMenu } from "../../widgets/LazyMenu.tsx";
import { SideBadge } from "../../widgets/SideBadge.tsx";
import { useNarrow } from "../../widgets/useMedia.ts";
import { completeRules, patternsOf } from "./complete.ts";
import { presets } from "./presets.ts";
import { RuleList } from "./RuleList.tsx";
import { type ReadRules, readModelRules } from "./rules.ts";
import { SideField } from "./SideField.tsx";
import { type ModelState, withModel } from "./state.ts";
import { lmStoreOf } from "./store.ts";
import type { ModelInView } from "./useModel.ts";

interface Props {
  side: Side;
  model: ModelInView;
  /** What the rules did, as far as it came; of the rules as they are. */
  tensors: ReadonlyMap<string, LmTensor>;
}

/** The fields of a side in the experiment. */
export const fieldsOf = {
  a: { activations: "actA", cache: "kvA" },
  b: { activations: "actB", cache: "kvB" },
} as const;

export function RulesPane({ side, model, tensors }: Props) {
  const w = useWorkbench();
  const { timeline } = w;
  const { weights, definitions, definitionTexts, state } = model;
  const name = side.toUpperCase();
  const narrow = useNarrow();
  const keys = fieldsOf[side];
  const committed = state[side];
  const rules = model[side];
  const read = useCallback((text: string) => readModelRules(text, [], definitions).mistake, [definitions]);
  const commit = useCallback(
    (text: string) => timeline.change((e) => withModel(e, { [side]: text }), { merge: `model ${side}` }),
    [timeline, side],
  );
  const draft = useTextDraft(committed, read, commit);
  // What stands in the field is not what the figures are of.
  const unread = draft.mistake !== null;
  useEffect(() => {
    lmStoreOf(w).setState(({ drafts }) => ({ drafts: { ...drafts, [side]: unread } }));
    return () => lmStoreOf(w).setState(({ drafts }) => ({ drafts: { ...drafts, [side]: false } }));
  }, [w, side, unread]);
  const patterns = useMemo(() => patternsOf(weights), [weights]);
  const completer = useCallback(
    (text: string, cursor: number) => completeRules(text, cursor, patterns, definitions),
    [patterns, definitions],
  );
  const set = (some: Partial<ModelState>) => timeline.change((e) => withModel(e, some));
  const choose = (id: string) => {
    const preset = presets.find((one) => one.id === id)!;
    set({
      [side]: preset.weights,
      [keys.activations]: preset.activations ?? "",
      [keys.cache]: preset.cache ?? "",
    });
  };
  const beside = (
    <div className="flex gap-2 pl-[30px] max-[859px]:flex-col max-[859px]:pl-0">
      <SideField
        id={`rules-${side}-activations`}
        label="activations"
        name={`Recipe for activations of ${name}`}
        text={state[keys.activations]}
        list="activations"
        patterns={patterns}
        words={SCALES}
        definitions={definitions}
        definitionTexts={definitionTexts}
        onCommit={(text) => set({ [keys.activations]: text })}
      />
      <SideField
        id={`rules-${side}-cache`}
        label="KV cache"
        name={`Recipe for the KV cache of ${name}`}
        text={state[keys.cache]}
        list="cache"
        patterns={CACHE}
        words={NO_WORDS}
        definitions={definitions}
        definitionTexts={definitionTexts}
        onCommit={(text) => set({ [keys.cache]: text })}
      />
    </div>
  );
  return (
    <section aria-label={`Model recipe ${name}`} className="pane flex min-w-0 gap-3 px-1.5 py-2 max-[1199px]:flex-col">
      <div className="flex min-w-0 flex-1 flex-col gap-0.5">
        <div className="flex items-start gap-2 max-[1199px]:flex-wrap max-[1199px]:items-center">
          <SideBadge side={side} />
          <RecipeText
            side={side}
            field={{
              ...{ id: `rules-${side}`, label: `Model recipe ${name}`, colour: `var(--${side})` },
              placeholder: "no rule: as it is stored",
            }}
            draft={draft}
            definitions={definitions}
            completer={completer}
            problem={null}
            remedies={[]}
            onRemedy={commit}
            state={<RuleWords rules={rules} weights={weights.length} />}
          />
          <LazyMenu
            label={`Begin ${name} with`}
            className="btn-quiet px-1.5 text-xs"
            align="end"
            trigger={
              <>
                try
                <Icon name="chevron" className="size-3" />
              </>
            }
            sections={() => [
              {
                label: `Recipes for all layers' weights as ${name}`,
                entries: presets.map(({ id, label, about, ...preset }) => ({
                  ...{ id, label, enabled: true, run: () => choose(id) },
                  lines: [[preset.weights, about].filter(Boolean).join(": ")],
                })),
              },
            ]}
          />
        </div>
        {narrow ? (
          <details open={state[keys.activations] !== "" || state[keys.cache] !== ""}>
            <summary className="flex min-h-11 cursor-pointer items-center gap-1.5 text-muted">
              <Icon name="options" />
              Activations and KV cache of {name}
            </summary>
            {beside}
          </details>
        ) : (
          beside
        )}
      </div>
      <RuleList side={side} rules={rules} tensors={tensors} />
    </section>
  );
}

const SCALES = ["static", "dynamic"];
const NO_WORDS: readonly string[] = [];
const CACHE = [
  { text: "*", describe: "all keys and values", kind: "word" as const },
  { text: "*.keys.*", describe: "keys of all layers and heads", kind: "word" as const },
  { text: "*.values.*", describe: "values of all layers and heads", kind: "word" as const },
];

/** How much of the model the rules speak of. */
function RuleWords({ rules, weights }: { rules: ReadRules; weights: number }) {
  if (weights === 0) return null;
  const touches = rules.uses.filter((use) => !use.keeps);
  const others = touches.reduce((sum, use) => sum + use.others, 0);
  const touched = touches.reduce((sum, use) => sum + use.touches.length, 0) - others;
  const words =
    rules.uses.length === 0
      ? "No rule: the model as it is stored."
      : touched + others === 0
        ? "No tensor of this model has such a name: nothing is quantized."
        : `${touched} of ${weights} weights${others > 0 ? ` and ${others} norms, biases or embeddings` : ""}; the rest stays as it is stored.`;
  return (
    <span className="block truncate text-muted" title={words}>
      {words}
    </span>
  );
}
