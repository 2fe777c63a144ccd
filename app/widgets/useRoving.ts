/** Many buttons as one stop of the Tab key: arrows, Home and End walk among them, as in a toolbar. */
import { type FocusEvent, type KeyboardEvent, useState } from "react";

const buttonsIn = (element: Element): HTMLButtonElement[] => [...element.querySelectorAll("button")];

export interface Roving {
  /** For the button of an index. */
  tabIndex(index: number): 0 | -1;
  /** For the element around the buttons. */
  around: {
    onFocus(event: FocusEvent<HTMLElement>): void;
    onKeyDown(event: KeyboardEvent<HTMLElement>): void;
  };
}

/** @param here the button that is the stop before any had the focus: what is chosen among them, if something is */
export function useRoving(count: number, here = 0): Roving {
  const [last, setLast] = useState<number | null>(null);
  const stop = Math.min(last ?? here, count - 1);
  return {
    tabIndex: (index) => (index === stop ? 0 : -1),
    around: {
      onFocus(event) {
        const index = buttonsIn(event.currentTarget).indexOf(event.target as HTMLButtonElement);
        if (index >= 0) setLast(index);
      },
      onKeyDown(event) {
        if (event.altKey || event.ctrlKey || event.metaKey) return;
        const buttons = buttonsIn(event.currentTarget);
        const at = buttons.indexOf(event.target as HTMLButtonElement);
        if (at < 0) return;
        const to = new Map([
          ["ArrowRight", at + 1],
          ["ArrowDown", at + 1],
          ["ArrowLeft", at - 1],
          ["ArrowUp", at - 1],
          ["Home", 0],
          ["End", buttons.length - 1],
        ]).get(event.key);
        if (to === undefined) return;
        event.preventDefault();
        buttons[(to + buttons.length) % buttons.length].focus();
      },
    },
  };
}
