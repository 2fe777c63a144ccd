/**
 * The colour and the mark of every format, the same wherever one is drawn. A family has a shape (integers squares, floats
 * circles, MX triangles, NVFP4 diamonds ...), its members have colours; so that neither is needed alone, and formats of
 * one width or one use lie apart. What is known by name keeps its look in any company. Any other name has one of its own
 * that depends on the name alone, and makes way, by the order of names, where another of the same chart has it.
 */
import { type OutlineName, outlineNames } from "./outlines.ts";

/** A colour variable of the theme and an outline. No two formats of a chart have both in common. */
export interface Look {
  /** `--s1` to `--s8`. */
  colour: string;
  outline: OutlineName;
}

const COLOURS = 8;

/** Outlines of families, and the colours of their members as numbers of the theme's. */
const families: readonly { outline: OutlineName; members: Readonly<Record<string, number>> }[] = [
  { outline: "square", members: { int1: 5, int2: 6, int3: 3, int4: 4, int5: 7, int6: 8, int7: 2, int8: 1 } },
  { outline: "hexagon", members: { uint1: 5, uint2: 6, uint3: 3, uint4: 4, uint5: 7, uint6: 8, uint7: 2, uint8: 1 } },
  { outline: "circle", members: { e2m1: 5, e2m3: 2, e3m2: 7, e4m3: 3, e5m2: 1, e8m0: 8, ue4m3: 4, ue5m3: 6 } },
  {
    outline: "plus",
    members: { e4m3ieee: 2, e4m3fnuz: 8, e4m3b11fnuz: 5, e5m2fnuz: 4, e3m4ieee: 7, f16: 1, bf16: 3, f32: 6 },
  },
  {
    outline: "triangle",
    members: { mxfp4: 2, mxfp6: 3, mxfp6_e3m2: 7, mxfp8: 1, mxfp8_e5m2: 8, mxint8: 4, torchao_mxfp4: 5, ggml_mxfp4: 6 },
  },
  {
    outline: "diamond",
    members: { nvfp4: 8, torchao_nvfp4: 1, modelopt_nvfp4: 4, ggml_nvfp4: 2, tf32: 6, given: 3, dfp8: 5, dfp16: 7 },
  },
  {
    outline: "star",
    members: { nf4: 7, bnb_nf4: 2, bnbfp4: 5, bnb_fp4: 3, af4: 1, dynamic8: 4, binary: 6, ternary: 8 },
  },
  { outline: "wye", members: { q2_k: 6, q3_k: 3, q4_k: 4, q5_k: 7, q6_k: 8, iq4_nl: 2, iq4_xs: 5, tq1_0: 1 } },
  { outline: "down", members: { q4_0: 4, q4_1: 2, q5_0: 7, q5_1: 5, q8_0: 1, tq2_0: 8, q1_0: 6, q2_0: 3 } },
];

const known = new Map<string, Look>(
  families.flatMap(({ outline, members }) =>
    Object.entries(members).map(([name, n]): [string, Look] => [name, { colour: `--s${n}`, outline }]),
  ),
);

/** FNV-1a over the name's characters: small, and the same on every machine. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return h;
}

const keyOf = ({ colour, outline }: Look): string => `${colour} ${outline}`;
const taken = new Set([...known.values()].map(keyOf));

/** The look numbered `n` of those that no known name has, endlessly: further outlines have ever more points. */
function spare(n: number): Look {
  const outline = outlineNames[outlineNames.length - 1 - (Math.floor(n / COLOURS) % 3)];
  const round = Math.floor(n / (3 * COLOURS));
  const look: Look = {
    colour: `--s${(n % COLOURS) + 1}`,
    outline: round === 0 ? outline : `points ${4 + 3 * round + (Math.floor(n / COLOURS) % 3)}`,
  };
  return taken.has(keyOf(look)) ? spare(n + 1) : look;
}

const SPARE = 3 * COLOURS;

/** The look of a format that is drawn by itself. */
export const lookOf = (name: string): Look => known.get(name) ?? spare(hash(name) % SPARE);

/** The looks of the formats of one chart, in the order in which they were given. */
export function looksOf(names: Iterable<string>): Map<string, Look> {
  const all = [...new Set(names)];
  const used = new Set<string>();
  const found = new Map<string, Look>();
  for (const name of all) {
    const look = known.get(name);
    if (look) found.set(name, look);
  }
  const others = all.filter((name) => !known.has(name)).sort((a, b) => (a < b ? -1 : 1));
  for (const name of others) {
    const home = hash(name) % SPARE;
    // Around once, then onwards to what has no end.
    let step = 0;
    const at = () => (step < SPARE ? (home + step) % SPARE : step);
    while (used.has(keyOf(spare(at())))) step++;
    const look = spare(at());
    used.add(keyOf(look));
    found.set(name, look);
  }
  return new Map(all.map((name) => [name, found.get(name)!]));
}
