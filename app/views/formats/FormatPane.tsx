/** One of the two formats: as text, as sliders, with its bits and its error on a Gaussian, and the way to the Bench. */
import { useCallback } from "react";
import type { Call, Definition } from "../../../kernels/grammar/ast.ts";
import { printRecipe } from "../../../kernels/notation/index.ts";
import type { Side } from "../../charts/types.ts";
import { RecipeText } from "../../controls/RecipeText.tsx";
import { recipeWords } from "../../controls/recipeWords.ts";
import { useTextDraft } from "../../controls/useDraft.ts";
import { withRecipe } from "../../state/experiment.ts";
import { notify } from "../../state/notices.ts";
import { sides } from "../../state/runs.ts";
import { useWorkbench } from "../../state/workbench.ts";
import { Icon } from "../../widgets/icons.tsx";
import { useNarrow } from "../../widgets/useMedia.ts";
import { Designer } from "./Designer.tsx";
import { clipOf, gaussianDb, noClipReason } from "./gaussian.ts";
import { readFormat, type Shown } from "./readFormat.ts";
import { recipeWith } from "./useAs.ts";

interface Props {
  side: Side;
  label: string;
  id: string;
  /** The format's own. */
  colour: string;
  /** The text of the experiment; empty where there is none. */
  text: string;
  /** What is shown: the last text that names a format. */
  shown: Shown | null;
  definitions: readonly Definition[];
  onText: (text: string) => void;
  /** Takes the format away. */
  onRemove?: () => void;
}

export function FormatPane({ side, label, id, colour, text, shown, definitions, onText, onRemove }: Props) {
  const narrow = useNarrow();
  const optional = onRemove !== undefined;
  const read = useCallback(
    (typed: string) => (optional && typed.trim() === "" ? null : readFormat(typed, definitions).mistake),
    [optional, definitions],
  );
  const draft = useTextDraft(text, read, onText);
  const options = { definitions: [...definitions] };
  const setBase = (base: Call) => {
    if (!shown) return;
    const { recipe } = shown;
    onText(printRecipe({ ...recipe, quantizer: { ...recipe.quantizer, base } }, options));
  };
  const designer = shown && <Designer name={label} shown={shown} onBase={setBase} />;
  return (
    <section aria-label={label} className="pane flex min-w-0 flex-col gap-1 px-2 py-2">
      <div className="flex items-start gap-2 max-[1199px]:flex-wrap max-[1199px]:items-center">
        <span aria-hidden="true" className="mt-[3px] shrink-0 font-semibold" style={{ color: colour }}>
          {label}
        </span>
        <RecipeText
          side={side}
          field={{ id, label, colour, placeholder: "a format, such as int4" }}
          draft={draft}
          definitions={definitions}
          problem={null}
          remedies={[]}
          onRemedy={onText}
          state={<Words shown={shown} definitions={definitions} />}
        />
        <span className="flex shrink-0 items-center gap-1 max-[1199px]:mr-auto">
          {shown && <UseAs shown={shown} definitions={definitions} />}
          {onRemove && text !== "" && (
            <button
              type="button"
              className="btn btn-quiet px-1"
              aria-label="Compare with nothing"
              title="Compare with nothing"
              onClick={onRemove}
            >
              <Icon name="close" />
            </button>
          )}
        </span>
        {shown && <Figures shown={shown} old={draft.mistake !== null} />}
      </div>
      {narrow && designer ? (
        <details>
          <summary className="flex min-h-11 cursor-pointer items-center gap-1.5 text-muted">
            <Icon name="options" />
            Sliders of {label === "Format" ? "the format" : "the other"}
          </summary>
          {designer}
        </details>
      ) : (
        designer
      )}
    </section>
  );
}

/** The format in words; of a recipe with more to it, what is shown here. */
function Words({ shown, definitions }: { shown: Shown | null; definitions: readonly Definition[] }) {
  if (!shown) return null;
  const words = recipeWords(shown.recipe, { definitions: [...definitions] });
  return (
    <p className="m-0 flex w-[calc(100%+220px)] text-muted max-[1199px]:w-full">
      <span className="truncate" title={words}>
        {shown.elements === null ? (
          words
        ) : (
          <>
            Its elements are <code className="font-mono">{shown.elements}</code>; its blocks and scales are seen on the
            Bench.
          </>
        )}
      </span>
    </p>
  );
}

function UseAs({ shown, definitions }: { shown: Shown; definitions: readonly Definition[] }) {
  const { timeline } = useWorkbench();
  return sides.map((side) => {
    const use = () => {
      const text = recipeWith(shown, timeline.getState().experiment[side], definitions);
      timeline.change((e) => withRecipe(e, side, text));
      notify(`Recipe ${side.toUpperCase()} of the Bench is now ${text}.`);
    };
    return (
      <button
        key={side}
        type="button"
        className="btn btn-quiet px-1.5 text-xs"
        aria-label={`Use ${shown.text} as ${side.toUpperCase()}`}
        title={`On the Bench, with the blocks and scales of recipe ${side.toUpperCase()}`}
        onClick={use}
      >
        use as
        <span
          className="grid size-4 place-items-center rounded-sm font-semibold text-[11px] text-panel"
          style={{ background: `var(--${side})` }}
        >
          {side.toUpperCase()}
        </span>
      </button>
    );
  });
}

function Figures({ shown, old }: { shown: Shown; old: boolean }) {
  const clip = clipOf(shown.centred);
  const why = noClipReason(shown.centred);
  return (
    <p
      className={`m-0 flex shrink-0 gap-3 pt-0.5 ${old ? "text-faint" : ""}`}
      title={
        why === null
          ? "Signal to noise on normally distributed values, at the scale where the squared error is least"
          : `No error on a Gaussian is told: ${why}`
      }
    >
      {old && <span className="text-warn text-xs leading-5">last valid</span>}
      <span>
        <strong className="font-semibold text-[15px]">{shown.format.bits}</strong> <span className="text-muted">b</span>
      </span>
      <span>
        <strong className="font-semibold text-[15px]">{clip ? gaussianDb(clip).toFixed(2) : "–"}</strong>{" "}
        <span className="text-muted">dB, Gaussian</span>
      </span>
    </p>
  );
}
