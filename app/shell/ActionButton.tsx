/** A button of an action: its name, its shortcut and whether it can be done come from the list. */
import { useSyncExternalStore } from "react";
import type { Action } from "../actions/action.ts";
import { keyLabel } from "../actions/keys.ts";
import { useWorkbench } from "../state/workbench.ts";
import { Icon, type IconName } from "../widgets/icons.tsx";

/** Whether an action can be done now; looks again when the experiment or the results change. */
export function useEnabled(action: Action): boolean {
  const { timeline, runs } = useWorkbench();
  return useSyncExternalStore(
    (changed) => {
      const ends = [timeline.subscribe(changed), runs.store.subscribe(changed)];
      return () => {
        for (const end of ends) end();
      };
    },
    () => action.enabled?.() !== false,
  );
}

export const titleOf = (action: Action): string =>
  action.keys?.[0] ? `${action.label} (${keyLabel(action.keys[0])})` : action.label;

export function ActionButton(props: { action: Action; icon?: IconName; text?: string; className?: string }) {
  const { action, icon = action.icon, text } = props;
  const enabled = useEnabled(action);
  return (
    <button
      type="button"
      className={`btn btn-quiet ${props.className ?? ""}`}
      aria-label={text ? undefined : action.label}
      title={titleOf(action)}
      disabled={!enabled}
      onClick={() => action.run()}
    >
      {icon && <Icon name={icon} />}
      {text}
    </button>
  );
}
