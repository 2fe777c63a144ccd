/**
 * The tensors of a model with their scores, in arrays of numbers: half a million of them are sorted, drawn and summed in a moment, which
 * as many objects are not.
 */
import type { AllocationTable } from "../../../../kernels/allocation/types.ts";
import type { ScoreFile } from "../../../../workers/scores/types.ts";

export interface MixTensors {
  count: number;
  names: readonly string[];
  /** Counted from 0; -1 outside the layers. */
  layer: Int32Array;
  /** Where it stands across the map: its layer, or, where nothing has layers, its place among those of its role. */
  column: Int32Array;
  layered: boolean;
  /** Index into `roles`. */
  role: Uint32Array;
  roles: readonly string[];
  /** -1 for what is no expert. */
  expert: Int32Array;
  elements: Float64Array;
  storedBits: Float64Array;
  /** Sums of the above. */
  totalElements: number;
  totalBits: number;
}

/** The order in which a layer is met; other roles come behind, as they appear, and what stands outside of layers last. */
const ORDER = [
  ...["q_proj", "k_proj", "v_proj", "qkv_proj", "o_proj", "router", "gate", "gate_proj", "up_proj"],
  ...["gate_up_proj", "down_proj"],
];

export function tensorsOf(scores: Pick<ScoreFile, "tensors">): MixTensors {
  const { tensors } = scores;
  const count = tensors.length;
  const layer = new Int32Array(count);
  const expert = new Int32Array(count);
  const elements = new Float64Array(count);
  const storedBits = new Float64Array(count);
  const met = new Map<string, boolean>();
  for (const tensor of tensors) met.set(tensor.role, (met.get(tensor.role) ?? false) || tensor.layer !== null);
  const rank = (role: string) => (ORDER.indexOf(role) + ORDER.length + 1) % (ORDER.length + 1);
  const outside = (role: string) => (met.get(role) ? 0 : 1);
  const roles = [...met.keys()].sort((x, y) => outside(x) - outside(y) || rank(x) - rank(y));
  const indexOf = new Map(roles.map((role, i) => [role, i]));
  const role = new Uint32Array(count);
  let [totalElements, totalBits] = [0, 0];
  for (let i = 0; i < count; i++) {
    const tensor = tensors[i];
    layer[i] = tensor.layer ?? -1;
    role[i] = indexOf.get(tensor.role)!;
    expert[i] = tensor.expert ?? -1;
    totalElements += elements[i] = tensor.elements;
    totalBits += storedBits[i] = tensor.storedBits;
  }
  const layered = layer.some((l) => l >= 0);
  const column = layered ? layer : ordinals(role, roles.length);
  const names = tensors.map(({ name }) => name);
  return { count, names, layer, column, layered, role, roles, expert, elements, storedBits, totalElements, totalBits };
}

/** The place of each among those of its role. */
function ordinals(role: Uint32Array, roles: number): Int32Array {
  const met = new Int32Array(roles);
  return Int32Array.from(role, (r) => met[r]++);
}

/** Figures of each tensor that the table, the map and the profiles show of an assignment. NaN: there is none. */
export interface Assigned {
  /** A choice of the table; -1 where the tensor stays as it is stored. */
  choice: Int32Array;
  /** Bits a value. */
  bits: Float64Array;
  loss: Float64Array;
  /** Of the sum of losses; NaN where that is not above zero. */
  errorShare: Float64Array;
  /** Of the bytes of what is chosen for. */
  byteShare: Float64Array;
  /** Loss that the next better choice takes off, for each bit that it adds; 0 where there is none. */
  gain: Float64Array;
}

export function assignedOf(table: AllocationTable, tensors: MixTensors, choice: Int32Array): Assigned {
  const { loss: losses, bits: all, choices } = table;
  const width = choices.length;
  const { count } = tensors;
  const [bits, loss, errorShare, byteShare, gain] = Array.from({ length: 5 }, () => new Float64Array(count));
  let [lost, stored] = [0, 0];
  for (let i = 0; i < count; i++) {
    const at = i * width + choice[i];
    const taken = choice[i] >= 0 ? all[at] : tensors.storedBits[i];
    const own = choice[i] >= 0 ? losses[at] : 0;
    bits[i] = taken / tensors.elements[i];
    loss[i] = own;
    lost += own;
    stored += taken;
    byteShare[i] = taken;
    let best = 0;
    for (let c = i * width; c < (i + 1) * width; c++) {
      const more = all[c] - taken;
      if (more > 0 && losses[c] < own) best = Math.max(best, (own - losses[c]) / more);
    }
    gain[i] = best;
  }
  for (let i = 0; i < count; i++) {
    errorShare[i] = lost > 0 ? loss[i] / lost : Number.NaN;
    byteShare[i] /= stored;
  }
  return { choice, bits, loss, errorShare, byteShare, gain };
}
