/**
 * An assignment for MLX: the `quantization` of a config.json, with an entry for each module that differs from the rest, as mlx_lm writes and
 * reads it (`quantize_model` and `load_model` in mlx_lm/utils.py of https://github.com/ml-explore/mlx-lm), and the predicate that makes it.
 */
import type { Definition, Recipe } from "../../../kernels/grammar/ast.ts";
import { prepareRecipe } from "../../../kernels/prepare/prepare.ts";
import { UserError } from "../../errors/user-error.ts";
import type { Assignment } from "../assignment.ts";
import { expressionsOf } from "../expressions.ts";
import type { MixExport } from "../types.ts";
import { byWhat, modulesOf } from "./modules.ts";
import { type SimpleQuantizer, simpleQuantizer } from "./quantizer.ts";

/** What MLX knows of a module's quantization. */
export interface MlxEntry {
  group_size: number;
  bits: number;
  mode: "affine" | "mxfp4" | "mxfp8" | "nvfp4";
}

const BITS = [2, 3, 4, 5, 6, 8];
const GROUPS = [32, 64, 128];

const AFFINE =
  "MLX's affine mode keeps the end of a group's range with the larger magnitude exactly, and stores offsets as values in the type of the scales, where the recipe has zero points; scales have the checkpoint's own type.";

export function mlxExport(assignment: Assignment): MixExport {
  const notes = new Set<string>();
  const { modules, without } = modulesOf("mlx", assignment, {
    recipe(recipe, text) {
      const simple = simpleQuantizer(recipe, assignment.definitions);
      const entry = typeof simple === "string" ? simple : entryOf(simple);
      if (typeof entry === "string") return { why: entry };
      if (entry.mode === "affine") {
        notes.add(AFFINE);
        const [stored, counted] = [entry.bits + 32 / entry.group_size, bitsAWeight(recipe, assignment.definitions)];
        if (counted < stored)
          notes.add(
            `${text}: MLX stores ${stored} bits a weight, with a scale and a bias of 16 bits a group, and ${counted} are counted here: its file is larger. With zp=f16 they are the same.`,
          );
      }
      if (entry.mode.startsWith("mxfp")) notes.add(`${text}: how MLX rounds shared exponents is its own.`);
      return { as: JSON.stringify(entry) };
    },
    weight: ({ linear, role }) => (linear || role === "embedding" ? null : "it quantizes linear layers and embeddings"),
  });
  const groups = byWhat(modules);
  const usual = groups.reduce((most, one) => (one[1].length > most[1].length ? one : most))[0];
  const quantization: Record<string, unknown> = JSON.parse(usual);
  for (const { module, as } of modules) {
    if (as === null) quantization[module] = false;
    else if (as !== usual) quantization[module] = JSON.parse(as);
  }
  return {
    tool: "mlx",
    texts: [
      {
        file: "config.json",
        title: "the quantization of a config.json",
        text: `${JSON.stringify({ quantization, quantization_config: quantization }, null, 2)}\n`,
      },
      { file: "convert.py", title: "the conversion that makes it", text: predicate(groups, modules, usual) },
    ],
    without,
    notes: [...notes],
  };
}

/** Rows and columns of a matrix that any group goes into. */
const SIDE = 4096;

/** What a recipe counts. */
const bitsAWeight = (recipe: Recipe, definitions: readonly Definition[]): number =>
  prepareRecipe(recipe, [...definitions], SIDE, SIDE).bits.reduce((sum, { bitsPerWeight }) => sum + bitsPerWeight, 0);

function entryOf({ element, bits, range, block, scale }: SimpleQuantizer): MlxEntry | string {
  const size = block.kind === "run" ? block.n : 0;
  if (element === "int") {
    if (range !== "asym") return "its integers have an offset: such as int4(asym)/64:f16";
    if (!BITS.includes(bits)) return `it has ${BITS.join(", ")} bits`;
    if (!GROUPS.includes(size)) return `its groups are ${GROUPS.join(", ")} of a row`;
    if (!["f32", "f16", "bf16"].includes(scale)) return `it stores no scales in ${scale}`;
    return { group_size: size, bits, mode: "affine" };
  }
  if (scale === "e8m0" && size === 32) {
    return element === "e2m1" ? { group_size: 32, bits: 4, mode: "mxfp4" } : { group_size: 32, bits: 8, mode: "mxfp8" };
  }
  if (element === "e2m1" && size === 16 && scale === "e4m3") return { group_size: 16, bits: 4, mode: "nvfp4" };
  return "its floats are mxfp4, mxfp8 and e2m1/16:e4m3 (NVFP4 without a scale of the tensor)";
}

/** Python that quantizes a checkpoint so. Patterns have to match a whole path. */
function predicate(
  groups: readonly [string, string[]][],
  modules: readonly { module: string; as: string | null }[],
  usual: string,
): string {
  const all = modules.map(({ module }) => module);
  const rules = groups.flatMap(([as, names]) =>
    expressionsOf(names, all).map((pattern) => `    (r"${pattern}", ${as}),`),
  );
  const { group_size, bits, mode } = JSON.parse(usual) as MlxEntry;
  return [
    "import re",
    "",
    "from mlx_lm import convert",
    "",
    "RULES = [",
    ...rules,
    "]",
    "",
    "",
    "def mix(path, module, *_):",
    '    if not hasattr(module, "to_quantized"):',
    "        return False",
    "    return next((what for pattern, what in RULES if re.fullmatch(pattern, path)), False)",
    "",
    "",
    `convert("model", "model-mlx", quantize=True, q_group_size=${group_size}, q_bits=${bits}, q_mode="${mode}", quant_predicate=mix)`,
    "",
  ].join("\n");
}

/** Reads the quantization of a config.json. Throws UserError where it has none of MLX's. */
export function readMlxConfig(text: string): (module: string) => MlxEntry | null {
  let quantization: Record<string, unknown> | undefined;
  try {
    const config = JSON.parse(text) as { quantization?: Record<string, unknown> };
    quantization = config.quantization;
  } catch {
    quantization = undefined;
  }
  if (typeof quantization !== "object" || quantization === null || typeof quantization.bits !== "number")
    throw new UserError("This is no config.json with a quantization of MLX.");
  const { group_size, bits, mode = "affine", ...own } = quantization as unknown as MlxEntry & Record<string, unknown>;
  return (module) => {
    const said = own[module];
    if (said === false) return null;
    return typeof said === "object" && said !== null ? (said as MlxEntry) : { group_size, bits, mode };
  };
}
