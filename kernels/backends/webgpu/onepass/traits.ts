import type { ComputeDevice } from "../device/device.ts";
import type { LeanText } from "../wgsl/lean-fields.ts";
import { probeWgsl } from "../wgsl/probe.ts";

/** How the lean kernels' texts differ between devices. */
export type DeviceTraits = Pick<LeanText, "products" | "subgroup">;

const MOST_STEPS = 5;

/** Asks a device how it multiplies and how it groups threads: see `wgsl/probe.ts`. */
export async function traitsOf(compute: ComputeDevice, rewrite: (text: string) => string): Promise<DeviceTraits> {
  const subgroups = compute.device.features.has("subgroups");
  const pipeline = await compute.pipeline("probe", rewrite(probeWgsl(subgroups)), "main");
  const out = compute.storage("probe", 8);
  const dispatch = { pipeline, label: "probe", buffers: [out], workgroups: 1 };
  const [bytes] = await compute.run([[out, 8]], [dispatch], [[out, 8]]);
  const [wrong, apart] = new Uint32Array(bytes);
  const least = subgroups ? (compute.device.adapterInfo?.subgroupMinSize ?? 1) : 1;
  return { products: wrong === 0 ? "rounded" : "integers", subgroup: neighboursOf(apart, least) };
}

/**
 * Threads that are neighbours in a workgroup and in a subgroup, by the steps that were seen `apart`: a bit each. No more
 * than the least of a device's subgroups, for where sizes vary every kernel may get another one.
 */
export function neighboursOf(apart: number, least: number): number {
  let steps = 0;
  while (steps < MOST_STEPS && 2 ** (steps + 1) <= least && ((apart >> steps) & 1) === 0) steps++;
  return 2 ** steps;
}
