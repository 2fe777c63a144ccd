/**
 * What `llama-imatrix --show-statistics` prints of a weight and the same weight one layer before, and of whole layers (`compute_cossim`
 * of tools/imatrix/imatrix.cpp); and, of means, what pull request 14891 of github.com/ggml-org/llama.cpp proposes.
 */
import type { InputStatistics } from "./statistics.ts";

/** Cosine of two vectors; null where one has no length, or they are not of one size. Within -1 and 1. */
export function cosineOf(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  if (a.length !== b.length) return null;
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  const lengths = Math.sqrt(aa) * Math.sqrt(bb);
  return lengths > 0 && lengths < Number.POSITIVE_INFINITY ? Math.min(1, Math.max(-1, dot / lengths)) : null;
}

/**
 * By tensor: the cosine of its sums with those of the tensor with the same role one layer before; null where there is none. Sums, not
 * means: where an expert met more tokens, it counts more, as in llama.cpp.
 */
export function layerCosines(
  tensors: readonly { layer: number | null; role: string; sums: ArrayLike<number> | null }[],
): (number | null)[] {
  const key = (layer: number, role: string) => `${layer} ${role}`;
  const known = new Map(tensors.flatMap((t) => (t.layer === null ? [] : [[key(t.layer, t.role), t] as const])));
  return tensors.map(({ layer, role, sums }) => {
    const before = layer === null ? null : known.get(key(layer - 1, role))?.sums;
    return sums && before ? cosineOf(sums, before) : null;
  });
}

export interface LayerStatistics {
  layer: number;
  channels: number;
  /** Means over the layer's tensors, each counting by its channels: of the totals, of the shares of loud channels, of the cosines. */
  total: number;
  loud: number;
  /** Null where no tensor has one. llama.cpp takes 0 for a missing one, as of all of layer 0. */
  cosine: number | null;
}

/** Whole layers, from the first; tensors outside of layers, and without figures, are left out. */
export function layerStatistics(
  tensors: readonly { layer: number | null; statistics: InputStatistics | null; cosine: number | null }[],
): LayerStatistics[] {
  const layers = new Map<number, { channels: number; total: number; loud: number; cosine: number; with: number }>();
  for (const { layer, statistics, cosine } of tensors) {
    if (layer === null || statistics === null) continue;
    const sums = layers.get(layer) ?? { channels: 0, total: 0, loud: 0, cosine: 0, with: 0 };
    const { channels } = statistics;
    sums.channels += channels;
    sums.total += channels * statistics.total;
    sums.loud += channels * statistics.loud;
    if (cosine !== null) {
      sums.cosine += channels * cosine;
      sums.with += channels;
    }
    layers.set(layer, sums);
  }
  return [...layers]
    .sort(([a], [b]) => a - b)
    .map(([layer, sums]) => ({
      layer,
      channels: sums.channels,
      total: sums.total / sums.channels,
      loud: sums.loud / sums.channels,
      cosine: sums.with > 0 ? sums.cosine / sums.with : null,
    }));
}

/** Of the means of input channels, which a capture keeps and importance matrices of today do not. */
export interface MeanShift {
  /** L2 Dist: between the means of this layer's inputs and those of the layer before. */
  distance: number;
  cosine: number;
  /** ECS, 0 to 1: exp(-distance / 100) |cosine|^10. */
  score: number;
}

/** Null where there is no layer before, or it has another number of channels. Two zero vectors have the cosine 1, one of two 0, as proposed. */
export function meanShift(means: ArrayLike<number>, before: ArrayLike<number> | null): MeanShift | null {
  if (before === null || before.length !== means.length || means.length === 0) return null;
  let [square, a, b] = [0, 0, 0];
  for (let i = 0; i < means.length; i++) {
    square += (means[i] - before[i]) ** 2;
    a += means[i] ** 2;
    b += before[i] ** 2;
  }
  const distance = Math.sqrt(square);
  const cosine = cosineOf(means, before) ?? (a === 0 && b === 0 ? 1 : 0);
  return { distance, cosine, score: Math.exp(-distance / 100) * Math.abs(cosine) ** 10 };
}
