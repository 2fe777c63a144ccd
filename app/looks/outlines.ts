/** Outlines of marks around the origin, of about the same visual weight. */
import {
  type Path,
  type SymbolType,
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
  symbolWye,
} from "d3";

/** Draws a closed polygon whose corners stand at the given radii in turn, the first one up unless an angle says otherwise. */
function polygon(context: Path | CanvasRenderingContext2D, radii: readonly number[], first = -Math.PI / 2): void {
  radii.forEach((radius, i) => {
    const angle = (2 * Math.PI * i) / radii.length + first;
    const [x, y] = [radius * Math.cos(angle), radius * Math.sin(angle)];
    if (i === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  });
  context.closePath();
}

/** A regular polygon of the given area. */
const regular = (corners: number, first?: number): SymbolType => ({
  draw(context, size) {
    const radius = Math.sqrt((2 * size) / (corners * Math.sin((2 * Math.PI) / corners)));
    polygon(context, new Array(corners).fill(radius), first);
  },
});

/** A star of so many points, deep enough to be told from a circle. */
const pointed = (points: number): SymbolType => ({
  draw(context, size) {
    const radius = Math.sqrt((2 * size) / (points * Math.sin(Math.PI / points)) / 1.1);
    polygon(
      context,
      Array.from({ length: 2 * points }, (_, i) => (i % 2 === 0 ? radius : 0.55 * radius)),
    );
  },
});

const shapes = {
  circle: symbolCircle,
  square: symbolSquare,
  triangle: symbolTriangle,
  diamond: symbolDiamond,
  plus: symbolCross,
  wye: symbolWye,
  star: symbolStar,
  hexagon: regular(6),
  down: regular(3, Math.PI / 2),
  pentagon: regular(5),
  "star of four": pointed(4),
  "star of three": pointed(3),
} as const satisfies Record<string, SymbolType>;

export const outlineNames = Object.keys(shapes) as (keyof typeof shapes)[];

/** A named outline; `points 7` is a star of seven points. */
export type OutlineName = keyof typeof shapes | `points ${number}`;

const isNamed = (name: string): name is keyof typeof shapes => name in shapes;

/** Its path around the origin, for an area in square pixels. */
export function outlinePath(name: OutlineName, size: number): string {
  const shape = isNamed(name) ? shapes[name] : pointed(Number(name.slice("points ".length)));
  return symbol(shape, size)() ?? "";
}
