/** Which norm stands before which linear parts, and what its gains say of the inputs that they meet. */
import type { FeedForward, LayerDesign, Linear, Norm, Site } from "../../kernels/network/types.ts";
import type { Target } from "../../kernels/signals/distilled/distil.ts";
import type { Model } from "../models/model.ts";

const weightsOf = (linears: readonly (Linear | null)[]): string[] =>
  linears.flatMap((one) => (one ? [one.weight] : []));
const intoFeed = ({ gate, up }: FeedForward): string[] => weightsOf([gate, up]);

/** The norm whose outputs an input is; null where it is none of a norm's (behind attention, or inside the feed forward), or nothing is known. */
export function normBefore(
  { architecture }: Pick<Model, "architecture">,
  layer: number | "ends",
  site: Site,
): Norm | null {
  if (layer === "ends") return architecture.ends.norm;
  const design: LayerDesign = architecture.design(layer);
  const { projections } = design.attention;
  const attention = weightsOf(
    "fused" in projections ? [projections.fused] : [projections.query, projections.key, projections.value],
  );
  const feed =
    "router" in design.feed
      ? [design.feed.router.weight, ...design.feed.experts.flatMap(intoFeed)]
      : intoFeed(design.feed);
  const reads = (names: readonly string[]) => site.readers.some((name) => names.includes(name));
  if (reads(attention)) return design.beforeAttention;
  if (!reads(feed)) return null;
  return design.beforeFeed ?? (design.parallel ? design.beforeAttention : null);
}

/**
 * What the outputs of a norm are like: their means are its biases (0 without), their deviations the magnitudes of its gains, since what it
 * multiplies has a root mean square of 1 in each token. Null where its gains are not stored. Rejects with UserError, or AbortError.
 */
export async function targetOf(
  model: Pick<Model, "parts" | "weights">,
  layer: number | "ends",
  { weight, bias, plusOne }: Norm,
  signal: AbortSignal,
): Promise<Target | null> {
  const wanted = [weight, bias].flatMap((name) => model.parts.get(name ?? "")?.stored.tensor ?? []);
  const found = await model.weights(layer, signal, async ({ tensor }, read) =>
    wanted.includes(tensor) ? read() : null,
  );
  const gains = weight === null ? undefined : found.get(weight);
  if (!gains) return null;
  const means = bias === null ? undefined : found.get(bias);
  return {
    mean: Float64Array.from(gains, (_, j) => means?.[j] ?? 0),
    std: Float64Array.from(gains, (gain) => Math.abs(plusOne ? 1 + gain : gain)),
    unitRows: true,
  };
}
