/** What the palette offers: the page's actions, the tensors of the source, the samples, and the recipes that have a name. */

import { vocabulary } from "../../kernels/notation/vocabulary.ts";
import { printable } from "../../kernels/text/printable.ts";
import type { TensorInfo } from "../../workers/tensors/info.ts";
import type { Action } from "../actions/action.ts";
import { keyLabel } from "../actions/keys.ts";
import { withRecipe, withSource, withTensor } from "../state/experiment.ts";
import { sides } from "../state/runs.ts";
import type { Workbench } from "../state/workbench.ts";
import type { IconName } from "../widgets/icons.tsx";

export interface PaletteEntry {
  id: string;
  kind: "view" | "action" | "tensor" | "recipe" | "sample";
  label: string;
  /** What is searched, in small letters. */
  text: string;
  /** Said beside the label. */
  note?: string;
  /** As people read it. */
  shortcut?: string;
  icon?: IconName;
  enabled: boolean;
  run: () => void;
}

export const kindLabels: Record<PaletteEntry["kind"], string> = {
  view: "View",
  action: "Action",
  tensor: "Tensor",
  recipe: "Recipe",
  sample: "Sample",
};

const actionEntry = (action: Action): PaletteEntry => ({
  id: action.id,
  kind: action.opens ? "view" : "action",
  label: action.label,
  text: `${action.label} ${action.group}`.toLowerCase(),
  note: action.group,
  shortcut: action.keys?.[0] && keyLabel(action.keys[0]),
  icon: action.icon,
  enabled: action.enabled?.() !== false,
  run: action.run,
});

/** Everything but tensors: few, made when the palette opens. Views come first. */
export function fixedEntries(w: Workbench, actions: readonly Action[]): PaletteEntry[] {
  const { timeline, source } = w;
  const all = actions.filter((a) => a.id !== "palette").map(actionEntry);
  const recipes = sides.flatMap((side) =>
    vocabulary.aliases.map(
      ({ name, describe }): PaletteEntry => ({
        id: `recipe-${side}-${name}`,
        kind: "recipe",
        label: `${name} as ${side.toUpperCase()}`,
        text: `${name} as ${side} recipe`,
        note: describe,
        enabled: true,
        run: () => timeline.change((e) => withRecipe(e, side, name)),
      }),
    ),
  );
  const samples = source.store.getState().samples.map(
    ({ id, label }): PaletteEntry => ({
      id: `sample-${id}`,
      kind: "sample",
      label: `Open the sample ${label}`,
      text: `open the sample ${label}`.toLowerCase(),
      icon: "file",
      enabled: true,
      run: () => timeline.change((e) => withSource(e, { kind: "sample", id })),
    }),
  );
  return [...all.filter((e) => e.kind === "view"), ...all.filter((e) => e.kind !== "view"), ...samples, ...recipes];
}

/** A tensor as it is searched: its name in small letters is made once. */
export interface Named {
  tensor: TensorInfo;
  text: string;
}

export const namedTensors = (tensors: readonly TensorInfo[]): Named[] =>
  tensors.map((tensor) => ({ tensor, text: tensor.name.toLowerCase() }));

export const tensorEntry = (w: Workbench, { tensor, text }: Named): PaletteEntry => ({
  id: `tensor-${tensor.name}`,
  kind: "tensor",
  label: printable(tensor.name),
  text,
  note: `${tensor.shape.join("×") || "scalar"} ${tensor.dtype}`,
  icon: "table",
  enabled: true,
  run: () => w.timeline.change((e) => (e.tensor === tensor.name ? e : withTensor(e, tensor))),
});
