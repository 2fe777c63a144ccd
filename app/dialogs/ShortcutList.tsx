/** What fingers do, and every shortcut from the list of actions. */
import type { Action } from "../actions/action.ts";
import { keyLabel } from "../actions/keys.ts";
import { useCoarsePointer } from "../widgets/useMedia.ts";

const elsewhere: readonly [string, string][] = [
  ["Ctrl Space", "Completions, in a recipe"],
  ["↑ ↓ ← →", "Move in the tensor tree, and in a chart that has the focus"],
];

const gestures: readonly [string, string][] = [
  ["Tap", "Mark an element in a chart; the inspector spells it out"],
  ["Swipe", "In the inspector: to the next element"],
  ["Drag", "Zoom into values; move a zoomed error map"],
  ["Pinch", "Zoom in and out"],
];

export function ShortcutList({ actions }: { actions: readonly Action[] }) {
  const groups = [...new Set(actions.map((action) => action.group))];
  const coarse = useCoarsePointer();
  const touch = (
    <section className="mb-3 break-inside-avoid">
      <h3 className="label m-0 mb-1 font-semibold">By touch</h3>
      <dl className="m-0">
        {gestures.map(([name, label]) => (
          <Shortcut key={name} keys={[name]} label={label} />
        ))}
      </dl>
    </section>
  );
  return (
    <div className="-mr-2 columns-1 gap-6 overflow-auto pr-2 sm:columns-2">
      {coarse && touch}
      {groups.map((group) => {
        const listed = actions.filter((action) => action.group === group && action.keys);
        return listed.length === 0 ? null : (
          <section key={group} className="mb-3 break-inside-avoid">
            <h3 className="label m-0 mb-1 font-semibold">{group}</h3>
            <dl className="m-0">
              {listed.map((action) => (
                <Shortcut key={action.id} keys={action.keys?.map(keyLabel) ?? []} label={action.label} />
              ))}
            </dl>
          </section>
        );
      })}
      <section className="mb-3 break-inside-avoid">
        <h3 className="label m-0 mb-1 font-semibold">Where the focus is</h3>
        <dl className="m-0">
          {elsewhere.map(([keys, label]) => (
            <Shortcut key={keys} keys={[keys]} label={label} />
          ))}
        </dl>
      </section>
      {!coarse && touch}
    </div>
  );
}

function Shortcut({ keys, label }: { keys: readonly string[]; label: string }) {
  return (
    <div className="flex items-baseline justify-between gap-3 py-0.5">
      <dt>{label}</dt>
      <dd className="m-0 flex shrink-0 gap-1">
        {keys.map((k) => (
          <kbd key={k} className="key">
            {k}
          </kbd>
        ))}
      </dd>
    </div>
  );
}
