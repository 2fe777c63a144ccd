/**
 * What is typed between asking for the palette and the focus of its field belongs to the palette, not to whatever had the
 * focus before: it may have to be loaded first.
 */

export interface TypedAhead {
  text: string;
  /** Enter was pressed after it. */
  entered: boolean;
}

/** A palette that does not come must not keep the keyboard. */
const AT_MOST_MS = 4000;

let end: (() => TypedAhead) | null = null;

/** Keeps letters back from the page until they are taken. */
export function collectKeys(): void {
  end?.();
  const typed: TypedAhead = { text: "", entered: false };
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Enter") typed.entered = true;
    else if (event.key === "Backspace") typed.text = typed.text.slice(0, -1);
    else if ([...event.key].length === 1) typed.text += event.key;
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const timer = setTimeout(() => end?.(), AT_MOST_MS);
  window.addEventListener("keydown", onKey, true);
  end = () => {
    clearTimeout(timer);
    window.removeEventListener("keydown", onKey, true);
    end = null;
    return typed;
  };
}

/** What was typed since `collectKeys`; the page has its keys again. */
export const takeKeys = (): TypedAhead => end?.() ?? { text: "", entered: false };
