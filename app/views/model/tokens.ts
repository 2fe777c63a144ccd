/** The text that was judged, laid out in lines of a fixed number of characters, so that any part of a long one can be drawn alone. */
import type { WindowResult } from "../../../workers/lm/request.ts";

/** One prediction: a window (place among those that came) and the token's number in it. */
export interface Spot {
  window: number;
  token: number;
}

export type Line =
  /** Stands above the tokens of a window. */
  { kind: "window"; window: number } | { kind: "tokens"; window: number; from: number; to: number };

/** A token's text as it is shown: a line break is a sign, and what cannot be seen is spelled. */
export function shownPiece(piece: string): string {
  if (piece === "") return "∅";
  return piece.replaceAll("\n", "↵").replaceAll("\t", "⇥").replaceAll("\r", "␍");
}

/** Columns of a fixed-width font that a text takes: letters of East Asian scripts take two. */
export function columnsOf(text: string): number {
  let n = 0;
  for (const character of text) n += (character.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1;
  return n;
}

/** Lines of at most `columns` characters; a token is never cut, so that one longer than a line has it alone. */
export function linesOf(windows: readonly Pick<WindowResult, "pieces">[], columns: number): Line[] {
  const lines: Line[] = [];
  windows.forEach(({ pieces }, window) => {
    lines.push({ kind: "window", window });
    let from = 0;
    let taken = 0;
    const end = (to: number) => {
      if (to > from) lines.push({ kind: "tokens", window, from, to });
      from = to;
      taken = 0;
    };
    pieces.forEach((piece, i) => {
      const width = columnsOf(shownPiece(piece));
      if (taken + width > columns) end(i);
      taken += width;
      if (piece.includes("\n")) end(i + 1);
    });
    end(pieces.length);
  });
  return lines;
}

/** The line that a prediction stands in. */
export const lineOf = (lines: readonly Line[], { window, token }: Spot): number =>
  lines.findIndex((line) => line.kind === "tokens" && line.window === window && line.from <= token && token < line.to);

/** So many predictions on, or back, through all windows; at the ends it stays. */
export function moved(windows: readonly Pick<WindowResult, "pieces">[], { window, token }: Spot, by: number): Spot {
  const starts: number[] = [];
  let all = 0;
  for (const { pieces } of windows) {
    starts.push(all);
    all += pieces.length;
  }
  if (all === 0) return { window: 0, token: 0 };
  const at = Math.max(0, Math.min(all - 1, (starts[window] ?? 0) + token + by));
  let place = starts.length - 1;
  while (starts[place] > at || windows[place].pieces.length === 0) place--;
  return { window: place, token: at - starts[place] };
}

/** KL at which a token has its full colour, and that below which it has none, in nats; between them by the logarithm. */
export const KL_FULL = 1;
export const KL_LEAST = 0.01;

/** 0 to 1, how strongly a token is coloured; NaN where its KL is not finite. */
export function strengthOf(kl: number): number {
  if (!Number.isFinite(kl)) return Number.NaN;
  if (kl <= KL_LEAST) return 0;
  return Math.min(1, Math.log(kl / KL_LEAST) / Math.log(KL_FULL / KL_LEAST));
}
