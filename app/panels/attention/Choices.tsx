/** What stands beside A and B: recipes of the other parts, heads, and which keys a token sees. */
import { useId, useState } from "react";
import { Button, Choice } from "../../charts/Controls.tsx";
import { withRecipe } from "../../state/experiment.ts";
import { useWorkbench } from "../../state/workbench.ts";
import { type AttentionOptions, attentionPart } from "./options.ts";
import { ALL_ROLES, FIRST_CHOICES, type TensorRole } from "./triple.ts";

interface Props {
  role: TensorRole;
  options: AttentionOptions;
  /** Heads that the model says; null where nothing does. */
  known: number | null;
}

export function Choices({ role, options, known }: Props) {
  const { timeline } = useWorkbench();
  const change = (some: Partial<AttentionOptions>) => timeline.change((e) => attentionPart.with(e, some));
  const heads = (text: string) => {
    const value = Number(text.trim() === "" ? 0 : text);
    if (Number.isInteger(value) && value >= 0 && value <= 4096) change({ heads: value });
  };
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1 pb-1 text-xs">
      {ALL_ROLES.filter((one) => one !== role).map((one) => (
        <Field
          key={one}
          label={one}
          name={`Recipe of ${one}`}
          value={options[one]}
          placeholder="as they are"
          choices={FIRST_CHOICES[one]}
          onCommit={(text) => change({ [one]: text.trim() })}
        />
      ))}
      <Field
        label="heads"
        name="Heads of the queries"
        value={options.heads === 0 ? "" : String(options.heads)}
        placeholder={known === null ? "?" : String(known)}
        onCommit={heads}
      />
      <Choice
        label="Keys that a token sees"
        value={options.causal ? "causal" : "all"}
        options={[
          { value: "causal", label: "causal" },
          { value: "all", label: "all keys" },
        ]}
        onChange={(value) => change({ causal: value === "causal" })}
      />
      <span className="inline-flex flex-wrap items-center gap-1 text-muted">
        {role} as A
        {FIRST_CHOICES[role].slice(0, 3).map((recipe) => (
          <Button
            key={recipe}
            label={`Take ${recipe} as recipe A`}
            onClick={() => timeline.change((e) => withRecipe(e, "a", recipe))}
          >
            {recipe}
          </Button>
        ))}
      </span>
    </div>
  );
}

/** A short text that is taken when the field is left, or Enter pressed. */
function Field(props: {
  label: string;
  name: string;
  value: string;
  placeholder: string;
  choices?: readonly string[];
  onCommit: (text: string) => void;
}) {
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const commit = () => {
    if (typed !== null && typed !== props.value) props.onCommit(typed);
    setTyped(null);
  };
  return (
    <label className="inline-flex items-center gap-1 text-muted">
      {props.label}
      <input
        type="text"
        aria-label={props.name}
        list={props.choices && id}
        placeholder={props.placeholder}
        spellCheck={false}
        className={`field h-6 min-h-6 px-1 font-mono text-xs pointer-coarse:min-h-11 pointer-coarse:text-base ${props.choices ? "w-36" : "w-12"}`}
        value={typed ?? props.value}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === "Enter" && commit()}
      />
      {props.choices && (
        <datalist id={id}>
          {props.choices.map((text) => (
            <option key={text} value={text} />
          ))}
        </datalist>
      )}
    </label>
  );
}
