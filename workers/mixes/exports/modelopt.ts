/**
 * An assignment for NVIDIA ModelOpt: `quant_cfg` for `mtq.quantize`, a list of entries of which the last that matches a quantizer's name
 * holds (https://nvidia.github.io/Model-Optimizer/guides/_quant_cfg.html, QuantizerCfgEntry), and the `hf_quant_config.json` of a
 * checkpoint that is exported so.
 */
import type { BlockShape } from "../../../kernels/grammar/ast.ts";
import { KEEP } from "../../../kernels/notation/index.ts";
import { UserError } from "../../errors/user-error.ts";
import type { Assignment } from "../assignment.ts";
import { rulesOf } from "../rules.ts";
import type { MixExport } from "../types.ts";
import { type AssignedModule, linearAlone, modulesOf } from "./modules.ts";
import { type SimpleQuantizer, simpleQuantizer } from "./quantizer.ts";

const QUANTIZER = ".weight_quantizer";

export function modelOptExport(assignment: Assignment): MixExport {
  const quantizers = new Map<string, SimpleQuantizer>();
  const notes = new Set<string>();
  const { modules, without } = modulesOf("modelopt", assignment, {
    recipe(recipe, text) {
      const simple = simpleQuantizer(recipe, assignment.definitions);
      if (typeof simple === "string") return { why: simple };
      const attributes = attributesOf(simple);
      if ("why" in attributes) return attributes;
      for (const note of notesOf(text, simple)) notes.add(note);
      quantizers.set(attributes.as, simple);
      return attributes;
    },
    weight: linearAlone,
  });
  // Rules of a model recipe and wildcards of fnmatch are alike; there the last one holds.
  const codes = new Map<string, string>();
  const codeOf = (as: string) => {
    const code = codes.get(as) ?? `q${codes.size}`;
    codes.set(as, code);
    return code;
  };
  const named = modules.map(({ module, as }) => ({
    name: `${module}${QUANTIZER}`,
    recipe: as === null ? KEEP : codeOf(as),
  }));
  const attributes = new Map([...codes].map(([as, code]) => [code, as]));
  const entries = rulesOf(named)
    .split(";")
    .map((rule) => {
      const at = rule.indexOf("=");
      const [pattern, code] = [rule.slice(0, at), rule.slice(at + 1)];
      const name = JSON.stringify(pattern);
      return code === KEEP
        ? `{"quantizer_name": ${name}, "enable": False}`
        : `{"quantizer_name": ${name}, "cfg": {${attributes.get(code)}}}`;
    })
    .reverse();
  const lines = [`{"quantizer_name": "*", "enable": False}`, ...entries].map((entry) => `        ${entry},\n`).join("");
  const exported = exportedConfig(modules, quantizers);
  return {
    tool: "modelopt",
    texts: [
      {
        file: "quant_cfg.py",
        title: "for mtq.quantize(model, MIX, forward_loop)",
        text: `MIX = {\n    "quant_cfg": [\n${lines}    ],\n    "algorithm": "max",\n}\n`,
      },
      ...(exported === null
        ? []
        : [{ file: "hf_quant_config.json", title: "what an exported checkpoint says", text: exported.text }]),
    ],
    without,
    notes: [...notes, ...(exported?.notes ?? [])],
  };
}

/** The attributes of a quantizer of weights, as Python writes them. */
function attributesOf({ element, bits, range, block, scale, rule }: SimpleQuantizer): { as: string } | { why: string } {
  const number = element === "int" ? String(bits) : element === "e4m3" ? "(4, 3)" : "(2, 1)";
  if (element === "int" && range !== "narrow" && range !== "full")
    return { why: "its integers have no zero point, and a scale of amax over the largest code" };
  if (scale === "e8m0") {
    if (element === "int" || block.kind !== "run" || block.n !== 32)
      return { why: "scales in E8M0 are of E2M1 or E4M3 in blocks of 32 there" };
    return { as: `"num_bits": ${number}, "block_sizes": {-1: 32, "type": "dynamic", "scale_bits": (8, 0)}` };
  }
  if (scale === "e4m3/tensor") {
    if (element !== "e2m1" || block.kind !== "run" || block.n !== 16)
      return { why: "scales in E4M3 are of E2M1 in blocks of 16 there" };
    return { as: `"num_bits": (2, 1), "block_sizes": {-1: 16, "type": "dynamic", "scale_bits": (4, 3)}` };
  }
  if (!["f32", "f16", "bf16"].includes(scale)) return { why: `it stores no scales in ${scale}` };
  if (rule !== "absmax") return { why: `it has no rule like ~${rule}` };
  const size = sizesOf(block);
  return size === null
    ? { why: "its scales are one a tensor, a row, a run or a tile" }
    : { as: `"num_bits": ${number}${size}` };
}

function sizesOf(block: BlockShape): string | null {
  switch (block.kind) {
    case "tensor":
      return `, "axis": None`;
    case "row":
      return `, "axis": 0`;
    case "run":
      return `, "block_sizes": {-1: ${block.n}, "type": "static"}`;
    case "tile":
      return `, "block_sizes": {-1: ${block.cols}, -2: ${block.rows}, "type": "static"}`;
    default:
      return null;
  }
}

function notesOf(text: string, { scale, rule }: SimpleQuantizer): string[] {
  const notes = ["It computes in the checkpoint's own type, where the recipe's quotients are exact."];
  if (scale === "f16" || scale === "bf16") notes.push(`${text}: which type scales are stored in is the checkpoint's.`);
  if (scale === "e8m0" && rule !== "absmax@up")
    notes.push(`${text}: its shared exponents are those of amax over the largest level, rounded up (:e8m0@up).`);
  return notes;
}

/** What ModelOpt's own export writes of such weights, for those that it has a name for. */
function exportedConfig(
  modules: readonly AssignedModule[],
  quantizers: ReadonlyMap<string, SimpleQuantizer>,
): { text: string; notes: string[] } | null {
  const layers: Record<string, object> = {};
  const unnamed: string[] = [];
  let fp8 = false;
  for (const { module, as, name } of modules) {
    if (as === null) continue;
    const algorithm = algorithmOf(quantizers.get(as)!);
    if (!algorithm) unnamed.push(name);
    else layers[module] = algorithm;
    fp8 ||= algorithm?.quant_algo === "FP8";
  }
  if (Object.keys(layers).length === 0) return null;
  const quantization = { quant_algo: "MIXED_PRECISION", kv_cache_quant_algo: null, quantized_layers: layers };
  const notes = fp8 ? ["FP8 in hf_quant_config.json is of weights and inputs both."] : [];
  if (unnamed.length > 0)
    notes.push(
      `hf_quant_config.json has no name for what ${unnamed[0]}${unnamed.length > 1 ? ` and ${unnamed.length - 1} more` : ""} ${unnamed.length > 1 ? "get" : "gets"}.`,
    );
  return { text: `${JSON.stringify({ producer: { name: "modelopt" }, quantization }, null, 2)}\n`, notes };
}

function algorithmOf({
  element,
  bits,
  block,
  scale,
}: SimpleQuantizer): { quant_algo: string; group_size?: number } | null {
  if (scale === "e4m3/tensor") return { quant_algo: "W4A16_NVFP4", group_size: 16 };
  if (scale === "e8m0") return null;
  if (element === "e4m3" && block.kind === "tensor") return { quant_algo: "FP8" };
  if (element === "e4m3" && block.kind === "tile" && block.rows === 128 && block.cols === 128)
    return { quant_algo: "FP8_PB_WO", group_size: 128 };
  return element === "int" && bits === 4 && block.kind === "run"
    ? { quant_algo: "W4A16_AWQ", group_size: block.n }
    : null;
}

export interface QuantizerEntry {
  quantizer_name: string;
  enable?: boolean;
  cfg?: Record<string, unknown>;
}

/** Reads the list of a `quant_cfg` as it is written here: a dict of Python with names, numbers and tuples. Throws UserError. */
export function readQuantCfg(text: string): QuantizerEntry[] {
  const json = text
    .replace(/^[A-Z_]+ = /, "")
    .replace(/\bTrue\b/g, "true")
    .replace(/\bFalse\b/g, "false")
    .replace(/\bNone\b/g, "null")
    .replace(/\((\d+), (\d+)\)/g, "[$1, $2]")
    .replace(/([{,]\s*)(-\d+):/g, '$1"$2":')
    .replace(/,(\s*[\]}])/g, "$1");
  try {
    return (JSON.parse(json) as { quant_cfg: QuantizerEntry[] }).quant_cfg;
  } catch {
    throw new UserError("This is no quant_cfg of ModelOpt.");
  }
}

/** The entry that holds for a module's weight: the last one whose wildcard matches. Null where it is off. */
export function cfgOf(entries: readonly QuantizerEntry[], module: string): Record<string, unknown> | null {
  const name = `${module}${QUANTIZER}`;
  const hit = entries.findLast(({ quantizer_name }) => {
    const pattern = quantizer_name
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".");
    return new RegExp(`^${pattern}$`, "s").test(name);
  });
  return hit?.enable === false ? null : (hit?.cfg ?? null);
}
