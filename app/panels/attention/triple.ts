/** Queries, keys and values that belong together, and what can be asked of them. */
import type { MatrixView } from "../../../kernels/report/report.ts";
import type { AttendRequest } from "../../../workers/jobs/attend/index.ts";
import type { DescribedAttention } from "../../../workers/models/describe.ts";
import type { RunRequest } from "../../../workers/runs/target.ts";
import type { TensorInfo } from "../../../workers/tensors/info.ts";
import { matrixSize } from "../../state/matrixView.ts";
import type { AttentionOptions } from "./options.ts";

export const TENSOR_ROLES = ["queries", "keys", "values"] as const;
export type TensorRole = (typeof TENSOR_ROLES)[number];
export const ALL_ROLES = [...TENSOR_ROLES, "probabilities"] as const;

/** What people begin with: keys by channel and values by token (KIVI), keys less their mean (SageAttention), probabilities in two levels (SageAttention3). */
export const FIRST_CHOICES: Record<(typeof ALL_ROLES)[number], readonly string[]> = {
  queries: ["int8/row", "nvfp4", "e4m3/row"],
  keys: ["int4(asym)/col", "int4(asym)/128x1", "center+int4/row", "center+nvfp4", "int8(asym)/col"],
  values: ["int4(asym)/row", "int8/row", "nvfp4"],
  probabilities: ["e2m1/16:e4m3/row", "e2m1/16:e4m3", "e4m3"],
};

export interface Triple {
  /** Of the shown tensor. */
  role: TensorRole;
  /** Its name without the role: "model.layers.0.self_attn". */
  of: string;
  tensors: Record<TensorRole, TensorInfo>;
}

/** The triple that a tensor is of; or why there is none. */
export function tripleOf(name: string, find: (name: string) => TensorInfo | undefined): Triple | string {
  const role = TENSOR_ROLES.find((one) => name === one || name.endsWith(`.${one}`));
  if (!role) return `${name} is neither queries nor keys nor values.`;
  const stem = name.slice(0, -role.length);
  const found = TENSOR_ROLES.map((one) => [one, find(stem + one)] as const);
  const missing = found.flatMap(([one, info]) => (info ? [] : [stem + one]));
  if (missing.length > 0) return `There is no ${missing.join(" and no ")} beside ${name}.`;
  return { role, of: stem.replace(/\.$/, ""), tensors: Object.fromEntries(found) as Triple["tensors"] };
}

const sizeOf = ({ shape, view }: TensorInfo) => matrixSize(shape, view);
const sameView = (a: MatrixView, b: MatrixView) => a.split === b.split && a.transpose === b.transpose;

/** Scores of a head: held several times in float64. */
const MOST_SCORES = 2 ** 24;

export interface Order {
  heads: number;
  keyHeads: number;
  /** Multiplications and additions, nearly. */
  operations: number;
  notes: string[];
  /** Of a side, with its recipe in the place of the shown tensor's part. */
  request(of: RunRequest): AttendRequest;
}

/** What is asked of the workers; or why nothing can be. `known`: what the model says of this attention. */
export function orderFor(
  triple: Triple,
  options: AttentionOptions,
  view: MatrixView,
  known: DescribedAttention | null,
): Order | string {
  const { role, tensors } = triple;
  if (!sameView(view, tensors[role].view)) {
    return "Attention has tokens as rows: read the tensor as its usual matrix to see it.";
  }
  const heads = options.heads || known?.heads;
  if (!heads) return "How many heads lie side by side in a row of queries is not known here: say it above.";
  const [[tokens, width], [keyTokens, keyWidth], [, valueWidth]] = TENSOR_ROLES.map((one) => sizeOf(tensors[one]));
  const dim = width / heads;
  if (!Number.isInteger(dim)) return `${width} columns of queries are not ${heads} heads of one width.`;
  const keyHeads = keyWidth / dim;
  if (!Number.isInteger(keyHeads) || keyHeads < 1) {
    return `${heads} heads make queries of ${dim} values, which ${keyWidth} columns of keys are not a multiple of.`;
  }
  if (tokens * keyTokens > MOST_SCORES) {
    return `${tokens} x ${keyTokens} scores of a head are more than a page should hold: the command line takes them.`;
  }
  const own = known !== null && known.heads === heads ? known : null;
  const notes = [
    ...(own && own.cap !== null ? [`The model caps its scores at ${own.cap}: here they are as they are.`] : []),
    ...(own && own.window !== null && own.window < keyTokens
      ? [`In the model a token sees ${own.window} keys: here it sees all before it.`]
      : []),
  ];
  const others = ALL_ROLES.filter((one) => one !== role && options[one].trim() !== "");
  const recipes = Object.fromEntries(others.map((one) => [one, options[one]]));
  return {
    ...{ heads, keyHeads, notes },
    operations: 8 * tokens * keyTokens * (heads * dim + heads * (valueWidth / keyHeads)),
    request: ({ target, recipe, definitions }) => ({
      target,
      tensors: {
        queries: { name: tensors.queries.name, view: tensors.queries.view },
        keys: { name: tensors.keys.name, view: tensors.keys.view },
        values: { name: tensors.values.name, view: tensors.values.view },
      },
      recipes: { ...recipes, [role]: recipe },
      definitions,
      ...{ heads, keyHeads, causal: options.causal, scale: own?.scale ?? null },
    }),
  };
}
