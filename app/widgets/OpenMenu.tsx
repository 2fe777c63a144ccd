/** The menu itself. It opens as soon as it is drawn: it was asked for by then. */
import { Menu } from "@base-ui/react/menu";
import { Fragment, useState } from "react";
import { Icon } from "./icons.tsx";
import type { MenuEntry, MenuProps } from "./menu.ts";
import { menuHome } from "./menuHome.ts";

export function OpenMenu({ label, trigger, className, align, sections }: MenuProps) {
  const [open, setOpen] = useState(true);
  return (
    <Menu.Root open={open} onOpenChange={setOpen}>
      <Menu.Trigger className={`btn ${className ?? ""}`} aria-label={label} title={label}>
        {trigger}
      </Menu.Trigger>
      <Menu.Portal container={menuHome}>
        <Menu.Positioner sideOffset={4} align={align ?? "start"} collisionPadding={8} className="z-50">
          <Menu.Popup className="popup max-w-[min(24rem,calc(100vw-16px))]">
            {open &&
              sections().map((section, i) => (
                <Fragment key={section.label}>
                  {i > 0 && <Menu.Separator className="mx-2 my-1 border-line border-t" />}
                  <Menu.Group>
                    {section.label !== null && (
                      <Menu.GroupLabel className="label px-2.5 py-1">{section.label}</Menu.GroupLabel>
                    )}
                    {section.entries.map((entry) => (
                      <Item key={entry.id} entry={entry} beside={section.entries.some(({ icon }) => icon)} />
                    ))}
                  </Menu.Group>
                </Fragment>
              ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

/** `beside` others that have a picture, one without it keeps its place. */
function Item({ entry, beside }: { entry: MenuEntry; beside: boolean }) {
  const { icon, label, lines, shortcut, chosen, enabled, run } = entry;
  return (
    <Menu.Item className={`menu-item ${lines ? "items-start py-1.5" : ""}`} disabled={!enabled} onClick={run}>
      {icon ? <Icon name={icon} className="text-muted" /> : beside && <span aria-hidden="true" className="size-4" />}
      {chosen !== undefined && <Icon name="better" className={`mt-0.5 ${chosen ? "text-accent" : "invisible"}`} />}
      <span className="mr-6 min-w-0">
        <span className="block">{label}</span>
        {lines?.map((line) => (
          <span key={line} className="block text-muted text-xs">
            {line}
          </span>
        ))}
      </span>
      {shortcut && (
        <span aria-hidden="true" className="key ml-auto pointer-coarse:hidden">
          {shortcut}
        </span>
      )}
    </Menu.Item>
  );
}
