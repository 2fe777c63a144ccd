import { threefry2x32 } from "../random/threefry.ts";

/** The stream of the generator that draws tokens: no recipe draws from it. */
const STREAM = 0xca11b;

/**
 * Tokens drawn without replacement: those of the smallest draws, each token's keyed by seed and its number. So what is kept depends
 * neither on how tokens came in pieces nor on how many there are of them.
 */
export interface Reservoir {
  /** A finite token, with its number among all. */
  offer(token: number, values: Float32Array): void;
  /** The tokens kept, in their order. */
  rows(): Float32Array;
}

/** Keeps at most `most` tokens of `cols` values. */
export function makeReservoir(cols: number, most: number, seed: number): Reservoir {
  const kept: { token: number; draw: number; values: Float32Array }[] = [];
  const word = new Uint32Array(2);
  /** The kept one with the largest draw, the later among equals. */
  let worst = -1;
  const worse = (a: { draw: number; token: number }, b: { draw: number; token: number }) =>
    a.draw > b.draw || (a.draw === b.draw && a.token > b.token);
  const findWorst = () => {
    worst = 0;
    for (let i = 1; i < kept.length; i++) if (worse(kept[i], kept[worst])) worst = i;
  };
  return {
    offer(token, values) {
      if (most === 0) return;
      threefry2x32(seed, STREAM, token, Math.floor(token / 2 ** 32), word);
      const draw = word[0] * 2 ** 21 + (word[1] >>> 11);
      if (kept.length < most) {
        kept.push({ token, draw, values: values.slice() });
        if (kept.length === most) findWorst();
        return;
      }
      if (!worse(kept[worst], { draw, token })) return;
      kept[worst].values.set(values);
      kept[worst] = { token, draw, values: kept[worst].values };
      findWorst();
    },
    rows() {
      const out = new Float32Array(kept.length * cols);
      kept.sort((a, b) => a.token - b.token);
      kept.forEach(({ values }, i) => {
        out.set(values, i * cols);
      });
      if (kept.length === most && most > 0) findWorst();
      return out;
    },
  };
}
