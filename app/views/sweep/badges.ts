/** Where the letters of the Bench's recipes stand: beside their rings, on neither ring and not on each other. */
import type { Side } from "../../charts/types.ts";
import { type Box, overlaps } from "./labels.ts";

export interface Badge {
  side: Side;
  /** Centre of the ring. */
  x: number;
  y: number;
  /** Centre of the letter's square. */
  letter: { x: number; y: number };
}

export const RING = 8;
/** Side of the letter's square. */
export const SQUARE = 14;

const around = ({ x, y }: { x: number; y: number }, by: number): Box => ({
  x0: x - by,
  y0: y - by,
  x1: x + by,
  y1: y + by,
});

/** A to the upper left of its ring and B to the upper right where nothing is in the way. */
export function placeBadges(rings: readonly { side: Side; x: number; y: number }[]): Badge[] {
  const badges: Badge[] = [];
  for (const ring of rings) {
    const out = ring.side === "a" ? -13 : 13;
    const places = [
      [out, -12],
      [out, 12],
      [-out, -12],
      [-out, 12],
      [0, -18],
      [0, 18],
    ].map(([dx, dy]) => ({ x: ring.x + dx, y: ring.y + dy }));
    const taken = [
      ...badges.map((badge) => around(badge.letter, SQUARE / 2)),
      ...rings.filter((other) => other !== ring).map((other) => around(other, RING)),
    ];
    const free = places.find((place) => !taken.some((box) => overlaps(box, around(place, SQUARE / 2))));
    badges.push({ ...ring, letter: free ?? places[0] });
  }
  return badges;
}

/** What badges cover. */
export const badgeBoxes = (badges: readonly Badge[]): Box[] =>
  badges.flatMap((badge) => [around(badge, RING), around(badge.letter, SQUARE / 2)]);
