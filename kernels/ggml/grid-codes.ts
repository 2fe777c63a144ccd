/** The codes of blocks whose elements are points of grids: the number of each element's level, by rising level. */
import { uint16, word } from "./fields.ts";
import { evenSigns } from "./grids.ts";
import { iq1Points, iq2sPoints, iq2xsPoints, iq2xxsPoints, iq3sPoints, iq3xxsPoints, type Points } from "./points.ts";

type Codes = Uint8Array | Uint32Array;
export type Unpack = (bytes: Uint8Array, at: number, codes: Codes, to: number) => void;

/** Coordinates of a point with signs: bit j set for a negative one. Levels below zero come first. */
function signed({ dims, levels, codes: all }: Points, point: number, signs: number, codes: Codes, to: number): void {
  for (let j = 0; j < dims; j++) {
    const code = all[dims * point + j];
    codes[to + j] = (signs >> j) & 1 ? levels - 1 - code : levels + code;
  }
}

export const iq2_xxsCodes: Unpack = (bytes, at, codes, to) => {
  const points = iq2xxsPoints();
  for (let l = 0; l < 32; l++) {
    const base = at + 2 + 8 * (l >> 2);
    const signs = evenSigns[(word(bytes, base + 4) >>> (7 * (l & 3))) & 127];
    signed(points, bytes[base + (l & 3)], signs, codes, to + 8 * l);
  }
};

export const iq2_xsCodes: Unpack = (bytes, at, codes, to) => {
  const points = iq2xsPoints();
  for (let l = 0; l < 32; l++) {
    const stored = uint16(bytes, at + 2 + 2 * l);
    signed(points, stored & 511, evenSigns[stored >> 9], codes, to + 8 * l);
  }
};

export const iq2_sCodes: Unpack = (bytes, at, codes, to) => {
  const points = iq2sPoints();
  for (let l = 0; l < 32; l++) {
    const high = (bytes[at + 66 + (l >> 2)] >> (2 * (l & 3))) & 3;
    signed(points, bytes[at + 2 + l] | (high << 8), bytes[at + 34 + l], codes, to + 8 * l);
  }
};

export const iq3_xxsCodes: Unpack = (bytes, at, codes, to) => {
  const points = iq3xxsPoints();
  for (let l = 0; l < 32; l++) {
    const signs = evenSigns[(word(bytes, at + 66 + 4 * (l >> 2)) >>> (7 * (l & 3))) & 127];
    signed(points, bytes[at + 2 + 2 * l], signs, codes, to + 8 * l);
    signed(points, bytes[at + 3 + 2 * l], signs >> 4, codes, to + 8 * l + 4);
  }
};

export const iq3_sCodes: Unpack = (bytes, at, codes, to) => {
  const points = iq3sPoints();
  for (let l = 0; l < 32; l++) {
    const high = bytes[at + 66 + (l >> 2)] >> (2 * (l & 3));
    const signs = bytes[at + 74 + l];
    signed(points, bytes[at + 2 + 2 * l] | ((high & 1) << 8), signs, codes, to + 8 * l);
    signed(points, bytes[at + 3 + 2 * l] | ((high & 2) << 7), signs >> 4, codes, to + 8 * l + 4);
  }
};

/** -1, 0 and 1, each an eighth down, then an eighth up. */
function shifted({ codes: all }: Points, point: number, down: boolean, codes: Codes, to: number): void {
  for (let j = 0; j < 8; j++) codes[to + j] = 2 * all[8 * point + j] + (down ? 0 : 1);
}

export const iq1_sCodes: Unpack = (bytes, at, codes, to) => {
  const points = iq1Points();
  for (let l = 0; l < 32; l++) {
    const rest = uint16(bytes, at + 34 + 2 * (l >> 2));
    const point = bytes[at + 2 + l] | (((rest >> (3 * (l & 3))) & 7) << 8);
    shifted(points, point, (rest & 0x8000) !== 0, codes, to + 8 * l);
  }
};

export const iq1_mCodes: Unpack = (bytes, at, codes, to) => {
  const points = iq1Points();
  for (let l = 0; l < 32; l++) {
    const rest = (bytes[at + 32 + (l >> 1)] >> (4 * (l & 1))) & 15;
    shifted(points, bytes[at + l] | ((rest & 7) << 8), (rest & 8) !== 0, codes, to + 8 * l);
  }
};
