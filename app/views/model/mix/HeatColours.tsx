/** What the map is coloured by: figures of the assignment, signals of the tensors, and each recipe's score. */
import { signalNamed } from "../../../../kernels/signals/index.ts";
import type { ScoreFile } from "../../../../workers/scores/types.ts";
import { ofAssignment, signalColour } from "./colours.ts";

interface Props {
  scores: ScoreFile;
  /** Whether there is an assignment to colour by. */
  assigned: boolean;
  value: string;
  onChange(id: string): void;
}

export function HeatColours({ scores, value, onChange }: Props) {
  const names = Object.keys(scores.signals);
  const alone = names.filter((name) => signalNamed(name)?.byRecipe === false);
  const byRecipe = names.filter((name) => signalNamed(name)?.byRecipe !== false);
  return (
    <select
      aria-label="What the map is coloured by"
      className="field h-6 min-h-6 max-w-44 text-xs pointer-coarse:min-h-11"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    >
      <optgroup label="of the mix">
        {ofAssignment.map(({ id, title }) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </optgroup>
      {alone.length > 0 && (
        <optgroup label="of the tensors">
          {alone.map((name) => (
            <option key={name} value={signalColour(name, null)}>
              {signalNamed(name)?.title ?? name}
            </option>
          ))}
        </optgroup>
      )}
      {byRecipe.map((name) => (
        <optgroup key={name} label={`${signalNamed(name)?.title ?? name} of`}>
          {scores.recipes.map((recipe) => (
            <option key={recipe} value={signalColour(name, recipe)}>
              {recipe}
            </option>
          ))}
        </optgroup>
      ))}
    </select>
  );
}
