/** From the traits of a model to its designs, parts and sites. */
import type {
  Architecture,
  Attention,
  Experts,
  FeedForward,
  HeadNorm,
  LayerDesign,
  Linear,
  Norm,
  Part,
  Site,
} from "../types.ts";
import { ArchitectureError } from "../types.ts";
import { storedAs } from "./stored.ts";
import { type Family, LLAMA_NAMES, type Names, type Traits } from "./traits.ts";

/** More than any model has; what a file claims beyond it is no model. */
const MOST_LAYERS = 1024;

export function buildArchitecture(family: Family, traits: Traits): Architecture {
  const { layers, width, vocabulary, heads, keyHeads, size } = traits;
  const refuse = (why: string) => new ArchitectureError(`This ${family.label} cannot be: ${why}.`);
  if (layers > MOST_LAYERS) throw refuse(`${layers} layers are more than ${MOST_LAYERS}`);
  if (!Number.isInteger(size)) throw refuse(`${heads} heads do not divide its width of ${width}`);
  if (heads % keyHeads !== 0) throw refuse(`${keyHeads} heads of keys do not divide ${heads} of queries`);
  const names = traits.names ?? LLAMA_NAMES;
  const designs = new Map<number, LayerDesign>();
  const design = (layer: number): LayerDesign => {
    if (!Number.isInteger(layer) || layer < 0 || layer >= layers) throw new RangeError(`There is no layer ${layer}.`);
    let known = designs.get(layer);
    if (!known) {
      known = layerDesign(traits, names, layer);
      designs.set(layer, known);
    }
    return known;
  };
  const { positions } = traits;
  const ends: Architecture["ends"] = {
    embedding: `${names.embedding}.weight`,
    embeddingScale: traits.embeddingScale ?? 1,
    positions: positions ? { name: `${names.positions}.weight`, ...positions } : null,
    embeddingNorm: null,
    norm: names.norm ? norm(traits, names.norm) : null,
    head: linear(names.head, vocabulary, width, traits.bias?.head),
    logitScale: traits.logitScale ?? 1,
    logitCap: traits.logitCap ?? null,
  };
  const stored = storedAs(family, traits, names);
  const partsOf = (of: number | "ends"): Part[] =>
    (of === "ends" ? endParts(ends, traits) : layerParts(design(of), names, of)).map((part) => ({
      ...part,
      stored: stored(part, of),
    }));
  const all = Array.from({ length: layers }, (_, i) => design(i));
  const longest = all.flatMap(({ attention: { rotation } }) => rotation?.longest ?? []);
  const rows = positions ? positions.rows - positions.offset : null;
  const count = (parts: Bare[]) =>
    parts.reduce((sum, { shape, optional }) => (optional ? sum : sum + shape.reduce((a, b) => a * b, 1)), 0);
  return {
    family: family.name,
    about: `${family.label}, ${layers} layers of width ${width}`,
    layers,
    width,
    vocabulary,
    positions: rows ?? (longest.length > 0 ? Math.min(...longest) : null),
    trainedWindow: traits.trainedWindow,
    tied: traits.tied,
    parameters: count(partsOf("ends")) + all.reduce((sum, one, i) => sum + count(layerParts(one, names, i)), 0),
    parts: partsOf,
    sites: (of) => (of === "ends" ? endSites(ends) : layerSites(design(of), of)),
    design,
    ends,
    notes: traits.notes ?? [],
  };
}

const linear = (module: string, outputs: number, inputs: number, bias = false): Linear => ({
  weight: `${module}.weight`,
  bias: bias ? `${module}.bias` : null,
  outputs,
  inputs,
});

function norm({ norm: { kind, epsilon, plusOne = false, bias = false, gain = true } }: Traits, module: string): Norm {
  return {
    kind,
    epsilon,
    plusOne,
    weight: gain ? `${module}.weight` : null,
    bias: bias ? `${module}.bias` : null,
  };
}

function layerDesign(traits: Traits, names: Names, layer: number): LayerDesign {
  const prefix = `${names.layer}${layer}.`;
  const optionalNorm = (module: string | null) => (module === null ? null : norm(traits, prefix + module));
  return {
    attention: attention(traits, names, layer, prefix),
    feed: feed(traits, names, layer, prefix),
    beforeAttention: optionalNorm(names.beforeAttention),
    afterAttention: optionalNorm(names.afterAttention),
    beforeFeed: optionalNorm(names.beforeFeed),
    afterFeed: optionalNorm(names.afterFeed),
    parallel: traits.parallel ?? false,
    residual: traits.residual ?? 1,
  };
}

function attention(traits: Traits, names: Names, layer: number, prefix: string): Attention {
  const { width, heads, keyHeads, size, bias = {}, fused, headNorm, norm } = traits;
  const project = (module: string, count: number) => linear(prefix + module, count * size, width, bias.projections);
  const headNormOf = (module: string): HeadNorm | null =>
    headNorm
      ? {
          kind: headNorm.kind,
          over: headNorm.over,
          plusOne: headNorm.plusOne ?? false,
          epsilon: norm.epsilon,
          weight: `${prefix}${module}.weight`,
          bias: null,
        }
      : null;
  return {
    name: prefix + names.attention,
    heads,
    keyHeads,
    size,
    projections: fused
      ? { fused: project(names.fused, heads + 2 * keyHeads), order: fused }
      : {
          query: project(names.query, heads),
          key: project(names.key, keyHeads),
          value: project(names.value, keyHeads),
        },
    output: linear(prefix + names.output, width, heads * size, bias.output),
    queryNorm: headNormOf(names.queryNorm),
    keyNorm: headNormOf(names.keyNorm),
    rotation: traits.rotation(layer),
    scale: traits.scale?.(layer) ?? size ** -0.5,
    cap: traits.cap ?? null,
    window: traits.window?.(layer) ?? null,
  };
}

function feed(traits: Traits, names: Names, layer: number, prefix: string): FeedForward | Experts {
  const { width, activation } = traits;
  const { inner, gated, fused = false, bias, experts } = traits.feed(layer);
  const one = (at: (module: string) => string): FeedForward => ({
    activation,
    fused,
    gate: gated && !fused ? linear(at(names.gate), inner, width, bias) : null,
    up: fused ? linear(at(names.gateUp), 2 * inner, width, bias) : linear(at(names.up), inner, width, bias),
    down: linear(at(names.down), width, inner, bias),
  });
  if (!experts) return one((module) => prefix + module);
  return {
    router: linear(`${prefix}mlp.gate`, experts.count, width),
    experts: Array.from({ length: experts.count }, (_, i) =>
      one((module) => `${prefix}${module.replace("mlp.", `mlp.experts.${i}.`)}`),
    ),
    chosen: experts.chosen,
    normalized: experts.normalized,
  };
}

/** Whether a layer's feed forward is of experts. */
export const hasExperts = (one: FeedForward | Experts): one is Experts => "experts" in one;

type Bare = Omit<Part, "stored">;

const moduleOf = (weight: string) => weight.replace(/\.weight$/, "");

function linearParts(one: Linear, role: string, site: string): Bare[] {
  return [
    { name: one.weight, shape: [one.outputs, one.inputs], role, linear: true, site },
    ...(one.bias ? [{ name: one.bias, shape: [one.outputs], role: "bias", linear: false, site: null }] : []),
  ];
}

function normParts(one: Norm | null, length: number): Bare[] {
  return [one?.weight, one?.bias].flatMap((name) =>
    name ? [{ name, shape: [length], role: "norm", linear: false, site: null }] : [],
  );
}

/** The names of the inputs that a layer's linears read, with the linears and their roles. */
function inputs(one: LayerDesign): { site: string; readers: [Linear, string][]; expert?: number }[] {
  const { projections, output } = one.attention;
  const projected: [Linear, string][] =
    "fused" in projections
      ? [[projections.fused, "qkv_proj"]]
      : [
          [projections.query, "q_proj"],
          [projections.key, "k_proj"],
          [projections.value, "v_proj"],
        ];
  const first = moduleOf(projected[0][0].weight);
  const groups: { site: string; readers: [Linear, string][]; expert?: number }[] = [
    { site: first, readers: projected },
    { site: moduleOf(output.weight), readers: [[output, "o_proj"]] },
  ];
  const forward = (feed: FeedForward, expert?: number) => {
    const { gate, up, down, fused } = feed;
    const readers: [Linear, string][] = [
      ...(gate ? [[gate, "gate_proj"] as [Linear, string]] : []),
      [up, fused ? "gate_up_proj" : "up_proj"],
    ];
    // In parallel, without a norm of its own, the feed forward reads what the attention does.
    if (expert === undefined && sharesInput(one)) groups[0].readers.push(...readers);
    else groups.push({ site: moduleOf(readers[0][0].weight), readers, expert });
    groups.push({ site: moduleOf(down.weight), readers: [[down, "down_proj"]], expert });
  };
  if (hasExperts(one.feed)) {
    groups.push({ site: moduleOf(one.feed.router.weight), readers: [[one.feed.router, "router"]] });
    for (const [i, expert] of one.feed.experts.entries()) forward(expert, i);
  } else forward(one.feed);
  return groups;
}

/** Whether both halves of a layer read one and the same norm. */
export const sharesInput = (one: LayerDesign): boolean => one.parallel && one.beforeFeed === null;

function layerParts(one: LayerDesign, names: Names, layer: number): Bare[] {
  const { attention, beforeAttention, afterAttention, beforeFeed, afterFeed } = one;
  const { heads, keyHeads, size } = attention;
  const width = attention.output.outputs;
  const headNorm = (norm: HeadNorm | null, count: number): Bare[] => {
    if (!norm?.weight) return [];
    if (norm.over === "own head") {
      // One part a head, stacked by the machine.
      return Array.from({ length: count }, (_, i) => ({
        name: ownHead(norm.weight!, i),
        shape: [size],
        role: "norm",
        linear: false,
        site: null,
      }));
    }
    return normParts(norm, norm.over === "all" ? count * size : size);
  };
  const linears = inputs(one).flatMap(({ site, readers }) =>
    readers.flatMap(([l, role]) => linearParts(l, role, site)),
  );
  const order = (part: Bare) => (part.name.startsWith(`${names.layer}${layer}.${names.attention}.`) ? 0 : 1);
  return [
    ...normParts(beforeAttention, width),
    ...linears.filter((part) => order(part) === 0),
    ...headNorm(attention.queryNorm, heads),
    ...headNorm(attention.keyNorm, keyHeads),
    ...normParts(afterAttention, width),
    ...normParts(beforeFeed, width),
    ...linears.filter((part) => order(part) === 1),
    ...normParts(afterFeed, width),
  ];
}

/** The gain of one head's own norm. */
export const ownHead = (weight: string, head: number): string => weight.replace(/\.weight$/, `.norms.${head}.weight`);

function layerSites(one: LayerDesign, layer: number): Site[] {
  const { name, heads, keyHeads, size } = one.attention;
  const [input, ...others] = inputs(one).map(
    ({ site, readers, expert }): Site => ({
      name: site,
      layer,
      kind: "input",
      readers: readers.map(([{ weight }]) => weight),
      cols: readers[0][0].inputs,
      heads: 1,
      ...(expert !== undefined && { expert }),
    }),
  );
  const headed = (kind: Site["kind"], count: number): Site => ({
    name: `${name}.${kind.replaceAll(" ", "_")}`,
    layer,
    kind,
    readers: [],
    cols: count * size,
    heads: count,
  });
  return [
    input,
    headed("queries before rotation", heads),
    headed("keys before rotation", keyHeads),
    headed("queries", heads),
    headed("keys", keyHeads),
    headed("values", keyHeads),
    ...others,
  ];
}

function endParts(ends: Architecture["ends"], { width, vocabulary, tied }: Traits): Bare[] {
  const { embedding, positions, embeddingNorm, norm, head } = ends;
  const headParts = linearParts(head, "head", moduleOf(head.weight));
  return [
    { name: embedding, shape: [vocabulary, width], role: "embedding", linear: false, site: null },
    ...(positions
      ? [{ name: positions.name, shape: [positions.rows, width], role: "positions", linear: false, site: null }]
      : []),
    ...normParts(embeddingNorm, width),
    ...normParts(norm, width),
    ...headParts.map((part) => (tied && part.linear ? { ...part, optional: true as const } : part)),
  ];
}

const endSites = ({ head }: Architecture["ends"]): Site[] => [
  {
    name: moduleOf(head.weight),
    layer: "ends",
    kind: "input",
    readers: [head.weight],
    cols: head.inputs,
    heads: 1,
  },
];
