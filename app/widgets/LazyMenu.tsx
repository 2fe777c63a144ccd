/** A menu behind a button. The button is there at once; the machinery of the menu is loaded when it is first asked for. */
import { Suspense, useState } from "react";
import { lazyPart } from "./lazyPart.ts";
import type { MenuProps } from "./menu.ts";

const OpenMenu = lazyPart(async () => (await import("./OpenMenu.tsx")).OpenMenu);

export function LazyMenu(props: MenuProps) {
  const [wanted, setWanted] = useState(props.atOnce ?? false);
  const button = (
    <button
      type="button"
      className={`btn ${props.className ?? ""}`}
      aria-label={props.label}
      title={props.label}
      aria-haspopup="menu"
      aria-expanded={wanted}
      onClick={() => setWanted(true)}
      onKeyDown={(event) => event.key === "ArrowDown" && setWanted(true)}
    >
      {props.trigger}
    </button>
  );
  if (!wanted) return button;
  return (
    <Suspense fallback={button}>
      <OpenMenu {...props} />
    </Suspense>
  );
}
