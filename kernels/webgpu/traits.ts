import type { ComputeDevice } from "./device.ts";
import type { LeanText } from "./wgsl/lean-fields.ts";
import { probeWgsl } from "./wgsl/probe.ts";

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
  let steps = 0;
  while (subgroups && steps < MOST_STEPS && ((apart >> steps) & 1) === 0) steps++;
  return { products: wrong === 0 ? "rounded" : "integers", subgroup: 2 ** steps };
}
