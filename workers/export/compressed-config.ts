/** The quantization_config of a config.json, by which Hugging Face's transformers and vLLM know how a checkpoint is stored. */
import type { PackedScheme } from "./compressed-scheme.ts";

/**
 * One config group for each way in which weights are stored, its modules by name; modules whose weights are kept are
 * on the list of what is ignored.
 */
export function quantizationConfig(
  packed: readonly { module: string; scheme: PackedScheme }[],
  ignore: readonly string[],
): Record<string, unknown> {
  const groups = new Map<string, { scheme: PackedScheme; targets: string[] }>();
  const keys = new Map<PackedScheme, string>();
  for (const { module, scheme } of packed) {
    const key = keys.get(scheme) ?? JSON.stringify([scheme.format, scheme.weights]);
    keys.set(scheme, key);
    const group = groups.get(key) ?? { scheme, targets: [] };
    groups.set(key, group);
    group.targets.push(module);
  }
  const formats = new Set([...groups.values()].map(({ scheme }) => scheme.format));
  return {
    quant_method: "compressed-tensors",
    format: formats.size === 1 ? [...formats][0] : "mixed-precision",
    quantization_status: "compressed",
    config_groups: Object.fromEntries(
      [...groups.values()].map(({ scheme: { format, weights }, targets }, i) => [
        `group_${i}`,
        { targets, weights, input_activations: null, output_activations: null, format },
      ]),
    ),
    ignore,
    kv_cache_scheme: null,
    global_compression_ratio: null,
  };
}
