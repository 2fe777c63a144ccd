/** A menu made of actions. */
import { Menu } from "@base-ui/react/menu";
import { createRef, type ReactNode } from "react";
import { useEnabled } from "./ActionButton.tsx";
import { type Action, keyLabel } from "./actions.ts";
import { Icon } from "./icons.tsx";

export function ActionItem({ action }: { action: Action }) {
  const enabled = useEnabled(action);
  return (
    <Menu.Item className="menu-item" disabled={!enabled} onClick={() => action.run()}>
      {action.icon ? <Icon name={action.icon} className="text-muted" /> : null}
      <span className="mr-6">{action.label}</span>
      {action.keys?.[0] && <kbd className="key ml-auto">{keyLabel(action.keys[0])}</kbd>}
    </Menu.Item>
  );
}

/** Where menus are drawn: inside the header, so that they belong to a landmark as their buttons do. */
export const menuHome = createRef<HTMLDivElement>();

export function MenuButton(props: {
  label: string;
  trigger: ReactNode;
  className?: string;
  align?: "start" | "end";
  children: ReactNode;
}) {
  return (
    <Menu.Root>
      <Menu.Trigger className={`btn ${props.className ?? ""}`} aria-label={props.label} title={props.label}>
        {props.trigger}
      </Menu.Trigger>
      <Menu.Portal container={menuHome}>
        <Menu.Positioner sideOffset={4} align={props.align ?? "start"} collisionPadding={8} className="z-50">
          <Menu.Popup className="popup">{props.children}</Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
