/** Every shortcut, from the list of actions. */
import { type Action, keyLabel } from "../shell/actions.ts";

const elsewhere: readonly [string, string][] = [
  ["Ctrl Space", "Completions, in a recipe"],
  ["↑ ↓ ← →", "Move in the tensor tree, and in a chart that has the focus"],
];

export function ShortcutList({ actions }: { actions: readonly Action[] }) {
  const groups = [...new Set(actions.map((action) => action.group))];
  return (
    <div className="-mr-2 columns-1 gap-6 overflow-auto pr-2 sm:columns-2">
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
      <section className="break-inside-avoid">
        <h3 className="label m-0 mb-1 font-semibold">Where the focus is</h3>
        <dl className="m-0">
          {elsewhere.map(([keys, label]) => (
            <Shortcut key={keys} keys={[keys]} label={label} />
          ))}
        </dl>
      </section>
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
