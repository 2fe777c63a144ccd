/**
 * Codes that no layout decodes must not pass for weights: such tensors get a warning, which stands wherever they are
 * listed, shown, measured, swept or written.
 */
import { firstNotes } from "../checkpoints/notes.ts";
import type { Tensor } from "../tensors/tensor.ts";
import { type Config, noConfig } from "./config.ts";
import { isLogical } from "./logical-tensor.ts";
import { marks, tellsOfQuantization } from "./spellings.ts";

/** Types in which programs keep codes. Plain weights are seldom stored so. */
const CODE_TYPES = /^(?:F8_|F6_|F4$|[UI](?:2|4|8|16|32)$)/;

/** Whether a tensor may hold codes, by its type alone. */
export const mayHoldCodes = ({ info: { dtype } }: Tensor): boolean => CODE_TYPES.test(dtype);

/** Integers that are no weights, whatever stands beside them. */
const INDICES =
  /(?:^|[._])(?:position_ids?|token_type_ids|ids|index|indices|perm|invperm|shape|masks?|num_batches_tracked|step)$/i;

const moduleOf = (name: string): string => name.slice(0, name.lastIndexOf(".") + 1);

/** Tensors that tell of quantization, by the names of what they may belong to. */
class Tellers {
  readonly #modules = new Map<string, string>();
  readonly #stems = new Map<string, string>();

  add(name: string): void {
    const module = moduleOf(name);
    if (module !== "") put(this.#modules, module, name);
    // `a.weight_quantizer.scale` belongs to `a.weight`, `a.x_scale` to `a.x`, `a.weight.absmax` to `a.weight`.
    const found = /^(.+?)[._](?:weight_)?(?:quantizer[._])?[A-Za-z_]*?(?:scale|zero|quant|absmax|lut|codebook)/i.exec(
      name,
    );
    if (found) put(this.#stems, found[1], name);
    if (module === "") put(this.#stems, name.replace(tellsOfQuantization, ""), name);
  }

  /** One that tells of this tensor. */
  of(name: string): string | undefined {
    const short = name.replace(/[._](?:weight|quantized|q|packed|qdata|_?data)$/, "");
    return this.#modules.get(moduleOf(name)) ?? this.#stems.get(name) ?? this.#stems.get(short);
  }
}

function put(map: Map<string, string>, key: string, value: string): void {
  if (!map.has(key)) map.set(key, value);
}

/**
 * Puts a warning on every tensor of codes that is left, and gives the notes about them. `reasons` says why, by module, where
 * a layout has found a weight that it cannot decode.
 */
export function warnOfCodes(
  tensors: readonly Tensor[],
  config: Config,
  reasons: ReadonlyMap<string, string>,
): string[] {
  const tellers = new Tellers();
  for (const { info } of tensors) {
    if (!marks.has(info.name) && tellsOfQuantization.test(info.name)) tellers.add(info.name);
  }
  const told: string[] = [];
  for (const tensor of tensors) {
    const { name, dtype, elements, shape, problem } = tensor.info;
    if (isLogical(tensor) || problem !== undefined || elements < 2 || !mayHoldCodes(tensor) || marks.has(name))
      continue;
    if (INDICES.test(name)) continue;
    const reason = reasons.get(moduleOf(name)) ?? reasons.get(name);
    if (reason !== undefined) {
      warn(tensor, `${dtype} codes as they are stored, not the weight's values: ${reason}`);
      continue;
    }
    // Scales and zero points are what they are.
    if (tellsOfQuantization.test(name.slice(moduleOf(name).length)) && !/weight|codes|data/i.test(name)) continue;
    const teller = tellers.of(name);
    const by =
      teller !== undefined && teller !== name
        ? `${teller} beside it tells of quantization`
        : config !== noConfig && shape.length > 1
          ? `${config.file ?? "the configuration"} speaks of quantization`
          : null;
    if (by === null) continue;
    warn(
      tensor,
      `${dtype} codes as they are stored, not the weight's values: ${by}, and no layout known here decodes it`,
    );
    told.push(`${name} is shown as stored, as ${dtype} codes: ${by}, and no layout known here decodes it.`);
  }
  return firstNotes(told, (more) => `${more} more tensors are shown as stored, as codes.`);
}

/** Says it of the tensor, in lists and in every report of its values. */
export function warn(tensor: Tensor, text: string): void {
  if (tensor.info.warning !== undefined) return;
  tensor.info.warning = text;
  // A layout may have told of it already.
  if (!tensor.notes.some((note) => note.includes("is shown as stored"))) tensor.notes.push(text);
}
