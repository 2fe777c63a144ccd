import { nibbles, rowCodes, rowPairCodes } from "../codes.ts";
import { modelOptFacts as facts } from "../facts.ts";
import { storedGrid } from "../grids.ts";
import {
  type Claim,
  type Layout,
  moduleOf,
  NotDecoded,
  needed,
  plain,
  scaleFormat,
  stacked,
  weightView,
} from "../layout.ts";
import { signedLevels } from "../levels.ts";
import { bitOrder, nibbleOrder } from "../reading.ts";
import { comfyMark } from "./comfy.ts";
import { fp4Claim } from "./fp4.ts";
import { blocksOf, blocksText, inputParts } from "./shared.ts";

/**
 * ModelOpt's NVFP4 and INT4 AWQ. As the library computes NVFP4: the block scale times the global one, rounded, then the
 * code times that. (Its FP8 is told by shapes; see `scaled.ts`.)
 */
export const modelOpt: Layout = {
  name: "ModelOpt",
  anchors: [facts.scales],
  async claim(anchor, surroundings) {
    const { find, config } = surroundings;
    const module = moduleOf(anchor, facts.scales);
    const codes = find(module + facts.codes);
    if (codes?.info.dtype !== "U8" || codes.info.shape.length < 2) return null;
    const source = config.method === "modelopt" ? config.file : null;
    const more = inputParts(find, `${module}${facts.inputScale}`, `${module}pre_quant_scale`);
    if (anchor.info.dtype === "F8_E4M3") {
      plain(anchor);
      const tensor = needed(find, module + facts.globalScale, "global scale");
      const common = {
        ...{ name: codes.info.name, codes: plain(codes), scales: anchor },
        block: facts.nvfp4Block,
        global: { tensor, sense: facts.globalSense },
      };
      const mark = await comfyMark(module, surroundings);
      if (mark?.format.codes === "E2M1") {
        // ComfyUI writes the same names in another order.
        const description = mark.tensor ? [{ role: "description", tensor: mark.tensor, counted: false }] : [];
        return fp4Claim({
          ...{ ...common, layout: "ComfyUI NVFP4", swizzled: true, order: nibbleOrder("high") },
          source: mark.tensor ? "its comfy_quant" : "the file's metadata",
          more: [...more, ...description],
        });
      }
      return fp4Claim({ ...common, layout: "ModelOpt NVFP4", source, more, order: nibbleOrder(facts.nibbles) });
    }
    // Exponents in bytes are MXFP4, which others store as well.
    if (!["F32", "F16", "BF16"].includes(anchor.info.dtype)) return null;
    return int4(plain(codes), plain(anchor), source, more, find(module + facts.globalScale) !== undefined);
  },
};

/** INT4 in blocks along the input; which dimension is packed is told by the number of scales. */
function int4(
  codes: Claim["parts"][0]["tensor"],
  scales: typeof codes,
  source: string | null,
  more: Claim["parts"],
  twice: boolean,
): Claim {
  if (twice) throw new NotDecoded("INT4 with a second scale is not decoded");
  const { rows, cols } = stacked(codes);
  const lead = codes.info.shape.slice(0, -1);
  const own = stacked(scales).rows;
  const byRows = own === 2 * rows;
  if (!byRows && own !== rows) {
    throw new NotDecoded(`${scales.info.name} has ${own} rows, where ${codes.info.name} has ${rows} or ${2 * rows}`);
  }
  const shape = byRows ? [...lead.slice(0, -1), 2 * lead[lead.length - 1], cols] : [...lead, 2 * cols];
  const usual = nibbleOrder(byRows ? facts.int4RowNibbles : facts.int4Nibbles);
  const blocks = blocksOf(scales, shape);
  const all = byRows ? 2 * rows : rows;
  const across = shape[shape.length - 1];
  return {
    layout: "ModelOpt INT4",
    name: codes.info.name,
    shape,
    view: weightView(shape),
    element: "int4",
    describe: `4-bit codes in two's complement, two ${byRows ? "rows" : "columns"} a byte.`,
    source,
    parts: [{ role: "codes", tensor: codes }, { role: "scales", tensor: scales }, ...more],
    readings: [usual],
    recipe: `int4(full)${blocksText(blocks, across)}${scaleFormat(scales.info.dtype)}`,
    recipeNote: more.length > 0 ? "AWQ scaled the weight's columns before (pre_quant_scale)." : null,
    notes: [],
    decode: (choices) => {
      const order = bitOrder(usual, choices);
      return {
        ...{ rows: all, cols: across, elements: all * across, bits: 4 },
        codes: byRows ? rowPairCodes(codes, cols, order) : rowCodes(codes, cols, across, nibbles(order)),
        levels: signedLevels(4),
        block: blocks,
        scales: storedGrid(scales, blocks.gridCols),
      };
    },
  };
}
