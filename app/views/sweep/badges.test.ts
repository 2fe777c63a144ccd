import { expect, it } from "vitest";
import { placeBadges, RING, SQUARE } from "./badges.ts";

it("letters stand on neither ring and not on each other, however near the rings are", () => {
  for (let dx = -40; dx <= 40; dx += 2)
    for (let dy = -40; dy <= 40; dy += 2) {
      const badges = placeBadges([
        { side: "a", x: 100, y: 100 },
        { side: "b", x: 100 + dx, y: 100 + dy },
      ]);
      const [a, b] = badges.map(({ letter }) => letter);
      expect(Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y))).toBeGreaterThanOrEqual(SQUARE);
      for (const [i, letter] of [a, b].entries()) {
        const ring = badges[1 - i];
        expect(Math.max(Math.abs(letter.x - ring.x), Math.abs(letter.y - ring.y))).toBeGreaterThanOrEqual(
          RING + SQUARE / 2,
        );
      }
    }
});
