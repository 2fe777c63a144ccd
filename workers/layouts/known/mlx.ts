import { codeTable } from "../../../kernels/formats/index.ts";
import type { Tensor } from "../../tensors/tensor.ts";
import { dense, rowCodes } from "../codes.ts";
import type { Config } from "../config.ts";
import { mlxFacts as facts } from "../facts.ts";
import { plainGrid, storedGrid, tableGrid } from "../grids.ts";
import {
  type Claim,
  expectShape,
  type Layout,
  moduleOf,
  NotDecoded,
  plain,
  scaleFormat,
  stacked,
  weightView,
} from "../layout.ts";
import { integerLevels } from "../levels.ts";
import { blockText } from "./shared.ts";

/**
 * MLX: `X.weight` in words of 32 bits, `X.scales`, and in its affine mode `X.biases`. Codes run on along the input from the
 * lowest bit up, across words where 3, 5 or 6 bits do not divide them. As the library computes it in float32: code * scale +
 * bias; its modes mxfp4, mxfp8 and nvfp4 keep scales of one byte and no bias.
 */
export const mlx: Layout = {
  name: "MLX",
  anchors: [facts.scales],
  claim(anchor, { find, config }) {
    const module = moduleOf(anchor, facts.scales);
    const codes = find(module + facts.codes);
    if (codes?.info.dtype !== "U32" || codes.info.shape.length < 2) return null;
    const scales = plain(anchor);
    const { rows, cols: words } = stacked(plain(codes));
    const groups = stacked(scales).cols;
    expectShape(scales, [...codes.info.shape.slice(0, -1), groups], "the shape of its codes");
    const told = toldOf(config, module.replace(/\.$/, ""));
    const biases = find(module + facts.biases);
    if (find(`${module}global_scale`)) throw new NotDecoded("a global scale beside it is not known");
    const perGroup = (32 * words) / groups;
    const common = { codes, scales, rows, words, module, source: told.any ? config.file : null };
    if (biases) {
      expectShape(plain(biases), scales.info.shape, "the shape of its scales");
      return affine({ ...common, biases, ...affineSizes(perGroup, told, anchor) });
    }
    const mode = facts.modes.find(({ bits, group }) => bits * group === perGroup && scales.info.dtype === "U8");
    if (!mode) {
      throw new NotDecoded(
        `it has no ${facts.biases}, and ${perGroup} bits a scale in ${scales.info.dtype} are none of ${facts.modes.map(({ name }) => name).join(", ")}`,
      );
    }
    return floating({ ...common, mode, told: told.mode });
  },
};

interface Told {
  any: boolean;
  bits?: number;
  group?: number;
  mode?: string;
}

/** What the configuration says of a module: of it alone, else of all. */
function toldOf(config: Config, module: string): Told {
  const own = config.at(module) instanceof Map;
  const value = (key: string) => (own ? (config.at(module, key) ?? config.at(key)) : config.at(key));
  const number = (key: string) => {
    const found = value(key);
    return Number.isInteger(found) ? (found as number) : undefined;
  };
  const mode = value("mode");
  const [bits, group] = [number("bits"), number("group_size")];
  const any = config.method === "mlx" || (config.method === "gptq" && bits !== undefined);
  return { any, bits, group, ...(typeof mode === "string" && { mode }) };
}

interface Sizes {
  bits: number;
  group: number;
  doubt: string | null;
}

/** Bits and size of groups that fill so many bits a group: as the configuration says, or MLX's usual ones. Throws NotDecoded. */
function affineSizes(perGroup: number, { bits, group }: Told, scales: Tensor): Sizes {
  const fits = facts.groups.flatMap((size) => {
    const width = perGroup / size;
    return (facts.bits as readonly number[]).includes(width) ? [{ bits: width, group: size }] : [];
  });
  const exact = fits.find((fit) => fit.bits === bits && fit.group === group);
  if (exact) return { ...exact, doubt: null };
  const near = fits.find((fit) => fit.group === group) ?? fits.find((fit) => fit.bits === bits) ?? fits[0];
  if (!near)
    throw new NotDecoded(
      `${scales.info.name} has a scale for each ${perGroup} bits of codes, which are no group of MLX's`,
    );
  const read = `read as ${near.bits} bits in groups of ${near.group}`;
  if (bits !== undefined || group !== undefined) {
    const said = `${bits ?? "?"} bits in groups of ${group ?? "?"}`;
    return { ...near, doubt: `The configuration says ${said}, which its tensors do not have: ${read}` };
  }
  const others = fits.length - 1;
  return {
    ...near,
    doubt:
      others > 0
        ? `No configuration says how many bits its codes have: ${read}, of ${fits.length} ways that fit`
        : null,
  };
}

interface Common {
  codes: Tensor;
  scales: Tensor;
  rows: number;
  words: number;
  module: string;
  source: string | null;
}

function affine({
  codes,
  scales,
  biases,
  rows,
  words,
  module,
  source,
  bits,
  group,
  doubt,
}: Common & Sizes & { biases: Tensor }): Claim {
  const cols = (32 * words) / bits;
  const groups = cols / group;
  const shape = [...codes.info.shape.slice(0, -1), cols];
  return {
    layout: `MLX INT${bits}`,
    name: `${module}${facts.codes}`,
    shape,
    view: weightView(shape),
    element: `int${bits}`,
    describe: `${bits}-bit codes without gaps in 32-bit words, a scale and an offset for each ${group} of a row.`,
    source,
    parts: [
      { role: "codes", tensor: codes },
      { role: "scales", tensor: scales },
      { role: "offsets", tensor: biases },
    ],
    readings: [],
    recipe: `int${bits}(asym)${blockText(group, cols)}${scaleFormat(scales.info.dtype)}`,
    recipeNote: "Its offsets are values; the recipe's zero points are integers.",
    doubt,
    notes: [],
    decode: () => ({
      ...{ rows, cols, elements: rows * cols, bits },
      codes: rowCodes(codes, words, cols, dense(bits)),
      levels: integerLevels(bits),
      block: { rows: 1, cols: group },
      scales: plainGrid(scales, groups),
      offsets: plainGrid(biases, groups),
    }),
  };
}

function floating({
  codes,
  scales,
  rows,
  words,
  module,
  source,
  mode,
  told,
}: Common & { mode: (typeof facts.modes)[number]; told?: string }): Claim {
  const { bits, group, name, element, scale } = mode;
  const cols = (32 * words) / bits;
  const shape = [...codes.info.shape.slice(0, -1), cols];
  const doubt =
    told !== undefined && told !== name
      ? `The configuration says mode "${told}", which its tensors do not have: read as ${name}`
      : null;
  return {
    layout: `MLX ${name.toUpperCase()}`,
    name: `${module}${facts.codes}`,
    shape,
    view: weightView(shape),
    element,
    describe: `${element.toUpperCase()} codes in 32-bit words, ${scale === "e8m0" ? "a power of two" : "an E4M3 scale"} for each ${group} of a row.`,
    source,
    parts: [
      { role: "codes", tensor: codes },
      { role: "scales", tensor: scales },
    ],
    readings: [],
    recipe: name === "nvfp4" ? "e2m1/16:e4m3" : name,
    recipeNote: null,
    doubt,
    notes: [],
    decode: () => ({
      ...{ rows, cols, elements: rows * cols, bits },
      codes: rowCodes(codes, words, cols, dense(bits)),
      levels: codeTable(element),
      block: { rows: 1, cols: group },
      scales: scale === "e8m0" ? storedGrid(scales, cols / group) : tableGrid(scales, cols / group, codeTable("e4m3")),
    }),
  };
}
