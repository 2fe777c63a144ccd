/**
 * An assignment for torchao: FqnToConfig, as Python and as its own serialisation (`config_to_dict` in torchao/core/config.py and
 * `FqnToConfig` in torchao/quantization/quant_api.py of https://github.com/pytorch/ao). Keys after `re:` have to match the whole name of a
 * module; the first that does holds.
 */
import { UserError } from "../../errors/user-error.ts";
import type { Assignment } from "../assignment.ts";
import { expressionsOf } from "../expressions.ts";
import type { MixExport } from "../types.ts";
import { byWhat, modulesOf } from "./modules.ts";
import { type SimpleQuantizer, simpleQuantizer } from "./quantizer.ts";

/** An object of torchao's serialisation. */
export interface Serialised {
  _type: string;
  _version?: number;
  _data: unknown;
}

interface Config {
  python: string;
  json: Serialised;
}

export function torchaoExport(assignment: Assignment): MixExport {
  const configs = new Map<string, Config>();
  const notes = new Set<string>();
  const { modules, without } = modulesOf("torchao", assignment, {
    recipe(recipe) {
      const simple = simpleQuantizer(recipe, assignment.definitions);
      const config = typeof simple === "string" ? simple : configOf(simple);
      if (typeof config === "string") return { why: config };
      notes.add("It computes in the checkpoint's own type, where the recipe's quotients are exact.");
      configs.set(config.python, config);
      return { as: config.python };
    },
    weight({ linear, role }, as) {
      if (linear) return null;
      if (role !== "embedding") return "it quantizes linear layers and embeddings";
      return as.startsWith("Intx") ? null : "of embeddings it has integers alone";
    },
  });
  const all = modules.map(({ module }) => module);
  const rules = byWhat(modules).flatMap(([as, names]) =>
    expressionsOf(names, all).map((pattern) => ({ key: `re:${pattern}`, config: configs.get(as)! })),
  );
  const used = [...configs.keys()];
  if (used.some((python) => python.startsWith("NVFP4")))
    notes.add("NVFP4WeightOnlyConfig is a prototype of torchao's.");
  const data = { fqn_to_config: Object.fromEntries(rules.map(({ key, config }) => [key, config.json])), version: 1 };
  const serialised: Serialised = { _type: "FqnToConfig", _version: 1, _data: data };
  return {
    tool: "torchao",
    texts: [
      { file: "quantize.py", title: "for quantize_", text: pythonOf(rules, used) },
      {
        file: "torchao.json",
        title: "for config_from_dict, and quant_type of a config.json",
        text: `${JSON.stringify(serialised, null, 2)}\n`,
      },
    ],
    without,
    notes: [...notes],
  };
}

/** What torchao has for it; a reason, in a clause, where it has nothing. */
function configOf({ element, bits, range, block, scale, rule }: SimpleQuantizer): Config | string {
  if (rule !== "absmax") return `it has no rule like ~${rule}`;
  if (element === "e2m1") {
    if (block.kind !== "run" || block.n !== 16 || scale !== "e4m3/tensor")
      return "its E2M1 of weights alone is NVFP4, with a scale of the tensor";
    const json = object("NVFP4WeightOnlyConfig", { use_dynamic_per_tensor_scale: true });
    return { python: "NVFP4WeightOnlyConfig()", json };
  }
  if (!["f32", "f16", "bf16"].includes(scale)) return `it stores no scales in ${scale}`;
  if (element === "e4m3") {
    if (block.kind !== "row") return "its E4M3 of weights alone has a scale a row";
    const weight_dtype = dtype("float8_e4m3fn");
    return { python: "Float8WeightOnlyConfig()", json: object("Float8WeightOnlyConfig", { weight_dtype, version: 2 }) };
  }
  if (bits > 8) return "it has integers of 1 to 8 bits";
  if (range !== "half" && range !== "asym")
    return `its symmetric scale is amax over half of all codes, which is int${bits}(half), and its affine one int${bits}(asym)`;
  const mapping = range === "half" ? "SYMMETRIC" : "ASYMMETRIC";
  const group = block.kind === "run" ? block.n : null;
  if (group === null && block.kind !== "row") return "its scales are one a row or a group of a row";
  const stored = { f32: "float32", f16: "float16", bf16: "bfloat16" }[scale]!;
  const granularity = group === null ? "PerAxis(0)" : `PerGroup(${group})`;
  return {
    python: `IntxWeightOnlyConfig(weight_dtype=torch.int${bits}, granularity=${granularity}, mapping_type=MappingType.${mapping}, scale_dtype=torch.${stored})`,
    json: object("IntxWeightOnlyConfig", {
      weight_dtype: dtype(`int${bits}`),
      granularity: group === null ? object("PerAxis", { axis: 0 }) : object("PerGroup", { group_size: group }),
      mapping_type: { _type: "MappingType", _data: mapping },
      scale_dtype: dtype(stored),
      version: 2,
    }),
  };
}

const object = (type: string, data: Record<string, unknown>): Serialised => ({ _type: type, _version: 1, _data: data });
const dtype = (name: string): Serialised => ({ _type: "torch.dtype", _data: name });

function pythonOf(rules: readonly { key: string; config: Config }[], used: readonly string[]): string {
  const names = (part: string, list: readonly string[]) =>
    list.filter((name) => used.some((one) => one.includes(`${name}${part}`)));
  const plain = [
    ...names("(", ["Float8WeightOnlyConfig", "IntxWeightOnlyConfig", "PerAxis", "PerGroup"]),
    ...names(".", ["MappingType"]),
  ];
  const imports = ["FqnToConfig", "quantize_", ...plain].sort();
  return [
    "from collections import OrderedDict",
    "",
    "import torch",
    `from torchao.quantization import ${imports.join(", ")}`,
    ...(used.some((one) => one.startsWith("NVFP4"))
      ? ["from torchao.prototype.mx_formats import NVFP4WeightOnlyConfig"]
      : []),
    "",
    "MIX = FqnToConfig(OrderedDict([",
    ...rules.map(({ key, config }) => `    (r"${key}", ${config.python}),`),
    "]))",
    "",
    "quantize_(model, MIX, filter_fn=None)",
    "",
  ].join("\n");
}

/** Reads a serialised FqnToConfig: what each module gets, null for nothing. Throws UserError. */
export function readFqnToConfig(text: string): (module: string) => Serialised | null {
  let rules: Record<string, Serialised | null>;
  try {
    const read = JSON.parse(text) as Serialised;
    if (read._type !== "FqnToConfig") throw new SyntaxError();
    rules = (read._data as { fqn_to_config: Record<string, Serialised | null> }).fqn_to_config;
  } catch {
    throw new UserError("This is no FqnToConfig of torchao.");
  }
  return (module) => {
    if (Object.hasOwn(rules, module)) return rules[module];
    const key = Object.keys(rules).find(
      (one) => one.startsWith("re:") && new RegExp(`^(?:${one.slice(3)})$`).test(module),
    );
    return key === undefined ? null : rules[key];
  };
}
