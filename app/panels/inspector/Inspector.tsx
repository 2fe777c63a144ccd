/** Spells out one value's arithmetic under both recipes. Narrow enough for a side pane, short enough for a bottom sheet. */
import { type KeyboardEvent, type PointerEvent, Suspense, useRef } from "react";
import type { Inspection } from "../../../kernels/report/report.ts";
import { Button } from "../../charts/Controls.tsx";
import { formatCount } from "../../charts/numbers.ts";
import type { Pair } from "../../charts/types.ts";
import { lazyPart } from "../../widgets/lazyPart.ts";

// Nothing is marked before the first figures are there.
const Spelled = lazyPart(async () => (await import("./Spelled.tsx")).Spelled);

export interface InspectorProps extends Pair<Inspection> {
  /** Canonical recipes, as headings. */
  recipeA?: string;
  recipeB?: string;
  pinned: boolean;
  /** Moves the highlight; the owner clamps at the edges. */
  onStep: (dRow: number, dCol: number) => void;
  onPin: (pinned: boolean) => void;
}

/** A swipe is longer than this, in pixels, and more across than down. */
const SWIPE = 40;

const STEPS: Record<string, readonly [number, number]> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};

export function Inspector({ a, b, recipeA, recipeB, pinned, onStep, onPin }: InspectorProps) {
  const one = a ?? b;
  const swipe = useRef<{ x: number; y: number } | null>(null);
  const touch = {
    onPointerDown: (e: PointerEvent) => {
      swipe.current = e.pointerType === "mouse" ? null : { x: e.clientX, y: e.clientY };
    },
    onPointerUp: (e: PointerEvent) => {
      const from = swipe.current;
      swipe.current = null;
      if (!from) return;
      const [dx, dy] = [e.clientX - from.x, e.clientY - from.y];
      // Content follows the finger: a swipe to the left brings the next element.
      if (Math.abs(dx) > SWIPE && Math.abs(dx) > 2 * Math.abs(dy)) onStep(0, dx < 0 ? 1 : -1);
    },
    onPointerCancel: () => {
      swipe.current = null;
    },
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const step = STEPS[e.key];
    if (!step || e.ctrlKey || e.metaKey || e.altKey || e.shiftKey) return;
    e.preventDefault();
    onStep(...step);
  };
  return (
    <section
      aria-label="Inspector"
      className="@container flex min-w-0 touch-pan-y flex-col gap-1 text-sm"
      onKeyDown={onKeyDown}
      {...touch}
    >
      <header className="flex items-center gap-0.5">
        <h3
          className="m-0 mr-auto min-w-0 truncate text-xs font-semibold leading-4 pointer-coarse:whitespace-normal"
          aria-live="polite"
        >
          {one ? `Row ${formatCount(one.row)} · column ${formatCount(one.col)}` : "Inspector"}
        </h3>
        <Button label="← previous element in the row" onClick={() => onStep(0, -1)}>
          ←
        </Button>
        <Button label="→ next element in the row" onClick={() => onStep(0, 1)}>
          →
        </Button>
        <Button label="↑ row above" onClick={() => onStep(-1, 0)}>
          ↑
        </Button>
        <Button label="↓ row below" onClick={() => onStep(1, 0)}>
          ↓
        </Button>
        <Button pressed={pinned} disabled={!one} onClick={() => onPin(!pinned)}>
          {pinned ? "Pinned" : "Pin"}
        </Button>
      </header>
      {one ? (
        <Suspense fallback={null}>
          <Spelled a={a} b={b} recipeA={recipeA} recipeB={recipeB} />
        </Suspense>
      ) : (
        <p className="m-0 text-xs text-muted">
          Point at a chart, tap it, or step with the arrows: the arithmetic of one value is spelled out here.
        </p>
      )}
    </section>
  );
}
