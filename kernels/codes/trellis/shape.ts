/** Values of a tile, and of its sides. */
export const SIDE = 16;
export const TILE = SIDE * SIDE;

export type BookName = "mad1" | "inst3" | "hybrid" | "mcg" | "mul1";

/** A walk of 16 bits through each 16 x 16 tile, which ends where it began. */
export interface TrellisCode {
  /** Bits a value. */
  bits: number;
  /** Values a step: two for the hybrid book. */
  pair: boolean;
  book: BookName;
  /** In which order a walk takes the values of a tile. */
  order: "qtip" | "exl3";
  /** The root mean square of what is coded, in units of the book's. */
  scale: number;
}
