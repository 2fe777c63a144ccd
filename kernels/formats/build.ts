import type { Top } from "../exact/small-float.ts";
import { type BlockQuantizer, blockQuantizer } from "../ggml/names.ts";
import type { Call } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";
import { codebookValues } from "./codebooks.ts";
import { exmy, formatArgs } from "./registry.ts";
import type { FloatFormat, Format } from "./types.ts";

/** Names of floats that have a definition of their own (OCP, IEEE, Graphcore/AMD FNUZ); other ExMy follow the rule. */
const named: Record<string, { shape: string; top: Top; bias?: number }> = {
  tf32: { shape: "e8m10", top: "ieee" },
  bf16: { shape: "e8m7", top: "ieee" },
  f16: { shape: "e5m10", top: "ieee" },
  e4m3: { shape: "e4m3", top: "nan" },
  e4m3ieee: { shape: "e4m3", top: "ieee" },
  e4m3fnuz: { shape: "e4m3", top: "fnuz", bias: 8 },
  e4m3b11fnuz: { shape: "e4m3", top: "fnuz", bias: 11 },
  e5m2: { shape: "e5m2", top: "ieee" },
  e5m2fnuz: { shape: "e5m2", top: "fnuz", bias: 16 },
  e3m4ieee: { shape: "e3m4", top: "ieee" },
  ue4m3: { shape: "ue4m3", top: "nan" },
};

/** The usual bias 2^(E-1)-1; zero where there are no exponent bits to speak of; one more for FNUZ, which frees a code. */
function usualBias(exponentBits: number, top: Top): number {
  const bias = exponentBits === 0 ? 0 : 2 ** (exponentBits - 1) - 1;
  return top === "fnuz" ? bias + 1 : bias;
}

function floatFormat(call: Call): FloatFormat | null {
  const known = Object.hasOwn(named, call.name) ? named[call.name] : null;
  const shape = exmy(known?.shape ?? call.name);
  if (!shape) return null;
  const { exponentBits, mantissaBits, unsigned } = shape;
  const args = formatArgs(call);
  const top = (args.word("top") as Top | null) ?? known?.top ?? "none";
  if (top === "ieee" && exponentBits === 0) {
    throw new RecipeError(`${call.name}(top=ieee) needs exponent bits to hold Inf and NaN`);
  }
  if (top === "fnuz" && unsigned)
    throw new RecipeError(`${call.name}(top=fnuz): an unsigned float has no negative zero`);
  // Of two magnitudes one is zero; the other must not be spent.
  if (exponentBits + mantissaBits === 1 && (top === "nan" || top === "ieee")) {
    throw new RecipeError(`${call.name}(top=${top}) has no number but zero`);
  }
  return {
    kind: "float",
    name: call.name,
    bits: exponentBits + mantissaBits + (unsigned ? 0 : 1),
    exponentBits,
    mantissaBits,
    bias: args.number("bias") ?? known?.bias ?? usualBias(exponentBits, top),
    signed: !unsigned,
    top,
    subnormals: true,
  };
}

const e8m0: FloatFormat = {
  kind: "float",
  name: "e8m0",
  bits: 8,
  exponentBits: 8,
  mantissaBits: 0,
  bias: 127,
  signed: false,
  top: "nan",
  subnormals: false,
};

function integerFormat(call: Call): Format | null {
  const m = /^(u?)int([1-8])$/.exec(call.name);
  if (!m) return null;
  const bits = Number(m[2]);
  const args = formatArgs(call);
  const frac = args.number("frac") ?? 0;
  const range = args.word("range") ?? "narrow";
  const half = 2 ** (bits - 1);
  if (m[1] === "u" || range === "asym")
    return { kind: "integer", name: call.name, bits, min: 0, max: 2 * half - 1, frac };
  if (range !== "narrow") return { kind: "integer", name: call.name, bits, min: -half, max: half - 1, frac };
  if (bits === 1) {
    throw new RecipeError("int1 has no symmetric range: write int1(asym), int1(signmax), binary or bipolar1");
  }
  return { kind: "integer", name: call.name, bits, min: 1 - half, max: half - 1, frac };
}

function codebook(call: Call): Format {
  const values = call.args.filter((a) => a.key === null || a.key === "values").map((a) => a.value);
  const levels = values.map((v) => (v.type === "number" ? Math.fround(v.value) : Number.NaN));
  if (levels.length < 2) throw new RecipeError("a codebook needs two levels at least");
  if (levels.length > 4096) throw new RecipeError("a codebook has 4096 levels at most");
  for (let i = 0; i < levels.length; i++) {
    if (!Number.isFinite(levels[i])) throw new RecipeError(`level ${i + 1} of the codebook is not a finite float32`);
    if (i > 0 && levels[i] <= levels[i - 1]) {
      throw new RecipeError(
        `the levels of a codebook ascend: level ${i + 1} (${levels[i]}) does not exceed ${levels[i - 1]}`,
      );
    }
  }
  return {
    kind: "codebook",
    name: "codebook",
    bits: Math.ceil(Math.log2(levels.length)),
    values: Float32Array.from(levels),
  };
}

/** What the codes of a block quantizer stand for, before scale and offset. */
function blockElement({ name, levels }: BlockQuantizer): Format {
  if (typeof levels === "string") return { ...buildFormat({ name: levels, args: [] }), name };
  return { kind: "codebook", name, bits: Math.ceil(Math.log2(levels.length)), values: Float32Array.from(levels) };
}

/** The format that a base call names. Throws RecipeError where its arguments make no format. */
export function buildFormat(call: Call): Format {
  if (["f32", "given", "vq"].includes(call.name)) return { kind: "identity", name: call.name, bits: 32 };
  if (call.name === "e8m0") return e8m0;
  if (call.name === "codebook") return codebook(call);
  const block = blockQuantizer(call.name);
  if (block) return blockElement(block);
  const values = codebookValues(call.name);
  if (values) return { kind: "codebook", name: call.name, bits: Math.ceil(Math.log2(values.length)), values };
  const format = integerFormat(call) ?? floatFormat(call);
  if (!format) throw new RecipeError(`${call.name} is not a format`);
  return format;
}

/** Whether the integers of this call are affine: they carry a zero point. */
export function isAffine(call: Call): boolean {
  return /^int[1-8]$/.test(call.name) && formatArgs(call).word("range") === "asym";
}
