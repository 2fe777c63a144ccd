/** A recipe in words, in the room of one line. What does not fit there is a press away, and lies over what stands below. */
import { useEffect, useRef, useState } from "react";
import { useSize } from "../charts/useSize.ts";

export function RecipeWords({ words }: { words: string }) {
  const line = useRef<HTMLSpanElement | null>(null);
  const [sized, { width }] = useSize({ width: 0, height: 0 });
  const [cut, setCut] = useState(false);
  const [open, setOpen] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whether they fit changes with the words and with the room
  useEffect(() => {
    const { current } = line;
    setCut(current !== null && current.scrollWidth > current.clientWidth);
    setOpen(false);
  }, [words, width]);
  const text = (
    <span
      ref={(element) => {
        line.current = element;
        sized(element);
      }}
      className="block truncate"
      title={cut ? words : undefined}
    >
      {words}
    </span>
  );
  if (!cut) return <span className="min-w-0">{text}</span>;
  return (
    <span className="min-w-0">
      <button
        type="button"
        aria-expanded={open}
        className="m-0 block w-full cursor-help border-0 bg-transparent p-0 text-left text-inherit [font:inherit] pointer-coarse:min-h-11"
        onClick={() => setOpen(!open)}
        onBlur={() => setOpen(false)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || !open) return;
          event.preventDefault();
          setOpen(false);
        }}
      >
        {text}
        {open && (
          <span className="popup absolute top-0 left-0 z-20 block w-max max-w-full whitespace-normal px-2 py-1 text-ink">
            {words}
          </span>
        )}
      </button>
    </span>
  );
}
