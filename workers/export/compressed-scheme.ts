/**
 * How the compressed-tensors library (https://github.com/vllm-project/compressed-tensors, compressors/*) stores what a
 * recipe gives, and what cannot be stored. The weight is a matrix [out, in]; W is its module's name.
 *
 * - pack-quantized: W.weight_packed, integers + 2^(bits-1) densely in 32-bit words along a row, lowest bits first;
 *   W.weight_scale [out, groups]; W.weight_shape; affine: W.weight_zero_point, packed the same way down the columns.
 * - int-quantized, float-quantized: W.weight as I8 or F8_E4M3, W.weight_scale a tensor, row, group or tile, and for
 *   affine integers W.weight_zero_point as I8.
 * - nvfp4-pack-quantized: W.weight_packed, two E2M1 a byte, the first in the low nibble; W.weight_scale as F8_E4M3;
 *   W.weight_global_scale, the reciprocal of the tensor's scale: readers divide by it.
 * - mxfp4-pack-quantized, mxfp8-quantized: the same codes, or F8_E4M3, with E8M0 exponents as U8.
 */
import type { Format } from "../../kernels/formats/types.ts";
import type { Plan, ScaleLevel } from "../../kernels/plan/plan.ts";
import { holdsCodes } from "../../kernels/scales/zero-point.ts";
import { UserError } from "../errors/user-error.ts";

export type PackedFormat =
  | "pack-quantized"
  | "int-quantized"
  | "float-quantized"
  | "nvfp4-pack-quantized"
  | "mxfp4-pack-quantized"
  | "mxfp8-quantized";

/** The weights' part of a config group, as the library's QuantizationArgs names it. */
export interface WeightArgs {
  num_bits: number;
  type: "int" | "float";
  symmetric: boolean;
  strategy: "tensor" | "channel" | "group" | "block" | "tensor_group";
  group_size: number | null;
  block_structure: [number, number] | null;
  dynamic: false;
  actorder: null;
  scale_dtype?: string;
  zp_dtype?: string;
}

export interface PackedScheme {
  format: PackedFormat;
  weights: WeightArgs;
  /** Type of the stored scales. */
  scale: "F32" | "F16" | "BF16" | "F8_E4M3" | "U8";
  affine: boolean;
}

/** What is stored for a recipe, whatever the matrix. Throws UserError with the reason where there is nothing for it. */
export function packedScheme(plan: Plan): PackedScheme {
  const refuse = (why: string): never => {
    throw new UserError(`${plan.text} cannot be written as compressed-tensors: ${why}.`);
  };
  const solver = plan.steps.find(({ step }) => step.entry.place === "solver");
  if (solver?.beside) refuse(`there is no place for ${solver.beside}, without which the codes mean something else`);
  const step = plan.steps.find((planned) => planned !== solver)?.step.entry.name;
  if (step) refuse(`there is no place for the step ${step}, without which the codes mean something else`);
  const { format, affine } = plan.element;
  const [level, outer, more] = plan.levels;
  if (!level) refuse("it has no scales, and a weight is stored with one a tensor at least. Try a block such as /row");
  if (more || plan.levels.some((l) => l.offset !== "none")) refuse("its scales have more levels than are stored");
  const strategy = strategyOf(level) ?? refuse(`scales ${blockWords(level)} have no place there`);
  if (isFloat(format, "e2m1")) return fp4(level, outer, strategy, refuse);
  if (outer) refuse("only NVFP4 has scales of scales there");
  if (isFloat(format, "e4m3")) return fp8(level, strategy, refuse);
  if (format.kind !== "integer" || format.frac > 0 || (format.min === 0 && !affine))
    return refuse("it holds integers with a sign or a zero point, E4M3 and E2M1, and no other elements");
  const zeroPoint = plan.element.zeroPoint?.format;
  // Those of a float format may lie between codes where a solver sets them.
  const whole = zeroPoint?.kind === "identity" ? !solver : zeroPoint && holdsCodes(zeroPoint, format);
  if (zeroPoint && !whole)
    refuse(`its zero points go through ${zeroPoint.name}, and are stored as ${format.bits}-bit integers there`);
  return integers(format.bits, affine, level, strategy, refuse);
}

type Refuse = (why: string) => never;
type Strategy = Pick<WeightArgs, "strategy" | "group_size" | "block_structure">;

function fp4(level: ScaleLevel, outer: ScaleLevel | undefined, strategy: Strategy, refuse: Refuse): PackedScheme {
  const common = { ...strategy, num_bits: 4, type: "float", symmetric: true, ...still } as const;
  const size = level.shape.kind === "run" ? level.shape.n : 0;
  if (size === 16 && isFloat(level.format, "e4m3") && outer?.shape.kind === "tensor" && isIdentity(outer.format)) {
    const weights: WeightArgs = { ...common, strategy: "tensor_group" };
    return { format: "nvfp4-pack-quantized", weights, scale: "F8_E4M3", affine: false };
  }
  if (size === 32 && isE8m0(level.format) && !outer)
    return { format: "mxfp4-pack-quantized", weights: { ...common, ...mxScales }, scale: "U8", affine: false };
  return refuse(
    "E2M1 is stored as NVFP4 (blocks of 16, scales in E4M3 with one float32 a tensor) or MXFP4 (blocks of 32, scales in E8M0)",
  );
}

function fp8(level: ScaleLevel, strategy: Strategy, refuse: Refuse): PackedScheme {
  const common = { ...strategy, num_bits: 8, type: "float", symmetric: true, ...still } as const;
  if (isE8m0(level.format)) {
    if (level.shape.kind !== "run" || level.shape.n !== 32) refuse("E4M3 with scales in E8M0 has blocks of 32 there");
    return { format: "mxfp8-quantized", weights: { ...common, ...mxScales }, scale: "U8", affine: false };
  }
  return { format: "float-quantized", weights: common, scale: floatScale(level, refuse), affine: false };
}

function integers(bits: number, affine: boolean, level: ScaleLevel, strategy: Strategy, refuse: Refuse): PackedScheme {
  const weights: WeightArgs = { ...strategy, num_bits: bits, type: "int", symmetric: !affine, ...still };
  const scale = floatScale(level, refuse);
  // Eight bits in groups are what weight-only kernels read, and those read packed words.
  if (bits === 8 && strategy.strategy !== "group") return { format: "int-quantized", weights, scale, affine };
  if (strategy.strategy !== "group" && strategy.strategy !== "channel")
    refuse(`packed integers have a scale a row or a group there, not ${blockWords(level)}`);
  return { format: "pack-quantized", weights, scale, affine };
}

const still = { dynamic: false, actorder: null } as const;
const mxScales = { scale_dtype: "torch.uint8", zp_dtype: "torch.uint8" } as const;

function strategyOf({ shape }: ScaleLevel): Strategy | null {
  const of = (
    strategy: WeightArgs["strategy"],
    group: number | null = null,
    block: [number, number] | null = null,
  ) => ({
    strategy,
    group_size: group,
    block_structure: block,
  });
  switch (shape.kind) {
    case "run":
      return of("group", shape.n);
    case "row":
      return of("channel");
    case "tensor":
      return of("tensor");
    case "tile":
      return of("block", null, [shape.rows, shape.cols]);
    default:
      return null;
  }
}

function blockWords({ shape }: ScaleLevel): string {
  switch (shape.kind) {
    case "col":
      return "along a column";
    case "flat":
      return "of blocks that run over row ends";
    case "tile":
      return `a tile of ${shape.rows}x${shape.cols}`;
    default:
      return "a tensor";
  }
}

function floatScale({ format }: ScaleLevel, refuse: Refuse): "F32" | "F16" | "BF16" {
  if (isIdentity(format)) return "F32";
  if (isFloat(format, "f16")) return "F16";
  if (isFloat(format, "bf16")) return "BF16";
  return refuse(`these scales are stored as float32, float16 or bfloat16, not as ${format.name}`);
}

const isIdentity = (format: Format): boolean => format.kind === "identity";
const isE8m0 = (format: Format): boolean => format.kind === "float" && format.name === "e8m0";

/** The widths, biases and top codes of the floats that are stored. Options of one's own make another format. */
const floats = {
  e2m1: { exponentBits: 2, mantissaBits: 1, bias: 1, top: "none" },
  e4m3: { exponentBits: 4, mantissaBits: 3, bias: 7, top: "nan" },
  f16: { exponentBits: 5, mantissaBits: 10, bias: 15, top: "ieee" },
  bf16: { exponentBits: 8, mantissaBits: 7, bias: 127, top: "ieee" },
} as const;

function isFloat(format: Format, name: keyof typeof floats): boolean {
  if (format.kind !== "float" || !format.signed || !format.subnormals) return false;
  const { exponentBits, mantissaBits, bias, top } = floats[name];
  return (
    format.exponentBits === exponentBits &&
    format.mantissaBits === mantissaBits &&
    format.bias === bias &&
    format.top === top
  );
}
