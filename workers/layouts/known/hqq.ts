import { countElements } from "../../tensors/shape.ts";
import { storedBytes } from "../bytes.ts";
import { splitCodes } from "../codes.ts";
import { hqqFacts as facts } from "../facts.ts";
import { plainGrid } from "../grids.ts";
import { type Claim, type Layout, moduleOf, NotDecoded, needed, plain, scaleFormat, weightView } from "../layout.ts";
import { integerLevels } from "../levels.ts";
import { bitOrder, wordOrder } from "../reading.ts";

const order = wordOrder(facts.order);

/**
 * HQQ: `X.W_q`, `X.scale`, `X.zero`, and small tensors with the bits, the group's size, the axis and the shape. The weight
 * is reshaped to groups: [numel/g, g] along axis 1, [g, numel/g] along axis 0. As the library computes it:
 * (code - zero) * scale, with zero points that are no integers.
 */
export const hqq: Layout = {
  name: "HQQ",
  anchors: [facts.codes],
  async claim(anchor, { find, signal }) {
    const module = moduleOf(anchor, facts.codes);
    plain(anchor);
    // An older form keeps what tells of the codes one level below.
    const named = (key: string) => (find(module + key) ? module + key : `${module}${facts.older}${key}`);
    if (find(named(facts.quantizedScales)) && !find(named(facts.scales))) {
      throw new NotDecoded("its scales are quantized in turn, which is not decoded");
    }
    const scaleName = named(facts.scales);
    const scales = needed(find, find(scaleName) ? scaleName : module + facts.scales, "scales");
    const zeroName = named(facts.zeros);
    const zeros = needed(find, find(zeroName) ? zeroName : module + facts.zeros, "zero points");
    const read = async (key: string): Promise<number[] | null> => {
      const tensor = find(named(key));
      return tensor && tensor.info.elements > 0 && tensor.info.elements <= 8
        ? [...(await plain(tensor).read(0, tensor.info.elements, signal))]
        : null;
    };
    const [bits, axis, shape] = [(await read("nbits"))?.[0], (await read("axis"))?.[0] ?? 1, await read("shape")];
    const packing = Object.values(facts.packings).find((p) => p.bits === bits);
    if (!packing || !shape || (axis !== 0 && axis !== 1)) {
      throw new NotDecoded(
        `the tensors that tell its bits, axis and shape (${module}nbits, axis, shape) are missing or not understood`,
      );
    }
    const elements = countElements(shape);
    if (!shape.every((size) => Number.isInteger(size) && size > 0)) {
      throw new NotDecoded(`${module}shape is [${shape.join(", ")}], which is no shape`);
    }
    const groups = scales.info.elements;
    if (groups === 0 || elements % groups !== 0 || zeros.info.elements !== groups) {
      throw new NotDecoded(
        `${scales.info.name} has ${groups} scales and ${zeros.info.name} ${zeros.info.elements} zero points, which do not divide ${elements} weights`,
      );
    }
    const size = elements / groups;
    // Along axis 0 a group is a column of [g, numel/g]; along axis 1 a row of [numel/g, g].
    const rows = axis === 1 ? groups : size;
    const cols = axis === 1 ? size : groups;
    const step = Math.ceil(rows / packing.perWord);
    const bytes = step * cols * packing.wordBytes;
    if (storedBytes(anchor) !== bytes) {
      throw new NotDecoded(
        `${anchor.info.name} has ${storedBytes(anchor)} bytes, where ${rows} x ${cols} codes of ${bits} bits take ${bytes}`,
      );
    }
    return {
      layout: "HQQ",
      name: `${module}weight`,
      shape,
      view: weightView(shape),
      element: `int${bits}`,
      describe: `${bits}-bit codes in groups of ${size} along axis ${axis}, rows ${step} apart sharing a word, zero points with fractions.`,
      source: "tensors of its own",
      parts: [
        { role: "codes", tensor: anchor },
        { role: "scales", tensor: scales },
        { role: "zero points", tensor: zeros },
        ...["nbits", "axis", "shape", "group_size", "packing"].flatMap((key) => {
          const tensor = find(named(key));
          return tensor ? [{ role: "description", tensor, counted: false }] : [];
        }),
      ],
      readings: packing.perWord === 1 ? [] : [order],
      recipe: axis === 1 ? `int${bits}(asym)/flat(${size})${scaleFormat(scales.info.dtype)}` : null,
      recipeNote:
        axis === 1
          ? "HQQ optimises its zero points, which keep fractions; the recipe's are integers."
          : "Groups along axis 0 run down the columns of a reshaped weight, for which the notation has no block.",
      notes: [],
      decode: (choices) => ({
        ...{ rows, cols, elements, bits: packing.bits },
        codes: splitCodes(anchor, step, cols, packing, bitOrder(order, choices)),
        levels: integerLevels(packing.bits),
        block: axis === 1 ? { rows: 1, cols } : { rows, cols: 1 },
        scales: plainGrid(scales, axis === 1 ? 1 : cols),
        zeros: plainGrid(zeros, axis === 1 ? 1 : cols),
      }),
    } satisfies Claim;
  },
};
