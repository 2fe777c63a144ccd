/** A term that explains itself where it stands: pointed at, tapped, or reached by keyboard. Escape puts the words away. */
import { type ReactNode, Suspense, useCallback, useEffect, useId, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { lazyPart } from "../widgets/lazyPart.ts";
import type { TermName } from "./terms.ts";

// Nobody asks what a term means before the first figure is there.
const TermWords = lazyPart(async () => (await import("./TermWords.tsx")).TermWords);

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

export function Term({ of, tabIndex, children }: { of: TermName; tabIndex?: 0 | -1; children: ReactNode }) {
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
        data-term={of}
        tabIndex={tabIndex}
        aria-expanded={place !== null}
        aria-describedby={place ? id : undefined}
        className="m-0 cursor-help border-0 bg-transparent p-0 text-inherit underline decoration-dotted decoration-from-font underline-offset-2 [font:inherit] pointer-coarse:min-h-6 pointer-coarse:min-w-6"
        onClick={() => (place ? hide() : show())}
        onPointerEnter={(event) => {
          if (event.pointerType === "mouse") timer.current = setTimeout(show, OPEN_AFTER_MS);
        }}
        onPointerLeave={(event) => event.pointerType === "mouse" && hide()}
        onBlur={hide}
      >
        {children}
      </button>
      {place &&
        createPortal(
          <Suspense fallback={null}>
            <TermWords of={of} id={id} style={{ ...place, width: WIDTH }} />
          </Suspense>,
          document.body,
        )}
    </>
  );
}
