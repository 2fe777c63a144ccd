/** Where tensors come from: files, numbers, a generator, or the bundled samples with their licences. */
import { Menu } from "@base-ui/react/menu";
import { withSource } from "../state/experiment.ts";
import { formatSize } from "../state/source.ts";
import { useStoreOf, useWorkbench } from "../state/workbench.ts";
import { ActionItem, MenuButton } from "./ActionMenu.tsx";
import type { Action } from "./actions.ts";
import { Icon } from "./icons.tsx";

export function SourceMenu({ actions }: { actions: readonly Action[] }) {
  const { source, timeline } = useWorkbench();
  const { info, status, ref, samples } = useStoreOf(source.store, (s) => s);
  const label =
    status === "open" && info
      ? info.label
      : status === "opening"
        ? "Opening…"
        : status === "asked"
          ? "File asked for"
          : "No source";
  return (
    <MenuButton
      label={`Source: ${label}`}
      className="min-w-0 max-w-80 shrink"
      trigger={
        <>
          <Icon name="file" className="text-muted" />
          <span className="truncate">{label}</span>
          <Icon name="chevron" className="text-muted" />
        </>
      }
    >
      {actions
        .filter((action) => action.group === "Source" && action.id !== "filter")
        .map((action) => (
          <ActionItem key={action.id} action={action} />
        ))}
      <Menu.Separator className="mx-2 my-1 border-line border-t" />
      <Menu.Group>
        <Menu.GroupLabel className="label px-2.5 py-1">Samples, part of this page</Menu.GroupLabel>
        {samples.map((sample) => (
          <Menu.Item
            key={sample.id}
            className="menu-item max-w-96 items-start py-1.5"
            onClick={() => timeline.change((e) => withSource(e, { kind: "sample", id: sample.id }))}
          >
            <Icon
              name="better"
              className={`mt-0.5 ${ref?.kind === "sample" && ref.id === sample.id ? "text-accent" : "invisible"}`}
            />
            <span className="min-w-0">
              <span className="block">{sample.label}</span>
              <span className="block text-muted text-xs">{sample.describe}</span>
              <span className="block text-faint text-xs">
                {formatSize(sample.bytes)}, licence {sample.licence}
              </span>
            </span>
          </Menu.Item>
        ))}
      </Menu.Group>
      {info?.licence && status === "open" && (
        <p className="m-0 max-w-96 border-line border-t px-2.5 py-1.5 text-muted text-xs">
          Open now: licence {info.licence.name}, {info.licence.holder}, from {info.licence.from}
        </p>
      )}
    </MenuButton>
  );
}
