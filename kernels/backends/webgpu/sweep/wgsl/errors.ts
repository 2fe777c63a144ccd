import { forAll, type RunText } from "./run.ts";

/** Adds the error of x, whose result is y. */
export const addError = (x: string) =>
  `let e = ${x} - y; squares = fma(e, e, squares); errors += abs(e); top = max(top, abs(e)); energy = fma(y, y, energy);`;

/** How results that may be wrong are put right. */
export interface Doubts {
  /** Whether the run that was added has one. */
  inRun: string;
  /** Lines for what was added for x: the result y0, for x taken to the limits, which is c. */
  added(x: string): string;
  /** After these, whether y0 may be wrong; surely right where not. */
  here: string;
  /** Lines for y, the true result of x. */
  exact: string;
}

const correct = ({ added, exact }: Doubts) => /* wgsl */ `
            ${added("x")}
            ${exact}
            let e = c - y;
            if (y != y0) {
              let e0 = c - y0;
              squares = fma(e, e, fma(-e0, e0, squares));
              errors += abs(e) - abs(e0);
              energy = fma(y, y, fma(-y0, y0, energy));
            }`;

/**
 * Puts a run right. Mostly it is one value that is in doubt, which is found in the registers: to read a run from memory,
 * one value after the other, takes a GPU as long as tens of recipes.
 */
export const settle = (run: RunText, element: (x: string) => string, doubts: Doubts): string => /* wgsl */ `
        var suspect = 0.0;
        var suspects = 0u;
        var rest = 0.0;
        ${forAll(
          run,
          (x) => `${doubts.added(x)}
          if (${doubts.here}) { suspect = ${x}; suspects++; } else { rest = max(rest, abs(c - y0)); }`,
        )}
        top = rest;
        if (suspects == 1u) {
          let x = suspect;
          ${correct(doubts)}
          top = max(top, abs(e));
        } else {
          for (var k = 0u; k < params.run; k++) {
            let x = ${element("(sorted[(tile * QUADS + k / 4u) * THREADS + thread][k % 4u] * params.factor)")};
            ${correct(doubts)}
            top = max(top, abs(e));
          }
        }`;
