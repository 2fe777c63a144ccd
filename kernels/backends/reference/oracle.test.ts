import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { affine, type Case, casts, matrices, neighbour, scaled } from "../../testing/cases.ts";
import { quantizeText } from "../../testing/matrix.ts";
import { type OracleResult, quantizeExactly } from "../../testing/oracle.ts";

const same = (a: number, b: number) => a === b || (Number.isNaN(a) && Number.isNaN(b));

/** The first place where the reference and the oracle part, in words; null where they agree. */
async function difference({ text, quantizer }: Case, values: Float32Array, rows: number, cols: number) {
  const wanted = quantizeExactly(quantizer, values, rows, cols);
  const got = await quantizeText(text, values, rows, cols);
  for (const [depth, level] of wanted.levels.entries()) {
    const stored = got.scales[depth];
    for (const [b, value] of level.values.entries()) {
      const code = stored.codes ? stored.codes[b] : null;
      const wantedCode = level.codes ? level.codes[b] : null;
      if (!same(stored.values[b], Math.fround(value)) || code !== wantedCode) {
        return `scale ${b} of level ${depth}: ${stored.values[b]} (code ${code}), wanted ${value} (code ${wantedCode})`;
      }
    }
  }
  const out = await got.rows(0, rows);
  for (let i = 0; i < values.length; i++) {
    if (!same(out.result[i], wanted.results[i]) || out.codes![i] !== wanted.codes[i]) {
      return `element ${i} = ${values[i]}: ${out.result[i]} (code ${out.codes![i]}), wanted ${wanted.results[i]} (code ${wanted.codes[i]})`;
    }
  }
  return null;
}

/** Values at and around the middles between levels, and the levels themselves, under the scales found before. */
function nearTies({ quantizer }: Case, result: OracleResult, values: Float32Array, picks: number[]): Float32Array {
  const { levels } = quantizer.format;
  const scales = result.effective.filter((s) => s !== 0 && Number.isFinite(s));
  if (scales.length === 0) return values;
  return values.map((x, i) => {
    const pick = picks[i % picks.length];
    // Leaves some as they are: the largest of a block must stay for its scale to stay.
    if (pick % 4 === 0) return x;
    const rank = (pick >> 4) % levels.length;
    const a = levels[rank].value;
    const b = pick % 4 === 1 ? a : levels[Math.min(levels.length - 1, rank + 1)].value;
    const near = Math.fround((a / 2 + b / 2) * scales[i % scales.length]);
    return Number.isFinite(near) ? neighbour(near, ((pick >> 2) % 4) - 1) : x;
  });
}

function agrees(cases: fc.Arbitrary<Case>, numRuns: number) {
  return fc.assert(
    fc.asyncProperty(
      cases,
      matrices,
      fc.array(fc.nat(2 ** 24), { minLength: 3, maxLength: 29 }),
      async (c, m, picks) => {
        expect(`${c.text}: ${await difference(c, m.values, m.rows, m.cols)}`).toBe(`${c.text}: null`);
        const first = quantizeExactly(c.quantizer, m.values, m.rows, m.cols);
        const ties = nearTies(c, first, m.values, picks);
        expect(`${c.text}, near ties: ${await difference(c, ties, m.rows, m.cols)}`).toBe(`${c.text}, near ties: null`);
      },
    ),
    { numRuns },
  );
}

describe("codes, stored scales and results are the oracle's, to the bit", () => {
  it("for direct casts to any format with any rounding", () => agrees(casts, 400));
  it("for symmetric formats under scales of up to three levels", () => agrees(scaled, 800));
  it("for affine integers with zero points of any format", () => agrees(affine, 400));
});
