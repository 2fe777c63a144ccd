/** The text that was judged under A and B side by side, each token coloured by its KL. Only what is in sight is drawn. */
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import type { FirstChoices, WindowResult } from "../../../workers/lm/request.ts";
import { Choice } from "../../charts/Controls.tsx";
import { formatNumber, formatPercent } from "../../charts/numbers.ts";
import type { Side } from "../../charts/types.ts";
import { useSize } from "../../charts/useSize.ts";
import { useFixedRows } from "../../widgets/useFixedRows.ts";
import { useNarrow } from "../../widgets/useMedia.ts";
import { KL_FULL, KL_LEAST, type Line, lineOf, linesOf, moved, type Spot, shownPiece, strengthOf } from "./tokens.ts";

interface Props {
  windows: readonly WindowResult[];
  stale: string | null;
}

/** Pixels of a letter of the font that the text is shown in, about; lines that come out longer are clipped. */
const LETTER = 7.3;
const ROW = 20;

/** Ink stays readable on the strongest of these, in both themes. */
const tint = (side: Side, kl: number): string | undefined => {
  const strength = strengthOf(kl);
  if (Number.isNaN(strength)) return undefined;
  return strength === 0
    ? undefined
    : `color-mix(in srgb, var(--${side}) ${Math.round(8 + 42 * strength)}%, var(--panel))`;
};

export function TextPane({ windows, stale }: Props) {
  const narrow = useNarrow();
  const [only, setOnly] = useState<Side>("a");
  const [ref, size] = useSize({ width: 600, height: 240 });
  const [spot, setSpot] = useState<Spot | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const there = (["a", "b"] as const).filter((side) => windows.some((window) => window[side]));
  const shown = narrow && there.length > 1 ? [only] : there;
  const columns = Math.max(12, Math.floor((size.width / Math.max(1, shown.length) - 16) / LETTER));
  const lines = useMemo(() => linesOf(windows, columns), [windows, columns]);
  const rows = useFixedRows(scroller, { count: lines.length, height: ROW, overscan: 6 });
  // Windows may be other ones by now.
  const marked = spot && spot.token < (windows[spot.window]?.pieces.length ?? 0) ? spot : null;
  const go = (to: Spot) => {
    setSpot(to);
    rows.scrollTo(lineOf(lines, to));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolling by hand is left alone
  useEffect(() => {
    if (marked) rows.scrollTo(lineOf(lines, marked));
  }, [columns]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const here = marked ?? { window: 0, token: -1 };
    const line = marked ? lineOf(lines, marked) : -1;
    const lineAt = (by: number): Spot => {
      const tokens = lines.flatMap((one, i) => (one.kind === "tokens" ? [i] : []));
      const at = tokens.indexOf(line);
      const next = lines[tokens[Math.max(0, Math.min(tokens.length - 1, at + by))]] as Extract<
        Line,
        { kind: "tokens" }
      >;
      const offset = marked && line >= 0 ? marked.token - (lines[line] as Extract<Line, { kind: "tokens" }>).from : 0;
      return { window: next.window, token: Math.min(next.to - 1, next.from + offset) };
    };
    const act = new Map<string, () => Spot>([
      ["ArrowRight", () => moved(windows, here, 1)],
      ["ArrowLeft", () => moved(windows, here, -1)],
      ["ArrowDown", () => lineAt(1)],
      ["ArrowUp", () => lineAt(-1)],
      ["PageDown", () => lineAt(10)],
      ["PageUp", () => lineAt(-10)],
      ["Home", () => moved(windows, here, Number.NEGATIVE_INFINITY)],
      ["End", () => moved(windows, here, Number.POSITIVE_INFINITY)],
    ]).get(event.key);
    if (event.key === "Escape" && marked) setSpot(null);
    else if (act && lines.length > 0) go(act());
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  if (windows.length === 0) {
    return <p className="m-0 grid h-full place-items-center text-muted">The text appears with its first window.</p>;
  }
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 pb-1 text-xs">
        {narrow && there.length > 1 && (
          <Choice
            label="Text under"
            value={only}
            options={[
              { value: "a", label: "A" },
              { value: "b", label: "B" },
            ]}
            onChange={setOnly}
          />
        )}
        <Legend sides={shown} />
        {stale && <span className="text-warn">{stale}</span>}
      </div>
      <div ref={ref} className="min-h-0 flex-1">
        <div
          ref={scroller}
          role="application"
          aria-roledescription="text"
          aria-label="Tokens coloured by KL: arrow keys go from token to token"
          aria-describedby="token-readout"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: an application region handles keys itself
          tabIndex={0}
          className="h-full overflow-auto font-mono text-xs outline-offset-[-2px]"
          onKeyDown={onKeyDown}
        >
          <div className="relative" style={{ height: rows.total }}>
            {rows.items.map(({ index, start, size: height }) => (
              <div
                key={index}
                className="absolute inset-x-0 grid gap-x-3"
                style={{ top: start, height, gridTemplateColumns: `repeat(${shown.length}, minmax(0, 1fr))` }}
              >
                <Row line={lines[index]} windows={windows} sides={shown} marked={marked} onMark={setSpot} />
              </div>
            ))}
          </div>
        </div>
      </div>
      <Readout windows={windows} spot={marked} sides={there} />
    </div>
  );
}

function Row(props: {
  line: Line;
  windows: readonly WindowResult[];
  sides: readonly Side[];
  marked: Spot | null;
  onMark: (spot: Spot) => void;
}) {
  const { line, windows, sides, marked, onMark } = props;
  const window = windows[line.window];
  if (line.kind === "window") {
    const last = window.first + window.pieces.length - 1;
    return (
      <div className="col-span-full truncate border-grid border-t font-sans text-[11px] text-muted leading-5">
        window {window.index + 1}: tokens {window.first.toLocaleString("en")} to {last.toLocaleString("en")}
      </div>
    );
  }
  return sides.map((side) => (
    <div key={side} className="overflow-hidden whitespace-pre leading-5" data-tokens={side}>
      {window.pieces.slice(line.from, line.to).map((piece, i) => {
        const token = line.from + i;
        const kl = window[side]?.kl[token] ?? Number.NaN;
        const here = marked?.window === line.window && marked.token === token;
        return (
          // The region has the keyboard; its readout says what the marked token is.
          // biome-ignore lint/a11y/useKeyWithClickEvents: see above
          // biome-ignore lint/a11y/noStaticElementInteractions: see above
          <span
            key={token}
            className={`py-0.5 ${here ? "outline-2 outline-mark outline-offset-[-2px]" : ""} ${Number.isNaN(kl) ? "text-bad line-through" : ""}`}
            style={{ background: tint(side, kl) }}
            onPointerEnter={(event) => event.pointerType === "mouse" && onMark({ window: line.window, token })}
            onClick={() => onMark({ window: line.window, token })}
          >
            {shownPiece(piece)}
          </span>
        );
      })}
    </div>
  ));
}

function Legend({ sides }: { sides: readonly Side[] }) {
  const steps = [KL_LEAST, 0.1, KL_FULL];
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2 text-muted">
      KL, nats
      {sides.map((side) => (
        <span key={side} className="inline-flex items-center gap-1">
          <span className={side === "a" ? "text-a" : "text-b"}>{side.toUpperCase()}</span>
          {steps.map((kl, i) => (
            <span key={kl} className="rounded-sm px-1 text-ink" style={{ background: tint(side, kl * 1.0001) }}>
              {i === 0 ? `≤ ${kl}` : i === steps.length - 1 ? `≥ ${kl}` : kl}
            </span>
          ))}
        </span>
      ))}
    </span>
  );
}

function Readout({
  windows,
  spot,
  sides,
}: {
  windows: readonly WindowResult[];
  spot: Spot | null;
  sides: readonly Side[];
}) {
  const window = spot && windows[spot.window];
  if (!spot || !window) {
    return (
      <p id="token-readout" className="m-0 h-[34px] pt-1 text-muted text-xs leading-[15px] max-[859px]:h-[64px]">
        Point at a token, tap it, or step with the arrow keys: its probability under each, its KL, and what is likeliest
        there.
      </p>
    );
  }
  const { token } = spot;
  const p = Math.exp(-window.nll[token]);
  const own = window.choices;
  return (
    <p
      id="token-readout"
      role="status"
      className="m-0 h-[34px] overflow-auto pt-1 text-xs leading-[15px] max-[859px]:h-[64px]"
    >
      <span className="rounded bg-grid px-1 font-mono">{shownPiece(window.pieces[token])}</span> token{" "}
      {(window.first + token).toLocaleString("en")} · p {formatPercent(p)} as it is
      <FirstChoice window={window} of={own} token={token} />
      {sides.map((side) => {
        const of = window[side];
        if (!of) return null;
        const q = Math.exp(-of.nll[token]);
        return (
          <span key={side}>
            {" · "}
            <span className={side === "a" ? "text-a" : "text-b"}>{side.toUpperCase()}</span>{" "}
            {Number.isFinite(of.kl[token]) ? (
              <>
                p {formatPercent(q)}, KL {formatNumber(of.kl[token], 3)} nats
                <FirstChoice window={window} of={of.choices} token={token} same={of.same[token] === 1} />
              </>
            ) : (
              "its logits are not finite"
            )}
          </span>
        );
      })}
    </p>
  );
}

/** What would have been said first, and how sure it was. */
function FirstChoice(props: { window: WindowResult; of: FirstChoices; token: number; same?: boolean }) {
  const { window, of, token, same } = props;
  const p = of.p[token];
  if (!Number.isFinite(p)) return null;
  const chosen = of.tokens[token];
  const right = chosen === window.targets[token];
  return (
    <>
      , {same === undefined ? "first choice" : same ? "same first choice" : "other first choice"}{" "}
      <span className="rounded bg-grid px-1 font-mono">{shownPiece(window.chosen.get(chosen) ?? "")}</span>{" "}
      {right ? "(right)" : formatPercent(p)}
    </>
  );
}
