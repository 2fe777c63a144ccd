/** Two panes and the handle between them (WAI-ARIA's window splitter): one keeps its size, the other takes the rest. */
import { type KeyboardEvent, type PointerEvent, type ReactNode, useId, useRef, useState } from "react";

interface Props {
  /** Beside each other, or one above the other. */
  direction: "row" | "column";
  first: ReactNode;
  second: ReactNode;
  /** Which pane has a size of its own: pixels stay as they are when the window changes, percent follow it. */
  sized?: "first" | "second";
  /** `"47%"` or pixels. */
  initial: number | `${number}%`;
  /** Pixels that each of the panes keeps at least. */
  least: readonly [number, number];
  label?: string;
  className?: string;
}

const STEP = 16;

export function Split(props: Props) {
  const { direction, first, second, sized = "first", initial, least, label = "Resize panes", className = "" } = props;
  const [size, setSize] = useState<number | `${number}%`>(initial);
  const box = useRef<HTMLDivElement>(null);
  const pane = useRef<HTMLDivElement>(null);
  const grip = useRef<{ at: number; from: number } | null>(null);
  const id = useId();
  const row = direction === "row";
  const lengthOf = (element: HTMLElement | null) => (element ? (row ? element.offsetWidth : element.offsetHeight) : 0);
  const [own, other] = sized === "first" ? least : [least[1], least[0]];
  const most = () => Math.max(own, lengthOf(box.current) - other);

  const resize = (pixels: number) => {
    const whole = lengthOf(box.current);
    if (whole === 0) return;
    const kept = Math.min(most(), Math.max(own, pixels));
    setSize(typeof initial === "number" ? Math.round(kept) : `${Number(((100 * kept) / whole).toFixed(2))}%`);
  };
  const sign = sized === "first" ? 1 : -1;
  const onKeyDown = (event: KeyboardEvent) => {
    const now = lengthOf(pane.current);
    const to = new Map([
      [row ? "ArrowRight" : "ArrowDown", now + sign * STEP],
      [row ? "ArrowLeft" : "ArrowUp", now - sign * STEP],
      ["Home", sign > 0 ? own : most()],
      ["End", sign > 0 ? most() : own],
    ]).get(event.key);
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    resize(to);
  };
  const place = (event: PointerEvent) => (row ? event.clientX : event.clientY);
  const paneOf = (which: "first" | "second", content: ReactNode) => {
    const isSized = which === sized;
    const style = isSized
      ? {
          flexBasis: size,
          [row ? "minWidth" : "minHeight"]: own,
          [row ? "maxWidth" : "maxHeight"]: `calc(100% - ${other}px)`,
        }
      : { [row ? "minWidth" : "minHeight"]: 0 };
    return (
      <div
        ref={isSized ? pane : undefined}
        id={isSized ? `${id}-pane` : undefined}
        className={isSized ? "shrink-0 grow-0 overflow-hidden" : "flex-1 overflow-hidden"}
        style={style}
      >
        {content}
      </div>
    );
  };
  return (
    <div ref={box} className={`flex h-full min-h-0 min-w-0 ${row ? "" : "flex-col"} ${className}`}>
      {paneOf("first", first)}
      {/* biome-ignore lint/a11y/useSemanticElements: a handle that is moved, not a rule between paragraphs */}
      <div
        role="separator"
        tabIndex={0}
        aria-label={label}
        aria-orientation={row ? "vertical" : "horizontal"}
        aria-controls={`${id}-pane`}
        aria-valuenow={typeof size === "number" ? size : Math.round(Number.parseFloat(size))}
        className="handle shrink-0 touch-none select-none"
        onKeyDown={onKeyDown}
        onDoubleClick={() => setSize(initial)}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          grip.current = { at: place(event), from: lengthOf(pane.current) };
        }}
        onPointerMove={(event) => {
          if (grip.current) resize(grip.current.from + sign * (place(event) - grip.current.at));
        }}
        onPointerUp={() => {
          grip.current = null;
        }}
        onPointerCancel={() => {
          grip.current = null;
        }}
      />
      {paneOf("second", second)}
    </div>
  );
}
