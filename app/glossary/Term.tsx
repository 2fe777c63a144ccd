/** A term that explains itself where it stands: pointed at, tapped, or reached by keyboard. Escape puts the words away. */
import { type ReactNode, useCallback, useEffect, useId, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { type TermName, terms } from "./terms.ts";

const OPEN_AFTER_MS = 250;
const WIDTH = 280;
const EDGE = 8;

interface Place {
  left: number;
  top: number | undefined;
  bottom: number | undefined;
}

/** Below the term where there is room, else above it; inside the window. */
function placeOf(term: DOMRect): Place {
  const left = Math.max(EDGE, Math.min(term.left, window.innerWidth - WIDTH - EDGE));
  const below = window.innerHeight - term.bottom > 150;
  return below
    ? { left, top: term.bottom + 4, bottom: undefined }
    : { left, top: undefined, bottom: window.innerHeight - term.top + 4 };
}

export function Term({ of, tabIndex, children }: { of: TermName; tabIndex?: 0 | -1; children?: ReactNode }) {
  const { name, short, long } = terms[of];
  const button = useRef<HTMLButtonElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const [place, setPlace] = useState<Place | null>(null);
  const id = useId();
  const show = useCallback(() => {
    clearTimeout(timer.current);
    if (button.current) setPlace(placeOf(button.current.getBoundingClientRect()));
  }, []);
  const hide = useCallback(() => {
    clearTimeout(timer.current);
    setPlace(null);
  }, []);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!place) return;
    // What scrolls away takes its words along; a tap elsewhere is for something else.
    const away = (event: Event) => {
      if (!(event.target instanceof Node && button.current?.contains(event.target))) hide();
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      hide();
    };
    window.addEventListener("scroll", hide, true);
    window.addEventListener("pointerdown", away, true);
    window.addEventListener("keydown", onKey, true);
    return () => {
      window.removeEventListener("scroll", hide, true);
      window.removeEventListener("pointerdown", away, true);
      window.removeEventListener("keydown", onKey, true);
    };
  }, [place, hide]);
  return (
    <>
      <button
        ref={button}
        type="button"
        tabIndex={tabIndex}
        aria-expanded={place !== null}
        aria-describedby={place ? id : undefined}
        className="m-0 cursor-help border-0 bg-transparent p-0 text-inherit underline decoration-dotted decoration-from-font underline-offset-2 [font:inherit] pointer-coarse:min-h-6"
        onClick={() => (place ? hide() : show())}
        onPointerEnter={(event) => {
          if (event.pointerType === "mouse") timer.current = setTimeout(show, OPEN_AFTER_MS);
        }}
        onPointerLeave={(event) => event.pointerType === "mouse" && hide()}
        onBlur={hide}
      >
        {children ?? name}
      </button>
      {place &&
        createPortal(
          <div
            id={id}
            role="tooltip"
            className="popup pointer-events-none fixed z-[65] px-3 py-2 text-left text-xs"
            style={{ ...place, width: WIDTH }}
          >
            <p className="m-0 font-semibold">{name}</p>
            <p className="m-0">{`${short[0].toUpperCase()}${short.slice(1)}.`}</p>
            <p className="m-0 text-muted">{long}</p>
          </div>,
          document.body,
        )}
    </>
  );
}
